package verdict

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"hagate/record"
)

// burst is failures of all streams of which none lies OutageGap from the next. One
// without any stands for the scenario as a whole.
type burst struct {
	from, to time.Time // slots' beginnings
	failed   map[time.Time]int
	classes  map[string]int
	streams  map[string]int
	asked    []tally // the same, one by one as far as the record has them so
}

// maxBursts is how many are looked at one by one; where there are more, those that lie
// nearest are taken together.
const maxBursts = 100

func (b burst) n() (n int) {
	for _, failed := range b.failed {
		n += failed
	}
	return n
}

// whole says whether b stands for the scenario as a whole.
func (b burst) whole() bool { return len(b.failed) == 0 }

// of counts the failures of some classes.
func (b burst) of(classes ...string) (n int) {
	for _, c := range classes {
		n += b.classes[c]
	}
	return n
}

// mostly says whether at least half of the failures are of some classes.
func (b burst) mostly(classes ...string) bool { return !b.whole() && 2*b.of(classes...) >= b.n() }

// when counts the failures at times that fit.
func (b burst) when(fits func(time.Time) bool) (n int) {
	for at, failed := range b.failed {
		if fits(at) {
			n += failed
		}
	}
	return n
}

// span is from the first failure to the last.
func (b burst) span() time.Duration { return b.to.Sub(b.from) }

// and is the failures of both, of which other's are the later.
func (b burst) and(other burst) burst {
	if b.whole() {
		return other
	}
	sum := burst{from: b.from, to: other.to, failed: maps.Clone(b.failed), classes: maps.Clone(b.classes), streams: maps.Clone(b.streams), asked: slices.Concat(b.asked, other.asked)}
	addTo(sum.failed, other.failed)
	addTo(sum.classes, other.classes)
	addTo(sum.streams, other.streams)
	return sum
}

func addTo[K comparable](to, from map[K]int) {
	for k, n := range from {
		to[k] += n
	}
}

// bursts are the failures that count: from the turn on; where some before it are the
// service's as well, from the load's beginning. closed has those among them that
// met a closing connection.
func (f *facts) bursts(closed bool) []burst {
	from := f.turn.Add(-time.Duration(f.lead()) * time.Second)
	early := f.to-f.from < CleanSeconds
	for _, st := range f.sums {
		early = early || st.FailedBefore > 0 || closed && st.closedBefore > 0
	}
	if early {
		from = time.Unix(min(f.firstSecond(), f.from), 0)
	}
	return f.burstsOf(from, false, func(class string) bool { return blamed(class) || closed && class == record.ClassClosed })
}

// saved are the first tries that failed of requests that succeeded as they were tried again.
func (f *facts) saved() []burst {
	return f.burstsOf(time.Unix(f.from, 0), true, func(string) bool { return true })
}

// burstsOf are the failures from a time on of the classes that count; of first tries that
// another one saved instead.
func (f *facts) burstsOf(from time.Time, saved bool, counts func(class string) bool) []burst {
	type slot struct {
		at            time.Time
		class, stream string
		n             int
	}
	var slots []slot
	for _, name := range f.streams() {
		for _, second := range f.times(name) {
			by := f.seconds[name][second].Failed
			if saved {
				by = f.seconds[name][second].Saved
			}
			for class, failed := range by {
				for i, n := range failed {
					at := time.Unix(second, 0).Add(time.Duration(i) * Slot).UTC()
					if n > 0 && counts(class) && !at.Before(from) {
						slots = append(slots, slot{at, class, name, n})
					}
				}
			}
		}
	}
	slices.SortFunc(slots, func(a, b slot) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.class, b.class), strings.Compare(a.stream, b.stream))
	})
	var all []burst
	for gap := OutageGap; gap > 0; gap *= 2 {
		all = nil
		for _, s := range slots {
			if len(all) == 0 || s.at.Sub(all[len(all)-1].to) >= gap {
				all = append(all, burst{from: s.at, failed: map[time.Time]int{}, classes: map[string]int{}, streams: map[string]int{}})
			}
			b := &all[len(all)-1]
			b.to = s.at
			b.failed[s.at] += s.n
			b.classes[s.class] += s.n
			b.streams[s.stream] += s.n
		}
		if len(all) <= maxBursts {
			break
		}
	}
	for i := range all {
		for _, t := range f.tallies(all[i].from.Unix(), all[i].to.Unix()) {
			if t.class != "" && t.saved == saved && counts(t.class) {
				all[i].asked = append(all[i].asked, t)
			}
		}
	}
	return all
}
