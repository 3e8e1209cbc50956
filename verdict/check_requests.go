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
	total, before, after, retried, over := 0, 0, 0, 0, false
	var parts []string
	by := map[string]int{}
	for _, st := range f.sums {
		n := st.Charged()
		total, before, after = total+n, before+st.FailedBefore, after+st.FailedAfter
		over, retried = over || n > allowed, retried+st.Retried
		if n > 0 {
			parts = append(parts, st.Name+" "+words.Count(n))
		}
		for class, n := range st.ByClass {
			by[class] += n
		}
	}
	want, again := fmt.Sprintf("at most %s on each stream", words.Count(allowed)), ""
	if n := f.start.Plan.Retries; n > 0 {
		want += fmt.Sprintf("; retries of each: at most %d", n)
		again = fmt.Sprintf("; %s needed a retry", words.Count(retried))
	}
	got := "none failed"
	if total == 0 {
		return met(true, want, got+again)
	}
	got = fmt.Sprintf("%s requests failed: %s", words.Count(total), strings.Join(parts, ", "))
	if c := classes(by); c != "" {
		got += " (" + c + ")"
	}
	if before > 0 {
		got += fmt.Sprintf("; %s of them before the fault was injected", words.Count(before))
	}
	if after > 0 {
		got += fmt.Sprintf("; %s of them after the scenario's end, before the next fault", words.Count(after))
	}
	if over {
		allows := "; allowed: %s"
		if allowed > 0 {
			allows = "; allowed: %s a stream"
		}
		got += fmt.Sprintf(allows, words.Count(allowed))
	}
	return met(!over, want, got+again)
}

// classes is "9 refused, 2 timeout", most first.
func classes(by map[string]int) string {
	var parts []string
	for _, c := range slices.SortedFunc(maps.Keys(by), mostFirst(by)) {
		if blamed(c) {
			parts = append(parts, words.Count(by[c])+" "+c)
		}
	}
	return strings.Join(parts, ", ")
}

func mostFirst(by map[string]int) func(a, b string) int {
	return func(a, b string) int { return cmp.Or(by[b]-by[a], strings.Compare(a, b)) }
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
	return met(!over, want, "requests that raced with a connection close: "+strings.Join(parts, ", "))
}

func outage(f *facts) finding {
	return worst(f, "the longest outage was %s (%s)", f.start.SLO.MaxOutage, func(s Stream) time.Duration { return s.LongestOutage })
}

func blackout(f *facts) finding {
	return worst(f, "the longest blackout was %s (%s)", f.start.SLO.MaxBlackout, func(s Stream) time.Duration { return s.LongestBlackout })
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

// slowest holds each stream to the scenario's limit or, where a planned disruption sets none,
// to a baseline: half of its requests, and what a lost packet costs, which the kernel sends
// again after a second (RFC 6298, section 2), but twice its slowest in any case.
func slowest(f *facts) finding {
	const format = "the slowest successful request took %s (%s)"
	switch limit := f.start.SLO.MaxLatency; {
	case f.turn.IsZero():
		return skipped("the fault was not injected")
	case limit > 0:
		return worst(f, format, limit, func(s Stream) time.Duration { return s.Whole.Max })
	case !f.start.Planned:
		return skipped("the scenario sets no limit")
	}
	return against(f, format,
		func(l Latency) time.Duration { return l.Max },
		func(u *usual, stream string) time.Duration { return u.limitMax(stream) })
}

// tail holds the p99 of each stream under a planned disruption to the scenario's limit, or
// to a baseline's.
func tail(f *facts) finding {
	const format = "p99 was %s (%s)"
	switch limit := f.start.SLO.MaxP99; {
	case f.turn.IsZero():
		return skipped("the fault was not injected")
	case f.start.Planned && limit == 0:
		return against(f, format,
			func(l Latency) time.Duration { return l.P99 },
			func(u *usual, _ string) time.Duration { return u.limitP99() })
	case limit == 0:
		return skipped("the scenario sets no limit")
	default:
		return worst(f, format, limit, func(s Stream) time.Duration { return s.During.P99 })
	}
}

// against compares each stream with a limit of its own, and tells of the one that came
// nearest to it or exceeds it most. The limit is by the run's first baseline; by the
// scenario's own, where that allows more and is itself within what the first allows.
func against(f *facts, format string, of func(Latency) time.Duration, limited func(u *usual, stream string) time.Duration) finding {
	own := f.asUsual()
	var worst, allowed time.Duration
	where, by := "", ""
	for _, st := range f.sums {
		if own == nil || st.Baseline.Max == 0 {
			continue
		}
		limit, basis := limited(own, st.Name), ""
		if f.usual != nil {
			usual := limited(f.usual, st.Name)
			if of(st.Baseline) > usual {
				limit, basis = usual, fmt.Sprintf("; by the run's first baseline, since this one's was slower: %s", words.Duration(of(st.Baseline)))
			} else {
				limit = max(limit, usual)
			}
		}
		got := of(st.During)
		if where == "" || float64(got)/float64(limit) > float64(worst)/float64(allowed) {
			worst, allowed, where, by = got, limit, st.Name, basis
		}
	}
	if where == "" {
		return skipped("no stream has a baseline to compare with")
	}
	return met(worst <= allowed, fmt.Sprintf("at most %s on %s", words.Duration(allowed), where)+by, fmt.Sprintf(format, words.Duration(worst), where))
}

// settledClean looks at the last whole seconds of each stream. What met a closing
// connection has a limit of its own.
func settledClean(f *facts) finding {
	if f.unclean() {
		return skipped("the fault was not injected")
	}
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
