package verdict

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"hagate/record"
)

// ask is what requests have in common that failed, were slow or were tried again, and are kept
// as one: their memory grows with the seconds, not with the requests.
type ask struct {
	second int64
	stream string
	class  string // empty: only slow
	err    string
	pod    string // see record.Request
	status int
	reused bool
	saved  bool // it is what the first try of a success was, which another one followed
}

// asked is how many requests an ask stands for, and the longest time that one took.
type asked struct {
	n       int
	slowest time.Duration
}

// tally is an ask with its requests.
type tally struct {
	ask
	asked
}

func (h *history) ask(at time.Time, r record.Request) {
	key := ask{at.Unix(), r.Stream, r.Class, r.Error, r.Pod, r.Status, r.Reused, false}
	if r.Class == "" && len(r.Tries) > 0 {
		t := r.Tries[0]
		key = ask{at.Unix(), r.Stream, t.Class, t.Error, t.Pod, t.Status, t.Reused, true}
	}
	of := h.asked[key]
	of.n++
	of.slowest = max(of.slowest, r.Latency)
	h.asked[key] = of
}

// tallies are those of the Unix seconds [from, to], in the order of time.
func (f *facts) tallies(from, to int64) []tally {
	if f.sorted == nil {
		for a, of := range f.asked {
			f.sorted = append(f.sorted, tally{a, of})
		}
		slices.SortFunc(f.sorted, func(a, b tally) int {
			return cmp.Or(cmp.Compare(a.second, b.second), strings.Compare(a.stream, b.stream), strings.Compare(a.class, b.class),
				strings.Compare(a.err, b.err), strings.Compare(a.pod, b.pod), cmp.Compare(a.status, b.status), ordered(a.reused, b.reused), ordered(a.saved, b.saved))
		})
	}
	at := func(second int64) int {
		i, _ := slices.BinarySearchFunc(f.sorted, second, func(t tally, s int64) int { return cmp.Compare(t.second, s) })
		return i
	}
	return f.sorted[at(from):at(to+1)]
}

func ordered(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// count adds up the requests of those tallies that fit.
func count(all []tally, fits func(tally) bool) (n int) {
	for _, t := range all {
		if fits(t) {
			n += t.n
		}
	}
	return n
}
