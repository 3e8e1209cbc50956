package reports

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// familyRisk is the chance that a comparison of two runs of an unchanged service calls
// any of its figures changed. It is divided among them (Bonferroni).
const familyRisk = 0.05

// noise is how much a figure differs from run to run of an unchanged service, as a
// standard deviation on the scale log(x + floor): factors count far above the floor,
// differences below it.
type noise struct {
	floor    float64
	variance float64
	freedom  float64 // degrees of freedom that the variance rests on
}

// learn adds what earlier runs show: the values of one figure, a slice a scenario. The
// variances are pooled by their degrees of freedom, what was known before among them
// (the moderated variance of Smyth, "Linear Models and Empirical Bayes Methods", 2004).
func (n noise) learn(scenarios [][]float64) noise {
	squares, freedom := n.variance*n.freedom, n.freedom
	for _, values := range scenarios {
		if len(values) == 0 || slices.Max(values) == 0 {
			continue // what never happens says nothing of how much it differs
		}
		values = n.scale(values)
		if len(values) < 2 {
			continue
		}
		m := mean(values)
		for _, v := range values {
			squares += (v - m) * (v - m)
		}
		freedom += float64(len(values) - 1)
	}
	return noise{n.floor, squares / freedom, freedom}
}

// interval is where the next value lies that is no change from the earlier ones, but for
// a chance of risk: Student's prediction interval. A value that never came is +Inf.
func (n noise) interval(earlier []float64, risk float64) (low, high float64) {
	scaled := n.scale(earlier)
	if len(scaled) == 0 {
		return math.Inf(1), math.Inf(1)
	}
	m := mean(scaled)
	t := distuv.StudentsT{Sigma: 1, Nu: n.freedom}.Quantile(1 - risk/2)
	reach := t * math.Sqrt(n.variance*(1+1/float64(len(scaled))))
	low, high = max(0, math.Exp(m-reach)-n.floor), math.Exp(m+reach)-n.floor
	if len(scaled) < len(earlier) {
		high = math.Inf(1)
	}
	return low, high
}

// scale leaves out what never came.
func (n noise) scale(values []float64) (scaled []float64) {
	for _, v := range values {
		if !math.IsInf(v, 1) {
			scaled = append(scaled, math.Log(v+n.floor))
		}
	}
	return scaled
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
