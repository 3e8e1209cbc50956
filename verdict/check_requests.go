package verdict

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hagate/verdict/words"
)

func failedRequests(f *facts) finding {
	allowed := f.start.SLO.MaxFailed
	total, over := 0, false
	var parts []string
	by := map[string]int{}
	for _, st := range f.sums {
		total += st.Failed
		over = over || st.Failed > allowed
		if st.Failed > 0 {
			parts = append(parts, st.Name+" "+words.Count(st.Failed))
		}
		for class, n := range st.ByClass {
			by[class] += n
		}
	}
	want := fmt.Sprintf("at most %s on each stream", words.Count(allowed))
	if total == 0 {
		return met(true, want, "none failed")
	}
	got := fmt.Sprintf("%s requests failed: %s (%s)", words.Count(total), strings.Join(parts, ", "), classes(by))
	if over {
		allows := "; allowed: %s"
		if allowed > 0 {
			allows = "; allowed: %s a stream"
		}
		got += fmt.Sprintf(allows, words.Count(allowed))
	}
	return met(!over, want, got)
}

// classes is "9 refused, 2 timeout", most first.
func classes(by map[string]int) string {
	names := slices.SortedFunc(maps.Keys(by), func(a, b string) int { return cmp.Or(by[b]-by[a], strings.Compare(a, b)) })
	var parts []string
	for _, c := range names {
		if blamed(c) {
			parts = append(parts, words.Count(by[c])+" "+c)
		}
	}
	return strings.Join(parts, ", ")
}

func closedInFlight(f *facts) finding {
	allowed := f.start.SLO.MaxClosedInFlight
	over := false
	var parts []string
	for _, st := range f.sums {
		if n := st.ClosedInFlight; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", st.Name, words.Count(n)))
			over = over || n > allowed
		}
	}
	want := fmt.Sprintf("at most %s on each stream", words.Count(allowed))
	if len(parts) == 0 {
		return met(true, want, "none")
	}
	return met(!over, want, "requests met a closing connection: "+strings.Join(parts, ", "))
}

func outage(f *facts) finding {
	return worst(f, "the longest outage was %s (%s)", f.start.SLO.MaxOutage, func(s Stream) time.Duration { return s.LongestOutage })
}

func blackout(f *facts) finding {
	return worst(f, "the longest time without one success was %s (%s)", f.start.SLO.MaxBlackout, func(s Stream) time.Duration { return s.LongestBlackout })
}

// worst compares the stream that was worst with what is allowed.
func worst(f *facts, format string, allowed time.Duration, of func(Stream) time.Duration) finding {
	var most time.Duration
	where := ""
	for _, st := range f.sums {
		if d := of(st); d > most {
			most, where = d, st.Name
		}
	}
	want := "at most " + words.Duration(allowed)
	if most == 0 {
		return met(true, want, "none")
	}
	return met(most <= allowed, want, fmt.Sprintf(format, words.Duration(most), where))
}

func slowest(f *facts) finding {
	if f.start.SLO.MaxLatency == 0 {
		return skipped("the scenario sets no limit")
	}
	return worst(f, "the slowest success took %s (%s)", f.start.SLO.MaxLatency, func(s Stream) time.Duration { return s.Whole.Max })
}

// settledClean looks at the last whole seconds of each stream. What met a closing
// connection has a limit of its own.
func settledClean(f *facts) finding {
	want := fmt.Sprintf("at least %d clean seconds at the end of every stream", CleanSeconds)
	var wrong []string
	least := -1
	for _, name := range f.streams() {
		n := 0
		at := f.judged(name)
		for i := len(at) - 1; i >= 0; i-- {
			s := f.seconds[name][at[i]]
			if blamedIn(s) > 0 {
				break
			}
			if f.whole(at[i], s) {
				n++
			}
		}
		if n < CleanSeconds {
			wrong = append(wrong, fmt.Sprintf("%s had only %d clean seconds at the end", name, n))
		}
		if least < 0 || n < least {
			least = n
		}
	}
	return met(len(wrong) == 0, want, listed(wrong, fmt.Sprintf("%d clean seconds", least)))
}
