package verdict

import (
	"maps"
	"slices"
	"strings"

	"hagate/record"
	"hagate/verdict/words"
)

// unclean says whether the scenario waited for a clean baseline and ended without one, so
// that nothing was done to the service.
func (f *facts) unclean() bool {
	return f.turn.IsZero() && !f.done.IsZero() && !slices.ContainsFunc(f.phases, func(p Phase) bool {
		return p.Name != record.Baseline && p.Name != record.Done
	})
}

// lacking says whether what an unclean scenario waited for in vain is the service's.
func (f *facts) lacking() bool {
	return slices.ContainsFunc([]func(*facts) finding{baselineClean, wholeBefore, everyEndpointServed}, func(look func(*facts) finding) bool {
		return look(f).result == Fail
	})
}

// baselineClean is the service's to keep: while nothing is done to it, no request fails.
// What the harness may have had a hand in has checks of its own, which come first.
func baselineClean(f *facts) finding {
	want := record.Say("at least %d consecutive clean seconds on every stream, right before the fault", CleanSeconds)
	if f.unclean() {
		due, by := f.failedFrom(f.from, f.done.Unix())
		n := 0
		for _, failed := range by {
			n += failed
		}
		if n == 0 {
			return met(true, want, record.Say("no request failed"))
		}
		return met(false, want, record.Say("with no fault injected %s of %s requests failed (%s)", words.Count(n), words.Count(due), allClasses(by)))
	}
	if f.turn.IsZero() {
		return finding{Invalid, want, record.Say("the scenario stopped before anything was done")}
	}
	n := f.to - f.from
	if n >= CleanSeconds {
		return met(true, want, record.Say("%d clean seconds", n))
	}
	_, by := f.failedFrom(f.turn.Unix()-CleanSeconds-f.lead(), f.turn.Unix())
	if len(by) > 0 {
		return met(false, want, record.Say("only %d clean seconds before the fault, with no fault injected yet: %s", n, allClasses(by)))
	}
	got := record.Say("only %d clean seconds before the fault", n)
	for _, name := range f.streams() {
		if _, ok := f.seconds[name][f.from-1]; !ok {
			got = record.Join("; ", got, record.Say("%s recorded nothing at %s", name, clock(f.from-1)))
		}
	}
	return finding{Invalid, want, got}
}

// failedFrom counts the requests due in the Unix seconds [from, to), and those that failed by
// class, the harness's own left out.
func (f *facts) failedFrom(from, to int64) (due int, by map[string]int) {
	by = map[string]int{}
	for _, name := range f.streams() {
		for at, s := range f.seconds[name] {
			if at < from || at >= to {
				continue
			}
			due += s.Due
			for class, slots := range s.Failed {
				if n := record.Sum(slots); n > 0 && (blamed(class) || class == record.ClassClosed) {
					by[class] += n
				}
			}
		}
	}
	return due, by
}

// wholeBefore looks at what an unclean scenario found in place of a whole service.
func wholeBefore(f *facts) finding {
	if !f.unclean() {
		return skipped(record.Say("a fault was injected, or none was planned, and the service was healthy"))
	}
	n := f.start.Replicas
	want := record.Say("%d replicas that exist, are of the newest version, ready, available and ready endpoints of the Service", n)
	if f.start.NoFault {
		return skipped(record.Say("no fault was planned"))
	}
	w, e := lastBefore(f.workloads, f.done), f.own(f.endpointsAt(f.done))
	return met(restored(n, e, w, nil), want, record.Say("with no fault injected %d of %d replicas exist, %d are of the newest version, %d ready, %d available, %d ready endpoints of the Service",
		w.Current, n, w.Updated, w.Ready, w.Available, e.Ready()))
}

// everyEndpointServed wants an answer of every ready Pod from every vantage before the
// fault. One that answers nobody is the service's where chance does not leave it out.
func everyEndpointServed(f *facts) finding {
	at := f.turn
	switch {
	case f.start.Plan.PodHeader == "":
		return skipped(record.Say("the target sets no podHeader, so the responding Pod is unknown"))
	case f.unclean():
		at = f.done
	case at.IsZero():
		return skipped(record.Say("the fault was not injected"))
	}
	want, none := record.Say("every ready endpoint answers from every vantage"), record.Text{}
	ready := 0
	var silent []record.Text
	var unsent []string
	for _, v := range f.vantages() {
		answered := f.answered(v, f.baselineBegan(), at.Unix()+1)
		sent := f.sentFresh(v, f.baselineBegan(), at.Unix()+1)
		only := f.only(v)
		if only != "" {
			want = record.Join("; ", want, record.Say("from %s only those on node %s, to which externalTrafficPolicy Local limits its traffic", v, only))
		}
		ready = 0
		reached := 0
		for _, e := range f.own(f.endpointsAt(at)).List {
			if !e.Ready {
				continue
			}
			ready++
			if only != "" && e.Node != only {
				continue
			}
			reached++
			if !answered[e.Pod] {
				silent = append(silent, record.Say("%s from %s", e.Pod, v))
			}
		}
		if reached == 0 {
			none = record.Say("no ready endpoint is reachable from %s", v)
		}
		if sent < MinToShare*max(1, reached) {
			unsent = append(unsent, v)
		}
	}
	slices.SortFunc(silent, byWords)
	switch {
	case len(silent) > 0 && (f.unclean() || f.start.NoFault) && len(unsent) == 0:
		return met(false, want, record.Say("with no fault injected, ready but never answered: %s", listed(silent...)))
	case len(silent) > 0:
		return finding{Invalid, want, record.Say("ready but never answered: %s", listed(silent...))}
	case !none.IsZero() && !f.unclean():
		return finding{Invalid, want, none}
	case f.unclean() && ready == 0:
		return met(false, want, record.Say("with no fault injected, no endpoint is ready"))
	}
	return met(ready > 0, want, record.Say("%d ready endpoints answered", ready))
}

// sentFresh counts the requests that a vantage sent on connections of their own in the Unix
// seconds [from, to).
func (f *facts) sentFresh(vantage string, from, to int64) (n int) {
	for _, st := range f.start.Plan.Streams {
		if st.Vantage != vantage || st.Mode != record.Fresh {
			continue
		}
		for at, s := range f.seconds[st.Name()] {
			if at >= from && at < to {
				n += s.Due
			}
		}
	}
	return n
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

// allClasses is "9 refused, 2 closed", those that are not blamed as failures included.
func allClasses(by map[string]int) string {
	var parts []string
	for _, c := range slices.SortedFunc(maps.Keys(by), mostFirst(by)) {
		parts = append(parts, words.Count(by[c])+" "+c)
	}
	return strings.Join(parts, ", ")
}
