package reports

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Of an unchanged service one comparison in 20 calls a figure changed, whatever the
// number of earlier runs.
func TestNoiseIsRarelyCalledChange(t *testing.T) {
	const figures, comparisons, sigma = 100, 200, 0.4
	usual := noise{floor: 10, variance: sigma * sigma, freedom: 20}
	for _, runs := range []int{1, 2, 5, 10} {
		random := rand.New(rand.NewPCG(7, uint64(runs)))
		value := func(i int) float64 {
			return math.Exp(float64(i%5)+5+sigma*random.NormFloat64()) - usual.floor
		}
		alarms := 0
		for range comparisons {
			earlier := make([][]float64, figures)
			for i := range earlier {
				for range runs {
					earlier[i] = append(earlier[i], value(i))
				}
			}
			learnt := usual.learn(earlier)
			for i := range earlier {
				if low, high := learnt.interval(earlier[i], familyRisk/figures); value(i) < low || value(i) > high {
					alarms++
					break
				}
			}
		}
		if share := float64(alarms) / comparisons; share > 3*familyRisk {
			t.Errorf("%d earlier runs: %g of the comparisons called noise a change", runs, share)
		}
	}
}

func TestNoise(t *testing.T) {
	never := math.Inf(1)
	usual := noise{floor: 10, variance: 0.09, freedom: 20}
	for _, c := range []struct {
		how       string
		earlier   []float64
		value     float64
		unchanged bool
	}{
		{"the same", []float64{100}, 100, true},
		{"a little more", []float64{100}, 150, true},
		{"many times as much", []float64{100}, 2000, false},
		{"many times less", []float64{2000}, 100, false},
		{"little against the floor", []float64{0}, 10, true},
		{"much against the floor", []float64{0}, 1000, false},
		{"none after few", []float64{8}, 0, true},
		{"never, as before", []float64{never}, never, true},
		{"never, for the first time", []float64{100, 100}, never, false},
		{"never, and not for the first time", []float64{100, never}, never, true},
		{"for the first time", []float64{never}, 100, false},
		{"as sometimes", []float64{100, never}, 100, true},
	} {
		if low, high := usual.interval(c.earlier, 0.001); c.unchanged != (c.value >= low && c.value <= high) {
			t.Errorf("%s: %g lies in %g to %g: want %t", c.how, c.value, low, high, c.unchanged)
		}
	}
}

func TestNoiseLearns(t *testing.T) {
	usual := noise{floor: 1, variance: 0.04, freedom: 10}
	width := func(n noise) float64 {
		low, high := n.interval([]float64{99}, 0.01)
		return math.Log((high + 1) / (low + 1))
	}
	steady, wild := make([][]float64, 20), make([][]float64, 20)
	for i := range steady {
		steady[i] = []float64{99, 99, 99, 99}
		wild[i] = []float64{20, 99, 400, 99}
	}
	if w, s, u := width(usual.learn(wild)), width(usual.learn(steady)), width(usual); w < 2*u || s > u/1.5 {
		t.Errorf("wild %g, usual %g, steady %g", w, u, s)
	}
	if got := usual.learn([][]float64{{99}, {math.Inf(1), 99}, {0, 0, 0}, nil}); got != usual {
		t.Errorf("%+v was learnt from single values and from what never happens", got)
	}
}
