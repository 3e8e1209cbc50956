package verdict

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"hagate/record"
)

// way is one that requests go to the service: from where, to which address, and whether its
// name is looked up for every connection.
type way struct {
	vantage, url string
	freshNames   bool
}

func wayOf(p record.Plan, st record.Stream) way { return way{st.Vantage, st.URL, p.FreshNames} }

// classUnmade is the class, within the judge, of what failed since the harness had not yet
// made a way to the service.
const classUnmade = "unmade"

// classElsewhere is the class, within the judge, of what failed in a second that an earlier
// scenario has as well, to which it is charged.
const classElsewhere = "elsewhere"

// recorded is a Unix second of a stream.
type recorded struct {
	stream string
	at     int64
}

// recordedBefore are those of the named scenario that one before it has as well: a second
// that ends one may begin the next, and is the same then. What differs is of another load.
func (j *Judge) recordedBefore(name string) map[recorded]bool {
	all := map[recorded]bool{}
	if j.histories[name] == nil {
		return all
	}
	for _, other := range j.order {
		if other == name {
			break
		}
		for stream, seconds := range j.histories[other].seconds {
			for at, s := range seconds {
				if same, ok := j.histories[name].seconds[stream][at]; ok && reflect.DeepEqual(same, s) {
					all[recorded{stream, at}] = true
				}
			}
		}
	}
	return all
}

// waysBefore are those that carried an answer in the scenarios before the named one.
func (j *Judge) waysBefore(name string) map[way]bool {
	open := map[way]bool{}
	for _, other := range j.order {
		if other == name {
			break
		}
		h := j.histories[other]
		for _, st := range h.start.Plan.Streams {
			for _, s := range h.seconds[st.Name()] {
				if record.Sum(s.OK) > 0 {
					open[wayOf(h.start.Plan, st)] = true
					break
				}
			}
		}
	}
	return open
}

// setApart takes what an earlier scenario is charged with from the service's failures, and
// what failed since a way to the service was not made yet. The harness makes them: Services
// of type NodePort and LoadBalancer, a Pod and a host that send. So a way's first answer in
// the run shows when it was there, and what found no connection before that, as the load
// began or while the service answered on another way, is the harness's. A way that never
// carries an answer shows nothing, and its failures stay the service's.
func (f *facts) setApart(before map[recorded]bool) {
	began := f.firstSecond() + int64(WarmUp/time.Second)
	seconds := maps.Clone(f.seconds)
	for stream, of := range seconds {
		for at, s := range of {
			if before[recorded{stream, at}] && s.FailedTotal() > 0 {
				of = maps.Clone(of)
				of[at] = elsewhere(s)
			}
		}
		seconds[stream] = of
	}
	for _, st := range f.start.Plan.Streams {
		w := wayOf(f.start.Plan, st)
		first, ok := f.firstAnswer(w)
		if f.open[w] || !ok {
			continue
		}
		of := maps.Clone(seconds[st.Name()])
		for at, s := range of {
			if at <= first/record.SlotsPerSecond && (at < began || f.answersBeside(w, at)) {
				of[at] = f.unmade(at, s, int(first-at*record.SlotsPerSecond))
			}
		}
		seconds[st.Name()] = of
	}
	h := *f.history
	h.seconds = seconds
	f.history = &h
}

// firstAnswer is the slot, counted from the epoch, in which a request was due that was the
// first to be answered on a way; false where none was.
func (f *facts) firstAnswer(w way) (first int64, ok bool) {
	for _, st := range f.start.Plan.Streams {
		if wayOf(f.start.Plan, st) != w {
			continue
		}
		for at, s := range f.seconds[st.Name()] {
			for i, n := range s.OK {
				if slot := at*record.SlotsPerSecond + int64(i); n > 0 && (!ok || slot < first) {
					first, ok = slot, true
				}
			}
		}
	}
	return first, ok
}

// answersBeside says whether another way carried an answer in a Unix second.
func (f *facts) answersBeside(w way, at int64) bool {
	for _, st := range f.start.Plan.Streams {
		if wayOf(f.start.Plan, st) != w && record.Sum(f.seconds[st.Name()][at].OK) > 0 {
			return true
		}
	}
	return false
}

// unmade is the second s, at a Unix second, with what found no connection before a slot in
// that class.
func (f *facts) unmade(at int64, s record.Second, before int) record.Second {
	failed := map[string][]int{}
	var early []int
	for class, slots := range s.Failed {
		if class == record.ClassRefused || class == record.ClassNetwork || class == record.ClassDNS || class == record.ClassTimeout && !f.waited(at, s.Stream) {
			slots = slices.Clone(slots)
			gone := slots[:min(before, len(slots))]
			early = addSlots(early, gone)
			clear(gone)
		}
		failed[class] = slots
	}
	failed[classUnmade] = early
	s.Failed = failed
	return s
}

// waited says whether a request of a stream that timed out had a connection, among those
// due in a Unix second.
func (f *facts) waited(at int64, stream string) bool {
	return count(f.tallies(at, at), func(t tally) bool {
		return t.stream == stream && t.class == record.ClassTimeout && !strings.HasPrefix(t.err, "connect") && !strings.HasPrefix(t.err, "lookup")
	}) > 0
}

// elsewhere is the second s with all that failed in that class.
func elsewhere(s record.Second) record.Second {
	var all []int
	for _, slots := range s.Failed {
		all = addSlots(all, slots)
	}
	s.Failed = map[string][]int{classElsewhere: all}
	return s
}

// addSlots adds the counts of slots to those of sum, which grows as it must.
func addSlots(sum, slots []int) []int {
	sum = append(sum, make([]int, max(0, len(slots)-len(sum)))...)
	for i, n := range slots {
		sum[i] += n
	}
	return sum
}
