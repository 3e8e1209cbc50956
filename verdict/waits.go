package verdict

import (
	"time"

	"hagate/record"
)

// Waits is what a run's time went into.
type Waits struct {
	Whole      time.Duration // from the first entry of the record to the last
	Kubernetes time.Duration // of it, nodes and Pods coming up, and from each fault until what it did was made good
	Clean      time.Duration // of it, clean traffic before faults and after recoveries
}

// Ratio is the whole against what Kubernetes itself took; 0 where that was nothing.
func (w Waits) Ratio() float64 {
	if w.Kubernetes == 0 {
		return 0
	}
	return w.Whole.Seconds() / w.Kubernetes.Seconds()
}

// Waits adds up the steps of bringing the run up and the phases of all scenarios.
func (v Verdict) Waits() Waits {
	w := Waits{Whole: v.Ended.Sub(v.Started)}
	for _, t := range v.Timings {
		if t.Kubernetes {
			w.Kubernetes += t.Took
		}
	}
	var counted time.Time // clean traffic, until then
	for _, s := range v.Scenarios {
		for i, p := range s.Phases {
			end := s.Ended
			if i+1 < len(s.Phases) {
				end = s.Phases[i+1].Time
			}
			switch p.Name {
			case record.FaultIn, record.Recovery:
				w.Kubernetes += end.Sub(p.Time)
			case record.Baseline, record.Settled:
				began := p.Time
				if began.Before(counted) { // the clean seconds of the scenario before
					began = counted
				}
				w.Clean += max(0, end.Sub(began))
				counted = end
			}
		}
	}
	return w
}
