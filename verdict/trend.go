package verdict

import (
	"math"
	"slices"
)

// Trend is how a figure moves with time, found by ranks and so by no shape that its
// noise is taken to have. Figures are in the unit of the values, slopes in that unit an
// hour.
type Trend struct {
	Level   float64 `json:"level"`   // median of the blocks
	PerHour float64 `json:"perHour"` // slope
	Low     float64 `json:"low"`     // of the slope, where its 95 % confidence interval begins
	High    float64 `json:"high"`    // and ends
	Noise   float64 `json:"noise"`   // standard deviation of the blocks about the slope
	// Drifts: the interval leaves out 0, and over the run the slope comes to more than
	// DriftNoise times the noise.
	Drifts bool `json:"drifts"`
}

// newTrend looks at one value a block, at least three; hours is how long a block lasts,
// resolution the least difference between values that means anything.
//
// The slope is the median of the slopes between all pairs of blocks, its interval the
// one that Kendall's S gives without regard to a distribution (P. K. Sen, "Estimates of
// the Regression Coefficient Based on Kendall's Tau", JASA 63, 1968; Hollander and Wolfe,
// "Nonparametric Statistical Methods", section 9.3). Neighbouring blocks that resemble
// each other say less than as many strangers: the variance of S is widened by
// (1+r)/(1-r), r being the correlation of neighbours about the slope (Yue and Wang, "The
// Mann-Kendall Test Modified by Effective Sample Size", Water Resources Management 18,
// 2004, for first-order autocorrelation), less its bias of -(2+4r)/n about a slope that
// was taken from the same values. It is never narrowed.
func newTrend(values []float64, hours, resolution float64) Trend {
	n := len(values)
	var slopes []float64
	for i := range n {
		for j := i + 1; j < n; j++ {
			slopes = append(slopes, (values[j]-values[i])/(float64(j-i)*hours))
		}
	}
	slices.Sort(slopes)
	t := Trend{Level: median(values), PerHour: median(slopes)}

	rest := make([]float64, n)
	for i, v := range values {
		rest[i] = v - t.PerHour*float64(i)*hours
	}
	middle := median(rest)
	apart := make([]float64, n)
	for i := range rest {
		rest[i] -= middle
		apart[i] = math.Abs(rest[i])
	}
	// of a normal distribution, the median distance is 1/1.4826 standard deviations
	t.Noise = max(1.4826*median(apart), resolution)

	const z = 1.959964 // 95 % of a normal distribution lies within
	count := float64(n)
	r := min(max(0, (count*neighbours(rest)+2)/(count-4)), 0.95)
	c := z * math.Sqrt(count*(count-1)*(2*count+5)/18*(1+r)/(1-r))
	low := int(math.Floor((float64(len(slopes))-c)/2)) - 1
	low = min(max(0, low), len(slopes)-1)
	t.Low, t.High = slopes[low], slopes[len(slopes)-1-low]
	t.Drifts = (t.Low > 0 || t.High < 0) && math.Abs(t.PerHour)*hours*(count-1) > DriftNoise*t.Noise
	return t
}

// neighbours is the rank correlation of each value with the next, -1 to 1: one block that
// stands out does not hide what the others do.
func neighbours(values []float64) float64 {
	ranks := ranked(values)
	mean := float64(len(ranks)-1) / 2
	product, square := 0.0, 0.0
	for i, r := range ranks {
		square += (r - mean) * (r - mean)
		if i > 0 {
			product += (r - mean) * (ranks[i-1] - mean)
		}
	}
	if square == 0 {
		return 0
	}
	return product / square
}

// ranked gives each value its place in order, from 0; equal ones share theirs.
func ranked(values []float64) []float64 {
	sorted := slices.Sorted(slices.Values(values))
	ranks := make([]float64, len(values))
	for i, v := range values {
		first, _ := slices.BinarySearch(sorted, v)
		last := first
		for last+1 < len(sorted) && sorted[last+1] == v {
			last++
		}
		ranks[i] = float64(first+last) / 2
	}
	return ranks
}

// median is of any values; 0 of none.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
