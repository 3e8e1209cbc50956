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
	streams map[string]map[int64]second // stream name → unix second
}

type second struct {
	due, failed int
	pods        []string
}

func newLive() *live { return &live{streams: map[string]map[int64]second{}} }

// reset forgets everything: another load begins.
func (l *live) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.streams)
}

// observe takes in an entry of an agent.
func (l *live) observe(e record.Entry) {
	if e.Second == nil {
		return
	}
	s := second{due: e.Second.Due, failed: e.Second.FailedTotal()}
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
