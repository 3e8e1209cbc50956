package verdict

import (
	"math"
	"slices"

	"hagate/record"
	"hagate/verdict/words"
)

// EndsEach is the share of answers that end their connection from which on a service is
// said to end each.
const EndsEach = 0.9

// connectionsReused wants kept-alive streams to have been just that: no more connections
// opened than a client opens that keeps as many idle as the plan says.
func connectionsReused(f *facts) finding {
	want := record.Say("on each kept-alive stream no more connections opened than by a client pool with %d idle ones: those, the requests in flight beyond them, and one for each connection that broke or that the server closed", f.start.Plan.Connection)
	if pause := f.start.Plan.ThinkTime; pause > 0 {
		want = record.Join("; ", want, record.Say("none is reused before it has been idle for %s", words.Duration(pause)))
	}
	var wrong, got []record.Text
	reused, each := 0, 0
	for _, st := range f.start.Plan.Streams {
		if st.Mode != record.Reused {
			continue
		}
		sum := f.sums[slices.IndexFunc(f.sums, func(s Stream) bool { return s.Name == st.Name() })]
		if reused++; sum.endsEach() {
			each++
			continue
		}
		if most := f.mayOpen(sum); float64(sum.Opened) > most {
			wrong = append(wrong, record.Say("%s opened %s connections for %s requests, and needed %s at most", sum.Name, words.Count(sum.Opened), words.Count(sum.Due), words.Count(int(most))))
		}
		got = append(got, record.Say("%s %s for %s requests", sum.Name, words.Count(sum.Opened), words.Count(sum.Due)))
	}
	switch {
	case reused == 0:
		return skipped(record.Say("no stream keeps connections alive"))
	case len(wrong) > 0:
		return met(false, want, record.Say("kept-alive clients were not simulated: %s", listed(wrong...)))
	case each == reused:
		return met(true, want, record.Say("the service closes each connection after one response"))
	}
	return met(true, want, record.Say("connections opened: %s", listed(got...)))
}

// endsEach says whether the server ended next to every connection after one answer:
// with the answer, or behind it.
func (s Stream) endsEach() bool {
	return s.Due > 0 && float64(s.Ended+s.Noticed+s.ByClass[record.ClassClosed]+s.Saved[record.ClassClosed]) >= EndsEach*float64(s.Due)
}

// mayOpen bounds the connections that a stream has reason to open.
//
// A pool fills when a load begins and once more where its connections are renewed: what
// it keeps, and all that is in flight then. Each connection that broke or that the server
// ended is replaced, and a further try goes on another one. Beyond that one is opened only
// in place of one that was hung up as too many were idle, and for k of those in a row the
// number in flight has to fall by k and all that are spare, and to rise again. Those are all
// that are kept but the ones whose clients pause. They are used again on the way: where it
// swings by no more than n, at most (n - spare)/n of the requests open one.
func (f *facts) mayOpen(st Stream) float64 {
	plan := f.start.Plan
	kept, spare := float64(plan.Connection), float64(plan.Connection-plan.Thinking())
	may := 2*kept + float64(st.Noticed+st.Ended+st.Retried*plan.Retries)
	for class, n := range st.ByClass {
		if class != record.ClassStatus4 && class != record.ClassStatus5 { // a whole answer came
			may += float64(n)
		}
	}
	if float64(st.Opened) <= may {
		return may
	}
	most := 0.0
	for _, s := range f.swings(st.Name) {
		most = max(most, s.most)
		may += float64(s.due) * max(0, 1-spare/max(1, s.by))
	}
	return may + 2*most
}

// swing is how many requests of a stream were in flight at the most in a second, and by
// how many their number may have risen and fallen.
type swing struct {
	due      int
	most, by float64
}

// swings are a stream's, second by second. Between the slowest and the fastest success,
// at so many a second, lie those that may be in flight or not; so may all that failed.
func (f *facts) swings(stream string) (all []swing) {
	type second struct {
		at           int64
		due, failed  int
		least, worst float64 // latency, seconds
	}
	plan := f.start.Plan
	before := int64(math.Ceil((plan.Timeout + plan.ThinkTime).Seconds())) + 1 // seconds whose requests may be in flight, or their clients pause
	var near []second
	for _, at := range f.judged(stream) {
		s := f.seconds[stream][at]
		now := second{at: at, due: s.Due, failed: s.FailedTotal(), least: math.Inf(1)}
		if h, err := record.DecodeLatency(s.Latency); err == nil && h.TotalCount() > 0 {
			now.least, now.worst = float64(h.Min())/1e6, float64(h.Max())/1e6
		}
		near = append(near, now)
		for near[0].at < at-before {
			near = near[1:]
		}
		rate, failed, least, worst := 0, 0, math.Inf(1), 0.0
		for _, n := range near {
			rate, failed = max(rate, n.due), failed+n.failed
			least, worst = min(least, n.least), max(worst, n.worst)
		}
		most := float64(rate)*worst + float64(failed)
		all = append(all, swing{due: s.Due, most: most, by: min(most, float64(rate)*max(0, worst-least)+2*float64(failed))})
	}
	return all
}
