package verdict

import (
	"slices"
	"strconv"
	"time"

	"hagate/record"
)

// life is what was seen of one Pod.
type life struct {
	uid         string
	name        string
	first, last record.Pod
	seen        time.Time // first
	asked       time.Time // to terminate; zero where it never was
	gone        time.Time // zero where it never left the API
	restarted   []time.Time
	stray       bool
	ready       []span // as an endpoint that clients are sent to
}

type span struct{ from, to time.Time }

// within says whether t is in s, or up to slack before or after it.
func (s span) within(t time.Time, slack time.Duration) bool {
	return !t.Before(s.from.Add(-slack)) && !t.After(s.to.Add(slack))
}

// near says of a time whether it is within s, or up to slack before or after it.
func (s span) near(slack time.Duration) func(time.Time) bool {
	return func(t time.Time) bool { return s.within(t, slack) }
}

// served says whether clients were sent to the Pod at t, or up to slack before or after.
func (l *life) served(t time.Time, slack time.Duration) bool {
	return slices.ContainsFunc(l.ready, func(s span) bool { return s.within(t, slack) })
}

// lives are those of all Pods, in the order in which they were first seen.
func (f *facts) lives() []*life {
	if f.known != nil {
		return f.known
	}
	f.known = []*life{}
	by := map[string]*life{}
	for _, s := range f.pods {
		l := by[s.it.UID]
		if l == nil {
			l = &life{uid: s.it.UID, name: s.it.Name, first: s.it, seen: s.at}
			by[s.it.UID] = l
			f.known = append(f.known, l)
		}
		if s.it.Terminating != nil && l.asked.IsZero() {
			l.asked = s.at
		}
		if s.it.Gone && l.gone.IsZero() {
			l.gone = s.at
		}
		if s.it.Restarts > l.last.Restarts && l.first.Restarts < s.it.Restarts {
			l.restarted = append(l.restarted, s.at)
		}
		l.stray = s.it.Stray
		l.last = s.it
	}
	for i, e := range f.endpoints {
		end := f.last
		if i+1 < len(f.endpoints) {
			end = f.endpoints[i+1].at
		}
		for _, p := range e.it.List {
			l := by[p.UID]
			if l == nil || !p.Ready || p.NoPort {
				continue
			}
			if n := len(l.ready); n > 0 && l.ready[n-1].to.Equal(e.at) {
				l.ready[n-1].to = end
			} else {
				l.ready = append(l.ready, span{e.at, end})
			}
		}
	}
	return f.known
}

// stays says whether the Pod is one of the workload's that clients had been sent to for some
// seconds at t, and that was not on its way out.
func (l *life) stays(t time.Time) bool {
	return !l.stray && (l.asked.IsZero() || l.asked.After(t)) &&
		slices.ContainsFunc(l.ready, func(s span) bool { return s.within(t, 0) && t.Sub(s.from) >= 5*time.Second })
}

// named is the life of the Pod with a name, or nil. Of several, as a StatefulSet has
// them, it is the one that was there at t.
func (f *facts) named(name string, t time.Time) (of *life) {
	for _, l := range f.lives() {
		if l.name == name && (of == nil || !l.seen.After(t)) {
			of = l
		}
	}
	return of
}

// came says whether the Pod came after the fault. What is there as a scenario begins is seen
// then, which may be right before its fault.
func (f *facts) came(l *life) bool { return !f.turn.IsZero() && !l.seen.Before(f.turn) }

// struck says whether a fault hit the Pod.
func (f *facts) struck(uid string) bool {
	return slices.ContainsFunc(f.rounds, func(r *round) bool { _, hit := r.victims[uid]; return hit })
}

// hitBy says whether a fault that went in by t hit the Pod.
func (f *facts) hitBy(uid string, t time.Time) bool {
	return slices.ContainsFunc(f.rounds, func(r *round) bool {
		_, hit := r.victims[uid]
		return hit && !r.turn.After(t.Add(time.Second))
	})
}

// untouched says whether nothing was done to the Pod by t, and it is one of the workload's.
func (f *facts) untouched(l *life, t time.Time) bool {
	return !l.stray && !f.hitBy(l.uid, t) && !f.came(l) && (l.asked.IsZero() || l.asked.After(t)) && len(l.restarted) == 0
}

// leaver is a Pod that served and was asked to terminate with some grace.
type leaver struct {
	record.Pod
	asked time.Time // when the watch saw that
	left  time.Time // when it was no ready endpoint any more; zero where that was never seen
	gone  time.Time // when it had left the API; zero where that was never seen
}

