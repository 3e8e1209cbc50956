package verdict

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hagate/record"
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
	want, again := record.Say("at most %s on each stream", words.Count(allowed)), record.Text{}
	if n := f.start.Plan.Retries; n > 0 {
		want = record.Join("; ", want, record.Say("retries of each: at most %d", n))
		again = record.Say("%s needed a retry", words.Count(retried))
	}
	got := record.Say("none failed")
	if total == 0 {
		return met(true, want, record.Join("; ", got, again))
	}
	got = record.Say("%s requests failed: %s", words.Count(total), strings.Join(parts, ", "))
	if c := classes(by); c != "" {
		got = record.Say("%s (%s)", got, c)
	}
	if before > 0 {
		got = record.Join("; ", got, record.Say("%s of them before the fault was injected", words.Count(before)))
	}
	if after > 0 {
		got = record.Join("; ", got, record.Say("%s of them after the scenario's end, before the next fault", words.Count(after)))
	}
	if over && allowed > 0 {
		got = record.Join("; ", got, record.Say("allowed: %s a stream", words.Count(allowed)))
	} else if over {
		got = record.Join("; ", got, record.Say("allowed: %s", words.Count(allowed)))
	}
	return met(!over, want, record.Join("; ", got, again))
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
	want := record.Say("at most %s on each stream", words.Count(allowed))
	if len(parts) == 0 {
		return met(true, want, record.Say("none"))
	}
	return met(!over, want, record.Say("requests that raced with a connection close: %s", strings.Join(parts, ", ")))
}

func outage(f *facts) finding {
	says := func(longest, on string) record.Text { return record.Say("the longest outage was %s (%s)", longest, on) }
	return worst(f, says, f.start.SLO.MaxOutage, func(s Stream) time.Duration { return s.LongestOutage })
}

func blackout(f *facts) finding {
	says := func(longest, on string) record.Text {
		return record.Say("the longest blackout was %s (%s)", longest, on)
	}
	return worst(f, says, f.start.SLO.MaxBlackout, func(s Stream) time.Duration { return s.LongestBlackout })
}

// worst compares the stream that was worst with what is allowed.
func worst(f *facts, says func(longest, on string) record.Text, allowed time.Duration, of func(Stream) time.Duration) finding {
	var most time.Duration
	where := ""
	for _, st := range f.sums {
		if d := of(st); d > most {
			most, where = d, st.Name
		}
	}
	want := record.Say("at most %s", words.Duration(allowed))
	if most == 0 {
		return met(true, want, record.Say("none"))
	}
	return met(most <= allowed, want, says(words.Duration(most), where))
}

// slowest holds each stream to the scenario's limit or, where a planned disruption sets none,
// to a baseline: half of its requests, and what a lost packet costs, which the kernel sends
// again after a second (RFC 6298, section 2), but twice its slowest in any case.
func slowest(f *facts) finding {
	says := func(longest, on string) record.Text {
		return record.Say("the slowest successful request took %s (%s)", longest, on)
	}
	switch limit := f.start.SLO.MaxLatency; {
	case f.turn.IsZero():
		return skipped(record.Say("the fault was not injected"))
	case limit > 0:
		return worst(f, says, limit, func(s Stream) time.Duration { return s.Whole.Max })
	case !f.start.Planned:
		return skipped(record.Say("the scenario sets no limit"))
	}
	return against(f, says,
		func(l Latency) time.Duration { return l.Max },
		func(u *usual, stream string) time.Duration { return u.limitMax(stream) })
}

// tail holds the p99 of each stream under a planned disruption to the scenario's limit, or
// to a baseline's.
func tail(f *facts) finding {
	says := func(longest, on string) record.Text { return record.Say("p99 was %s (%s)", longest, on) }
	switch limit := f.start.SLO.MaxP99; {
	case f.turn.IsZero():
		return skipped(record.Say("the fault was not injected"))
	case f.start.Planned && limit == 0:
		return against(f, says,
			func(l Latency) time.Duration { return l.P99 },
			func(u *usual, _ string) time.Duration { return u.limitP99() })
	case limit == 0:
		return skipped(record.Say("the scenario sets no limit"))
	default:
		return worst(f, says, limit, func(s Stream) time.Duration { return s.During.P99 })
	}
}

// against compares each stream with a limit of its own, and tells of the one that came
// nearest to it or exceeds it most. The limit is by the run's first baseline; by the
// scenario's own, where that allows more and is itself within what the first allows.
func against(f *facts, says func(longest, on string) record.Text, of func(Latency) time.Duration, limited func(u *usual, stream string) time.Duration) finding {
	own := f.asUsual()
	var worst, allowed time.Duration
	where, by := "", record.Text{}
	for _, st := range f.sums {
		if own == nil || st.Baseline.Max == 0 {
			continue
		}
		limit, basis := limited(own, st.Name), record.Text{}
		if f.usual != nil {
			usual := limited(f.usual, st.Name)
			if of(st.Baseline) > usual {
				limit, basis = usual, record.Say("by the run's first baseline, since this one's was slower: %s", words.Duration(of(st.Baseline)))
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
		return skipped(record.Say("no stream has a baseline to compare with"))
	}
	return met(worst <= allowed, record.Join("; ", record.Say("at most %s on %s", words.Duration(allowed), where), by), says(words.Duration(worst), where))
}

// settledClean looks at the last whole seconds of each stream. What met a closing
// connection has a limit of its own.
func settledClean(f *facts) finding {
	if f.unclean() {
		return skipped(record.Say("the fault was not injected"))
	}
	want := record.Say("at least %d clean seconds at the end of every stream", CleanSeconds)
	var wrong []record.Text
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
			wrong = append(wrong, record.Say("%s had only %d clean seconds at the end", name, n))
		}
		if least < 0 || n < least {
			least = n
		}
	}
	return met(len(wrong) == 0, want, listed(wrong...).Or(record.Say("%d clean seconds", least)))
}
