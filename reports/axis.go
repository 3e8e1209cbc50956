package reports

import (
	"fmt"
	"math"
	"time"
)

// axis maps times to x. All panels of a chart share one.
type axis struct {
	from, to    time.Time
	zero        time.Time // shown as 0: the fault
	left, right float64
}

// x is t's place, kept within the panel.
func (a axis) x(t time.Time) float64 {
	share := float64(t.Sub(a.from)) / float64(max(1, a.to.Sub(a.from)))
	return a.left + min(1, max(0, share))*(a.right-a.left)
}

func (a axis) holds(t time.Time) bool { return !t.Before(a.from) && !t.After(a.to) }

// ticks are round times about 90 units apart, with their labels.
func (a axis) ticks() (at []time.Time, labels []string) {
	span := a.to.Sub(a.from).Seconds()
	step := max(0.001, niceStep(span*90/(a.right-a.left))) // labels are to a millisecond
	first := math.Ceil(a.from.Sub(a.zero).Seconds()/step) * step
	for s := first; s <= a.to.Sub(a.zero).Seconds(); s += step {
		at = append(at, a.zero.Add(time.Duration(s*1e9)))
		switch shown := math.Round(s*1000) / 1000; {
		case shown == 0:
			labels = append(labels, "0")
		case shown > 0:
			labels = append(labels, fmt.Sprintf("+%g s", shown))
		default:
			labels = append(labels, fmt.Sprintf("−%g s", -shown))
		}
	}
	return at, labels
}

// niceStep is the smallest of 1, 2, 5 × 10ⁿ that is at least least.
func niceStep(least float64) float64 {
	if least <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(least)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= least*0.999 {
			return m * power
		}
	}
	return 10 * power
}
