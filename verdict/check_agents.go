package verdict

import (
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// agentsThere wants every stream's seconds from before the fault until traffic was
// clean again, and a sign of life from every agent with no gap over MaxHealthGap.
func agentsThere(f *facts) finding {
	want := record.Say("data for every second of every stream from the baseline to the end, and a heartbeat from every agent at least every %d s", MaxHealthGap)
	from, to := f.from, f.owedUntil()
	var wrong []record.Text
	for _, name := range f.streams() {
		for at := from; at < to; at++ {
			if _, ok := f.seconds[name][at]; !ok {
				wrong = append(wrong, record.Say("%s recorded nothing at %s", name, clock(at)))
				break
			}
		}
	}
	for _, v := range f.vantages() {
		last := from
		for _, at := range slices.Sorted(maps.Keys(f.health[v])) {
			if at > last+MaxHealthGap {
				break
			}
			last = max(last, at)
		}
		if to-last > MaxHealthGap {
			wrong = append(wrong, record.Say("no heartbeat from the %s agent after %s", v, clock(last)))
		}
	}
	return met(len(wrong) == 0, want, listed(wrong...).Or(record.Say("no gaps")))
}

// owedUntil is the Unix second until which every stream has to have recorded.
func (f *facts) owedUntil() int64 {
	switch {
	case f.capacity != nil:
		return f.until
	case f.unclean():
		return f.done.Add(-f.start.Plan.Timeout - StopTime).Unix()
	case !f.settled.IsZero():
		stopping := f.done.Add(-f.start.Plan.Timeout - StopTime)
		return max(f.settled.Unix()+CleanSeconds, stopping.Unix())
	case len(f.faults) > 0:
		return f.faults[len(f.faults)-1].Time.Unix()
	}
	return f.to
}

func clocksAgree(f *facts) finding {
	var worst time.Duration
	who := ""
	for v, seconds := range f.health {
		for _, h := range seconds {
			if h.Offset.Abs() > worst || h.Offset.Abs() == worst && worst > 0 && v < who {
				worst, who = h.Offset.Abs(), v
			}
		}
	}
	got := record.Say("at most %s apart", words.Duration(worst))
	if worst > MaxClockShift {
		got = record.Say("the clock of the %s agent is %s off the harness clock", who, words.Duration(worst))
	}
	return met(worst <= MaxClockShift, record.Say("within %s", words.Duration(MaxClockShift)), got)
}

// headroom speaks of the machine, and of what others than the service took of it. What it
// means is excuse's business.
func headroom(f *facts) finding {
	want := record.Say("never %d s at %g %% of all cores or above on average, and at most %g %% of the seconds, unless the service itself used %g %% of all cores; or no failure that saturation could excuse", BusySpan, BusyLimit*100, MaxBusyShare*100, ServiceShare*100)
	got := record.Say("CPU usage of the machine unknown")
	for _, v := range f.vantages() {
		b := f.busy(v, math.MinInt64, math.MaxInt64)
		if b.full() {
			got := record.Say("the machine was saturated: %d of %d seconds at %g %% of all cores or above, and %.0f %% on average in the busiest %d s (measured by the %s agent)",
				b.busy, b.known, BusyLimit*100, 100*b.worst, BusySpan, v)
			return met(false, want, record.Join("; ", got, f.users(b.crowded)))
		}
		if len(b.own) > 0 {
			got := record.Say("the machine was saturated in %d of %d seconds, by the service itself in %d", b.busy+len(b.own), b.known, len(b.own))
			return met(true, want, record.Join("; ", got, f.users(b.own)))
		}
		if b.known > 0 {
			got = record.Join("; ", record.Say("%d of %d seconds saturated, %.0f %% CPU usage on average", b.busy, b.known, 100*b.sum/float64(b.known)), f.users(nil))
		}
	}
	return met(true, want, got)
}

// users is who used how many cores on average in some Unix seconds, in all where none are
// given; empty where nobody knows.
func (f *facts) users(seconds []int64) record.Text {
	if len(seconds) == 0 {
		seconds = slices.Collect(maps.Keys(f.cpu))
	}
	u, ok := f.usage(seconds)
	if !ok {
		return record.Text{}
	}
	return record.Say("the service used %.1f, the cluster %.1f, the harness %.1f, others %.1f of %d cores", u.Service, u.Cluster, u.Harness, u.Others, u.Cores)
}

// usage is the mean of what was used in those of some Unix seconds for which that is known,
// each counted once; false where it is for none.
func (f *facts) usage(seconds []int64) (u record.CPU, ok bool) {
	var known []record.CPU
	for _, at := range slices.Compact(slices.Sorted(slices.Values(seconds))) {
		if c, ok := f.cpu[at]; ok && c.Cores > 0 && c.Service >= 0 {
			known = append(known, c)
		}
	}
	n := float64(len(known))
	for _, c := range known {
		u.Cores = c.Cores
		u.Busy += c.Busy / n
		u.Service += c.Service / n
		u.Cluster += c.Cluster / n
		u.Harness += c.Harness / n
		u.Others += c.Others / n
	}
	return u, len(known) > 0
}

// byService says whether it was the service that filled the machine in Unix seconds in
// which it was full. It did not where that is not known.
func (f *facts) byService(seconds ...int64) bool {
	u, ok := f.usage(seconds)
	return ok && u.Service >= ServiceShare*float64(u.Cores)
}

// excuse has a full machine keep a verdict from being a FAIL, unless what failed cannot be
// its doing; and a PASS from nothing: the load was sent on schedule, and where it was
// served on a full machine it was served.
func excuse(f *facts, checks []Check) {
	i := slices.IndexFunc(checks, func(c Check) bool { return c.Name == headroomCheck })
	kept := !slices.ContainsFunc(checks, func(c Check) bool { return c.Kind == Service && c.Result == Fail })
	if checks[i].Result != Invalid {
		return
	}
	if kept {
		checks[i].Result = Pass
	} else if said := f.tooManyLeft().Or(f.refusedAnyway()).Or(f.failedWithRoom()); !said.IsZero() {
		checks[i].Result, checks[i].Got = Pass, said
	}
}

// tooManyLeft says that more Pods at once were told to go than may be away, which no
// machine does; else nothing.
func (f *facts) tooManyLeft() record.Text {
	if n := f.staying(); n >= 0 && n < f.start.SLO.MinReady {
		return record.Say("the machine was saturated for a while, but saturation does not terminate Pods: at the worst moment %d were not terminating, and %d have to be ready", n, f.start.SLO.MinReady)
	}
	return record.Text{}
}

// refusedAnyway says what the API server refused to a fault for what the service's objects
// say, however long its Pods may take to be ready; else nothing.
func (f *facts) refusedAnyway() record.Text {
	b := f.blocked()
	if b == nil {
		return record.Text{}
	}
	_, most := f.allowsMost()
	for _, r := range b.Refusals {
		waits := r.Code == http.StatusTooManyRequests && !strings.Contains(r.Said, "failed sync") && most != 0
		if r.Whose == record.WhoseService && r.Code > 0 && !waits {
			return record.Say("the machine was saturated for a while, but saturation does not make the API server refuse: %s", short(r.String()))
		}
	}
	return record.Text{}
}

// failedWithRoom says how much of what a stream lost it lost while the machine had room,
// where that is more than may fail, and came before the machine was full or is most of it;
// else nothing.
func (f *facts) failedWithRoom() record.Text {
	var near []int64 // seconds that were full
	for _, v := range f.vantages() {
		near = append(near, f.busy(v, math.MinInt64, math.MaxInt64).crowded...)
	}
	slices.Sort(near)
	first := f.from // that was full, of those that are judged
	if i := slices.IndexFunc(near, func(at int64) bool { return at >= f.from }); i >= 0 {
		first = near[i]
	}
	timeout := int64(math.Ceil(f.start.Plan.Timeout.Seconds()))
	for _, st := range f.sums {
		before, with := 0, 0
		for _, at := range f.judged(st.Name) {
			failed := blamedIn(f.seconds[st.Name][at])
			if at < first-timeout {
				before += failed
			}
			if !slices.ContainsFunc(near, func(full int64) bool { return full-timeout <= at && at <= full+BusySpan }) {
				with += failed
			}
		}
		switch allowed := f.start.SLO.MaxFailed; {
		case before > allowed:
			return record.Say("the machine was saturated for a while, but %s of the %s requests that failed on %s had failed before that", words.Count(before), words.Count(st.Failed), st.Name)
		case with > allowed && 2*with > st.Failed:
			return record.Say("the machine was saturated for a while, but %s of the %s requests that failed on %s failed while it was not", words.Count(with), words.Count(st.Failed), st.Name)
		}
	}
	return record.Text{}
}

// busySeconds is how many seconds the machine was at BusyLimit in, of those known; the
// sum of its busy shares; the highest mean share of BusySpan seconds in a row; and the
// seconds for which it is called full. A mean, because a second's share is a count of
// clock ticks: one that is full reads 97 to 100 %. Seconds that the service filled are its
// own, and none of the busy, the worst or the crowded.
type busySeconds struct {
	busy, known  int
	sum, worst   float64
	crowded, own []int64
}

// full says whether the machine had no headroom.
func (b busySeconds) full() bool {
	return b.worst >= BusyLimit || b.overShare()
}

func (b busySeconds) overShare() bool { return float64(b.busy) > MaxBusyShare*float64(b.known) }

// busy looks at the Unix seconds [from, to) as an agent saw them.
func (f *facts) busy(vantage string, from, to int64) (b busySeconds) {
	var span []float64
	var full []int64
	last := from
	for _, t := range slices.Sorted(maps.Keys(f.health[vantage])) {
		if t < from || t >= to {
			continue
		}
		share := f.health[vantage][t].Busy
		if t != last+1 || share < 0 {
			span = nil
		}
		last = t
		if share < 0 {
			continue
		}
		b.known++
		b.sum += share
		switch {
		case share < BusyLimit:
		case f.byService(t):
			b.own = append(b.own, t)
		default:
			b.busy++
			full = append(full, t)
		}
		if span = append(span, share); len(span) > BusySpan {
			span = span[1:]
		}
		switch m := mean(span); {
		case len(span) < BusySpan:
		case m < BusyLimit:
			b.worst = max(b.worst, m)
		case !f.byService(lastSeconds(t)...):
			b.worst = max(b.worst, m)
			b.crowded = append(b.crowded, lastSeconds(t)...)
		}
	}
	if b.overShare() {
		b.crowded = append(b.crowded, full...)
	}
	return b
}

// lastSeconds are the BusySpan Unix seconds that end with t.
func lastSeconds(t int64) (seconds []int64) {
	for i := range int64(BusySpan) {
		seconds = append(seconds, t-i)
	}
	return seconds
}

func mean(values []float64) (m float64) {
	for _, v := range values {
		m += v / float64(len(values))
	}
	return m
}

func clock(at int64) string { return time.Unix(at, 0).UTC().Format(time.TimeOnly) }
