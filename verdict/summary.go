package verdict

import (
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"hagate/record"
)

// summary is the scenario's figures, before any check.
func (f *facts) summary() Scenario {
	s := Scenario{
		Name:     f.name,
		Promise:  f.start.Promise,
		Labels:   append([]string{}, f.start.Labels...),
		Planned:  f.start.Planned,
		Started:  f.first,
		Ended:    f.last,
		SLO:      f.start.SLO,
		Rate:     f.start.Plan.Rate,
		Streams:  f.sums,
		Phases:   append([]Phase{}, f.phases...),
		Faults:   append([]Fault{}, f.faults...),
		Replicas: f.start.Replicas,
		ReadyLow: f.readyLow(),
		Capacity: f.capacity,
		Wide:     f.wide(),
	}
	s.TimeToRecover, s.Recovered = f.recovery()
	return s
}

// stream adds up one stream.
func (f *facts) stream(name string) Stream {
	st := Stream{Name: name, ByClass: map[string]int{}, Saved: map[string]int{}, Pods: map[string]int{}, Statuses: map[string]int{}}
	for at, s := range f.seconds[name] {
		st.Unmade += record.Sum(s.Failed[classUnmade])
		closed := record.Sum(s.Failed[record.ClassClosed])
		st.ClosedInFlight += closed
		switch {
		case at < f.from:
			st.FailedBefore += blamedIn(s)
			st.closedBefore += closed
			continue
		case f.over(at):
			st.FailedAfter += blamedIn(s)
			continue
		}
		st.Due += s.Due
		st.OK += record.Sum(s.OK)
		st.Retried += s.Retried
		st.Late += s.Late
		st.MaxLate = max(st.MaxLate, s.MaxLate)
		st.Noticed += s.Noticed
		st.Opened += s.Opened
		st.Ended += s.Ended
		for class, slots := range s.Failed {
			if n := record.Sum(slots); n > 0 && class != classUnmade && class != classElsewhere {
				st.ByClass[class] += n
			}
		}
		for class, slots := range s.Saved {
			st.Saved[class] += record.Sum(slots)
		}
		addUp(st.Pods, s.Pods)
		addUp(st.Statuses, s.Status)
	}
	for class, n := range st.ByClass {
		if blamed(class) {
			st.Failed += n
		}
	}
	st.LongestOutage, st.LongestBlackout = f.gaps(name)
	st.Baseline, st.During, st.Whole = f.latencies(name)
	st.Drift = f.drift(name)
	return st
}

// blamed says whether a failure of class is the service's.
func blamed(class string) bool {
	return class != record.ClassClosed && class != record.ClassClient && class != classUnmade && class != classElsewhere
}

// blamedIn counts the failures of a second that are the service's.
func blamedIn(s record.Second) (n int) {
	for class, slots := range s.Failed {
		if blamed(class) {
			n += record.Sum(slots)
		}
	}
	return n
}

func addUp(to, from map[string]int) {
	for k, n := range from {
		to[k] += n
	}
}

// latencies are a stream's: in the clean baseline, from there on, and both. A histogram
// that cannot be read is left out and noted for the check of the accounts.
func (f *facts) latencies(stream string) (baseline, during, whole Latency) {
	times := f.judged(stream)
	if len(times) == 0 {
		return baseline, during, whole
	}
	before, unreadable := f.merged(stream, f.from, f.to)
	all, more := f.merged(stream, f.to, times[len(times)-1]+1)
	f.unreadable = slices.Concat(f.unreadable, unreadable, more)
	during = quantiles(all)
	all.Merge(before)
	return quantiles(before), during, quantiles(all)
}

// merged is the latencies of a stream in the Unix seconds [from, to), in microseconds,
// and what is wrong with those that cannot be read.
func (f *facts) merged(stream string, from, to int64) (sum *hdrhistogram.Histogram, unreadable []record.Text) {
	var all record.LatencySum
	for _, at := range f.within(stream, from, to) {
		text := f.seconds[stream][at].Latency
		if text == "" {
			continue
		}
		if err := all.Add(text); err != nil {
			unreadable = append(unreadable, record.Say("%s at %s: unreadable latencies: %v", stream, clock(at), err))
		}
	}
	return all.Histogram(), unreadable
}

func quantiles(h *hdrhistogram.Histogram) Latency {
	if h.TotalCount() == 0 {
		return Latency{}
	}
	at := func(q float64) time.Duration { return time.Duration(h.ValueAtQuantile(q)) * time.Microsecond }
	return Latency{P50: at(50), P99: at(99), P999: at(99.9), Max: time.Duration(h.Max()) * time.Microsecond}
}
