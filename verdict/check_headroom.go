package verdict

import (
	"maps"
	"math"
	"slices"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// headroom speaks of who had to wait for a core, and of what others than the service took
// of them. What it means is excuse's business.
func headroom(f *facts) finding {
	want := record.Say("no load agent over %s late and no thread of the service waiting %s for a core for %d s on end, nor in more than %g %% of the seconds, unless the service itself used %g %% of all cores; where nobody knows what the service waited, CPU usage below %g %% of all cores is as good; or no failure that saturation could excuse; and no request too slow just while the machine was saturated",
		words.Duration(record.LateAfter), words.Duration(MaxWaited), BusySpan, MaxBusyShare*100, ServiceShare*100, BusyLimit*100)
	got := record.Say("CPU usage of the machine unknown")
	for _, v := range f.vantages() {
		if b := f.busy(v, math.MinInt64, math.MaxInt64); b.full() {
			got := record.Say("the machine was saturated: in %d of %d seconds the %s agent or the service had to wait for a core", len(b.starved), b.known, v)
			return met(false, want, record.Join("; ", got, b.usage(), f.users(b.crowded)))
		}
	}
	for _, v := range f.vantages() {
		b := f.busy(v, math.MinInt64, math.MaxInt64)
		if len(b.own) > 0 {
			return met(true, want, record.Join("; ", b.usage(), record.Say("by the service itself in %d", len(b.own)), f.users(b.own)))
		}
		if b.known > 0 {
			got = record.Join("; ", b.usage(), f.users(nil))
		}
	}
	return met(true, want, got)
}

// usage is how busy the machine was.
func (b busySeconds) usage() record.Text {
	return record.Say("%d of %d seconds saturated, %.0f %% CPU usage on average", len(b.busy)+len(b.own), b.known, 100*b.sum/float64(max(1, b.known)))
}

// users is who used how many cores on average in some Unix seconds, in all where none are
// given, and how long the service waited for one; empty where nobody knows.
func (f *facts) users(seconds []int64) record.Text {
	if len(seconds) == 0 {
		seconds = slices.Collect(maps.Keys(f.cpu))
	}
	u, ok := f.usage(seconds)
	if !ok {
		return record.Text{}
	}
	said := record.Say("the service used %.1f, the cluster %.1f, the harness %.1f, others %.1f of %d cores", u.Service, u.Cluster, u.Harness, u.Others, u.Cores)
	if u.Waited > record.LateAfter {
		said = record.Join("; ", said, record.Say("the service waited up to %s in a second for a core", words.Duration(u.Waited)))
	}
	return said
}

// usage is the mean of what was used in those of some Unix seconds for which that is known,
// each counted once, and the longest wait; false where it is for none.
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
		u.Waited = max(u.Waited, c.Waited)
	}
	return u, len(known) > 0
}

// byService says whether it was the service that filled the machine in Unix seconds in
// which it was full. It did not where that is not known.
func (f *facts) byService(seconds ...int64) bool {
	u, ok := f.usage(seconds)
	return ok && u.Service >= ServiceShare*float64(u.Cores)
}

// busySeconds are how many Unix seconds are known, the sum of the machine's busy shares in
// them, and those that it was at BusyLimit in, by whoever filled it; those in which somebody
// had to wait for a core, the highest mean of BusySpan seconds on end, and the seconds that
// the machine is called full for. Seconds that the service filled are its own, and nobody
// waited in them.
type busySeconds struct {
	known                       int
	sum, worst                  float64
	busy, own, starved, crowded []int64
}

// full says whether the machine had no headroom.
func (b busySeconds) full() bool { return b.worst >= BusyLimit || over(b.starved, b.known) }

// over says whether seconds are more of those that are known than a machine may be full in.
func over(seconds []int64, known int) bool {
	return float64(len(seconds)) > MaxBusyShare*float64(known)
}

// busy looks at the Unix seconds [from, to) as an agent saw them.
func (f *facts) busy(vantage string, from, to int64) (b busySeconds) {
	var span []float64
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
		own := f.byService(t)
		b.known++
		b.sum += share
		switch {
		case share < BusyLimit:
		case own:
			b.own = append(b.own, t)
		default:
			b.busy = append(b.busy, t)
		}
		waited := f.pressure(vantage, t, share)
		if waited >= BusyLimit && !own {
			b.starved = append(b.starved, t)
		}
		if span = append(span, waited); len(span) > BusySpan {
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
	if over(b.starved, b.known) {
		b.crowded = append(b.crowded, b.starved...)
	}
	return b
}

// pressure is 1 where an agent or the service had to wait for a core in a Unix second, and 0
// where not. Where nobody knows what the service waited, it is the busy share of all cores: a
// count of clock ticks, which in a second that is full reads 0.97 to 1.
func (f *facts) pressure(vantage string, t int64, share float64) float64 {
	c := f.cpu[t]
	switch {
	case f.latest(vantage, t) > record.LateAfter:
		return 1
	case c.Threads == 0:
		return share
	case f.madeToWait(t):
		return 1
	}
	return 0
}

// madeToWait says whether a thread of the service is known to have waited for a core for
// nearly all of a Unix second, on a machine that was crowded, and not for the service's own
// use.
func (f *facts) madeToWait(t int64) bool {
	c := f.cpu[t]
	return c.Threads > 0 && c.Waited >= MaxWaited && c.Busy >= CrowdedLimit*float64(c.Cores) && !f.byService(t)
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

// latest is how late an agent sent a request in a Unix second, at the most.
func (f *facts) latest(vantage string, t int64) (late time.Duration) {
	for _, s := range f.start.Plan.Streams {
		if s.Vantage == vantage {
			late = max(late, f.seconds[s.Name()][t].MaxLate)
		}
	}
	return late
}