// end is when its grace is over.
func (l leaver) end() time.Time { return l.asked.Add(time.Duration(l.Grace) * time.Second) }

// leavers are the workload's own, in the order of their going.
func (f *facts) leavers() []leaver {
	if f.left != nil {
		return f.left
	}
	f.left = []leaver{}
	seen := map[string]bool{}
	for _, s := range f.pods {
		p := s.it
		if p.Terminating == nil || p.Stray || seen[p.UID] {
			continue
		}
		seen[p.UID] = true
		if p.Gone || p.Grace == 0 || !f.served(p.UID, s.at) {
			continue // it was given no time, or no requests
		}
		l := leaver{Pod: s.it, asked: s.at}
		only := map[string]record.Victim{s.it.UID: {}}
		for _, e := range f.endpoints {
			if e.at.After(s.at.Add(-time.Second)) && len(among(only, e.it)) == 0 {
				l.left = e.at
				break
			}
		}
		for _, of := range f.lives() {
			if of.uid == p.UID {
				l.gone = of.gone
				l.Exits = of.last.Exits
			}
		}
		f.left = append(f.left, l)
	}
	slices.SortFunc(f.left, func(a, b leaver) int { return a.asked.Compare(b.asked) })
	return f.left
}

// served says whether the Pod uid was a ready endpoint at any time before t.
func (f *facts) served(uid string, t time.Time) bool {
	return slices.ContainsFunc(f.endpoints, func(e seen[record.Endpoints]) bool {
		return e.at.Before(t) && slices.ContainsFunc(e.it.List, func(p record.Endpoint) bool { return p.UID == uid && p.Ready })
	})
}

// leadLimit is how long before a burst a Pod may have gone, and still be what the burst
// is about.
const leadLimit = 5 * time.Second

// around are the Pods that were on their way out in a burst, or shortly before it.
func (f *facts) around(b burst) (all []leaver) {
	for _, l := range f.leavers() {
		if l.asked.After(b.to) || l.end().Add(leadLimit).Before(b.from) {
			continue
		}
		all = append(all, l)
	}
	return all
}

// onTheWayOut says whether a Pod was terminating at t, or had gone up to slack before.
func (f *facts) onTheWayOut(t time.Time, slack time.Duration) bool {
	return slices.ContainsFunc(f.leavers(), func(l leaver) bool {
		end := l.gone
		if end.IsZero() {
			end = l.end()
		}
		return span{l.asked, end}.within(t, slack)
	})
}

// withoutReady are the times in which the Service had no ready endpoint of the workload.
func (f *facts) withoutReady() (all []span) {
	for i, e := range f.endpoints {
		if f.own(e.it).Ready() > 0 {
			continue
		}
		end := f.last
		if i+1 < len(f.endpoints) {
			end = f.endpoints[i+1].at
		}
		if n := len(all); n > 0 && all[n-1].to.Equal(e.at) {
			all[n-1].to = end
		} else {
			all = append(all, span{e.at, end})
		}
	}
	return all
}

// nobodyReadyIn says whether the Service had no ready endpoint at a time between the two.
func (f *facts) nobodyReadyIn(from, to time.Time) bool {
	return slices.ContainsFunc(f.endpoints, func(e seen[record.Endpoints]) bool {
		return !e.at.Before(from) && e.at.Before(to) && e.it.Ready() == 0
	})
}

// effect is that of the scenario's fault; none where there is no fault.
func (f *facts) effect() record.Effect {
	if len(f.faults) == 0 {
		return record.Effect{}
	}
	return f.faults[0].Effect
}

// container is the one that serves: it declares the port that the Service sends clients to.
// Where none does, it is the first with a readiness probe, else the first.
func (f *facts) container() (c record.Container, ok bool) {
	all, port := f.template().Containers, f.service().TargetPort
	if i := slices.IndexFunc(all, func(c record.Container) bool {
		return slices.ContainsFunc(c.Ports, func(p record.Port) bool { return port != "" && (p.Name == port || strconv.Itoa(p.Number) == port) })
	}); i >= 0 {
		return all[i], true
	}
	if i := slices.IndexFunc(all, func(c record.Container) bool { return c.Readiness != nil }); i >= 0 {
		return all[i], true
	}
	if len(all) == 0 {
		return c, false
	}
	return all[0], true
}

// podReady says whether the Pod was ready at t and was not on its way out.
func (f *facts) podReady(l *life, t time.Time) bool {
	var of record.Pod
	for _, s := range f.pods {
		if s.it.UID == l.uid && !s.at.After(t) {
			of = s.it
		}
	}
	return of.Ready && !leaving(of)
}
