package gate

import (
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"hagate/record"
)

// live follows the seconds of the load under way, so that the run knows
// when traffic is clean and who serves it. It decides when to go on, never what the
// verdict is.
type live struct {
	mu      sync.Mutex
	streams map[string]map[int64]second  // stream name → unix second
	busy    map[string]map[int64]float64 // vantage → unix second → share of all cores in use
	cpu     map[int64]record.CPU         // unix second → who used them, where that is known
}

type second struct {
	due, failed int
	late        time.Duration // the most, of a request
	pods        []string
}

func newLive() *live {
	return &live{streams: map[string]map[int64]second{}, busy: map[string]map[int64]float64{}, cpu: map[int64]record.CPU{}}
}

// reset forgets everything: another load begins.
func (l *live) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.streams)
	clear(l.busy)
	clear(l.cpu)
}

// observe takes in an entry of an agent.
func (l *live) observe(e record.Entry) {
	if h := e.Health; h != nil && h.Busy >= 0 {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.busy[h.Vantage] == nil {
			l.busy[h.Vantage] = map[int64]float64{}
		}
		l.busy[h.Vantage][e.Time.Unix()] = h.Busy
	}
	if c := e.CPU; c != nil && c.Cores > 0 && c.Service >= 0 {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.cpu[e.Time.Unix()] = *c
	}
	if e.Second == nil {
		return
	}
	s := second{due: e.Second.Due, failed: e.Second.FailedTotal(), late: e.Second.MaxLate}
	for p := range e.Second.Pods {
		s.pods = append(s.pods, p)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.streams[e.Second.Stream] == nil {
		l.streams[e.Second.Stream] = map[int64]second{}
	}
	l.streams[e.Second.Stream][e.Time.Unix()] = s
}

// usage is what the load under way takes of a machine.
type usage struct {
	busy   float64       // share of all cores in use, on the busiest machine of an agent; -1 where unknown
	own    float64       // share that the run itself uses: service, cluster and harness; -1 where unknown
	late   time.Duration // the most that a request was
	waited time.Duration // the most that a thread of the service waited for a core in a second
}

// usage looks at the first n seconds since. It is false where somebody who tells of a machine
// has not yet told of as many.
func (l *live) usage(since time.Time, n int) (u usage, all bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	u, all = usage{busy: -1, own: -1}, len(l.busy) > 0
	for _, seconds := range l.busy {
		if told := first(seconds, since, n); len(told) < n {
			all = false
		} else {
			var sum float64
			for _, at := range told {
				sum += seconds[at]
			}
			u.busy = max(u.busy, sum/float64(n))
		}
	}
	if told := first(l.cpu, since, n); len(told) < n {
		all = all && len(l.cpu) == 0
	} else {
		u.own = 0
		for _, at := range told {
			c := l.cpu[at]
			u.own += (c.Service + c.Cluster + c.Harness) / float64(c.Cores) / float64(n)
			u.waited = max(u.waited, c.Waited)
		}
	}
	for _, seconds := range l.streams {
		for _, at := range first(seconds, since, n) {
			u.late = max(u.late, seconds[at].late)
		}
	}
	return u, all
}

// first are the first n of seconds since.
func first[T any](seconds map[int64]T, since time.Time, n int) []int64 {
	all := slices.DeleteFunc(slices.Sorted(maps.Keys(seconds)), func(at int64) bool { return time.Unix(at, 0).Before(since) })
	return all[:min(n, len(all))]
}

// clean says whether every stream has n successive whole seconds without a failure,
// the last of them its newest, all begun since. If not, it says what is missing.
func (l *live) clean(plan record.Plan, n int, since time.Time) (bool, record.Text) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, st := range plan.Streams {
		seconds := l.streams[st.Name()]
		var newest int64
		for at := range seconds {
			newest = max(newest, at)
		}
		for at := newest; at > newest-int64(n); at-- {
			s, ok := seconds[at]
			switch {
			case !ok || s.due < plan.Rate || time.Unix(at, 0).Before(since):
				return false, record.Say("%s: fewer than %d whole seconds so far", st.Name(), n)
			case s.failed > 0:
				return false, record.Say("%s: %d of %d requests failed in the second at %s", st.Name(), s.failed, s.due, time.Unix(at, 0).UTC().Format(time.TimeOnly))
			}
		}
	}
	return true, record.Text{}
}

// cleanSpan is the newest span [from, until) of n clean seconds that all streams have in
// common, where there is one.
func (l *live) cleanSpan(plan record.Plan, n int) (from, until time.Time, ok bool) {
	if ok, _ := l.clean(plan, n, time.Time{}); !ok {
		return from, until, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	last := int64(math.MaxInt64)
	for _, st := range plan.Streams {
		last = min(last, slices.Max(slices.Collect(maps.Keys(l.streams[st.Name()]))))
	}
	first := last - int64(n) + 1
	for _, st := range plan.Streams {
		for at := first; at <= last; at++ {
			if s, ok := l.streams[st.Name()][at]; !ok || s.due < plan.Rate || s.failed > 0 {
				return from, until, false
			}
		}
	}
	return time.Unix(first, 0), time.Unix(last+1, 0), true
}

// unserved names the Pods behind the endpoints of want that have answered nothing since
// on some vantage that reaches them.
func (l *live) unserved(plan record.Plan, want []record.Endpoint, since time.Time) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen, reached := map[string]map[string]bool{}, map[string]bool{}
	for _, st := range plan.Streams {
		if seen[st.Vantage] == nil {
			seen[st.Vantage] = map[string]bool{}
		}
		for _, e := range want {
			if st.Reaches(e) {
				reached[st.Vantage+" "+e.Pod] = true
			}
		}
		for at, s := range l.streams[st.Name()] {
			if time.Unix(at, 0).Before(since.Truncate(time.Second)) {
				continue
			}
			for _, p := range s.pods {
				seen[st.Vantage][p] = true
			}
		}
	}
	var missing []string
	for vantage, pods := range seen {
		for _, e := range want {
			if reached[vantage+" "+e.Pod] && !pods[e.Pod] {
				missing = append(missing, e.Pod+" ("+vantage+")")
			}
		}
	}
	slices.Sort(missing)
	return missing
}

// answered are the Pods that have answered on a vantage since, sorted.
func (l *live) answered(plan record.Plan, vantage string, since time.Time) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var pods []string
	for _, st := range plan.Streams {
		for at, s := range l.streams[st.Name()] {
			if st.Vantage == vantage && !time.Unix(at, 0).Before(since.Truncate(time.Second)) {
				pods = append(pods, s.pods...)
			}
		}
	}
	slices.Sort(pods)
	return slices.Compact(pods)
}

func list(s []string) string { return strings.Join(s, ", ") }
