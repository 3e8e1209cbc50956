package verdict

import (
	"maps"
	"math"
	"slices"

	"hagate/record"
	"hagate/verdict/words"
)

// headroom speaks of the machine, and of what others than the service took of it. What it
// means is excuse's business.
func headroom(f *facts) finding {
	want := record.Say("never %d s at %g %% of all cores or above on average, and at most %g %% of the seconds, unless the service itself used %g %% of all cores; or no failure that saturation could excuse; and no request too slow just while it was saturated", BusySpan, BusyLimit*100, MaxBusyShare*100, ServiceShare*100)
	got := record.Say("CPU usage of the machine unknown")
	for _, v := range f.vantages() {
		b := f.busy(v, math.MinInt64, math.MaxInt64)
		if b.full() {
			got := record.Say("the machine was saturated: %d of %d seconds at %g %% of all cores or above, and %.0f %% on average in the busiest %d s (measured by the %s agent)",
				len(b.busy), b.known, BusyLimit*100, 100*b.worst, BusySpan, v)
			return met(false, want, record.Join("; ", got, f.users(b.crowded)))
		}
		if len(b.own) > 0 {
			got := record.Say("the machine was saturated in %d of %d seconds, by the service itself in %d", len(b.busy)+len(b.own), b.known, len(b.own))
			return met(true, want, record.Join("; ", got, f.users(b.own)))
		}
		if b.known > 0 {
			got = record.Join("; ", record.Say("%d of %d seconds saturated, %.0f %% CPU usage on average", len(b.busy), b.known, 100*b.sum/float64(b.known)), f.users(nil))
		}
	}
	return met(true, want, got)
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

// busySeconds are the Unix seconds that the machine was at BusyLimit in, and how many are
// known; the sum of its busy shares; the highest mean share of BusySpan seconds in a row; and
// the seconds for which it is called full. A mean, because a second's share is a count of
// clock ticks: one that is full reads 97 to 100 %. Seconds that the service filled are its
// own, and none of the busy, the worst or the crowded.
type busySeconds struct {
	known              int
	sum, worst         float64
	busy, crowded, own []int64
}

// full says whether the machine had no headroom.
func (b busySeconds) full() bool {
	return b.worst >= BusyLimit || b.overShare()
}

func (b busySeconds) overShare() bool { return float64(len(b.busy)) > MaxBusyShare*float64(b.known) }

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
		b.known++
		b.sum += share
		switch {
		case share < BusyLimit:
		case f.byService(t):
			b.own = append(b.own, t)
		default:
			b.busy = append(b.busy, t)
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
		b.crowded = append(b.crowded, b.busy...)
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
