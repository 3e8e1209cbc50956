package verdict

import (
	"fmt"
	"slices"
)

func baselineClean(f *facts) finding {
	want := fmt.Sprintf("at least %d clean seconds in a row on every stream, right before the fault", CleanSeconds)
	if f.turn.IsZero() {
		return met(false, want, "no fault went in, so there is no baseline before it")
	}
	n := f.to - f.from
	if n >= CleanSeconds {
		return met(true, want, fmt.Sprintf("%d clean seconds", n))
	}
	got := fmt.Sprintf("only %d clean seconds before the fault", n)
	for _, name := range f.streams() {
		s, ok := f.seconds[name][f.from-1]
		switch {
		case !ok:
			got += fmt.Sprintf("; %s recorded nothing at %s", name, clock(f.from-1))
		case s.FailedTotal() > 0:
			got += fmt.Sprintf("; %s: %d of %d requests failed at %s", name, s.FailedTotal(), s.Due, clock(f.from-1))
		}
	}
	return met(false, want, got)
}

func everyEndpointServed(f *facts) finding {
	switch {
	case f.start.Plan.PodHeader == "":
		return skipped("the target names no podHeader, so who answered is unknown")
	case f.turn.IsZero():
		return skipped("no fault went in")
	}
	const want = "every ready endpoint answers from every vantage"
	ready := 0
	var silent []string
	for _, v := range f.vantages() {
		answered := f.answered(v, f.baselineBegan(), f.turn.Unix()+1)
		ready = 0
		for _, e := range f.endpointsAt(f.turn).List {
			if !e.Ready {
				continue
			}
			ready++
			if !answered[e.Pod] {
				silent = append(silent, e.Pod+" from "+v)
			}
		}
	}
	slices.Sort(silent)
	if len(silent) > 0 {
		return met(false, want, "ready but never answered: "+listed(silent, ""))
	}
	return met(ready > 0, want, fmt.Sprintf("%d ready endpoints answered", ready))
}
