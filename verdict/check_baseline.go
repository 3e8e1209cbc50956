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
	want, none := "every ready endpoint answers from every vantage", ""
	ready := 0
	var silent []string
	for _, v := range f.vantages() {
		answered := f.answered(v, f.baselineBegan(), f.turn.Unix()+1)
		only := f.only(v)
		if only != "" {
			want += fmt.Sprintf("; from %s those on node %s, where externalTrafficPolicy Local has its traffic end", v, only)
		}
		ready = 0
		reached := 0
		for _, e := range f.endpointsAt(f.turn).List {
			if !e.Ready {
				continue
			}
			ready++
			if only != "" && e.Node != only {
				continue
			}
			reached++
			if !answered[e.Pod] {
				silent = append(silent, e.Pod+" from "+v)
			}
		}
		if reached == 0 {
			none = "no ready endpoint is reached from " + v
		}
	}
	slices.Sort(silent)
	switch {
	case len(silent) > 0:
		return met(false, want, "ready but never answered: "+listed(silent, ""))
	case none != "":
		return met(false, want, none)
	}
	return met(ready > 0, want, fmt.Sprintf("%d ready endpoints answered", ready))
}

// only is the one node whose Pods a vantage reaches, or nothing where it reaches all.
func (f *facts) only(vantage string) string {
	for _, st := range f.start.Plan.Streams {
		if st.Vantage == vantage {
			return st.Node
		}
	}
	return ""
}
