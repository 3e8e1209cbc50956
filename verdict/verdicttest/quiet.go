package verdicttest

import (
	"math"
	"slices"
	"time"

	"hagate/record"
)

// Rates are those of Raised, in requests/second of each stream. The second is promised.
var Rates = []int{100, 150, 225, 338}

// Raised is a scenario in which the load is raised until it is stopped after the step
// with the last of rates. edit, where it is given, may change every Second, Health and CPU of
// the rate that was planned for its second.
func Raised(rates []int, edit func(rate int, e *record.Entry)) []record.Entry {
	s := newQuiet("capacity", "The declared replicas carry more than the declared load.")
	s.start.SLO.MinRate = 150
	s.start.Plan.From = s.time(4)
	for _, r := range Rates {
		s.start.Plan.Steps = append(s.start.Plan.Steps, record.Step{Rate: r, Seconds: 10})
	}
	s.phase(0.1, record.Baseline)
	to := 4.0
	for i := range rates {
		if i > 0 {
			s.phase(to+0.01, record.StepUp)
		}
		to += 10
	}
	s.phase(to+6, record.Done)
	s.quiet(4, to+3, func(string, float64) time.Duration { return 700 * time.Microsecond })
	for i := range s.items {
		if e := &s.items[i].entry; edit != nil && (e.Second != nil || e.Health != nil || e.CPU != nil) {
			edit(s.start.Plan.RateAt(e.Time.Unix()), e)
		}
	}
	return s.entries()
}

// Steady is a scenario without a fault in which median is that of a stream's latencies
// at a moment, in seconds after the beginning.
func Steady(length time.Duration, median func(stream string, at float64) time.Duration) []record.Entry {
	s := newQuiet("steady", "Left alone, the service answers every request.")
	end := 8 + length.Seconds()
	s.phase(0.1, record.Baseline)
	s.phase(8, record.Settled)
	s.phase(end+0.5, record.Done)
	s.quiet(1, end, median)
	return s.entries()
}

// newQuiet is a scene without a fault, and without phases yet.
func newQuiet(name, promise string) *scene {
	s := newScene(name, promise, Began)
	s.start.NoFault = true
	s.start.SLO.MinReady = 3
	s.items = slices.DeleteFunc(s.items, func(i item) bool { return i.entry.Phase != nil })
	return s
}

func (s *scene) phase(at float64, name string) {
	s.at(at, record.Entry{Phase: &record.Phase{Name: name}})
}

// quiet sends what is planned for the seconds [from, to) on every stream, and none fails.
func (s *scene) quiet(from, to float64, median func(stream string, at float64) time.Duration) {
	for at := from; at < to; at++ {
		rate := s.start.Plan.RateAt(s.time(at).Unix())
		for i, st := range s.start.Plan.Streams {
			sec := record.Second{Stream: st.Name(), Due: rate, OK: make([]int, record.SlotsPerSecond), Pods: map[string]int{}, Status: map[string]int{"200": rate}, MaxLate: 4 * time.Millisecond}
			h := record.NewLatency()
			for n := range rate {
				sec.OK[n*record.SlotsPerSecond/rate]++
				sec.Pods[s.old[(i+n)%len(s.old)].name]++
				record.AddLatency(h, time.Duration(float64(median(st.Name(), at))*math.Exp(0.35*s.rng.NormFloat64())))
			}
			text, err := record.EncodeLatency(h)
			if err != nil {
				panic(err)
			}
			sec.Latency = text
			s.atClock(at, at+1.2, record.Entry{Clock: st.Vantage, Second: &sec})
		}
		for _, v := range []string{record.InCluster, record.External} {
			s.at(at+0.5, record.Entry{Clock: v, Health: &record.Health{Vantage: v, Busy: s.busy, Own: 90 * time.Millisecond, Offset: 3 * time.Millisecond, Workers: 2}})
		}
		s.at(at+0.5, s.used())
	}
}
