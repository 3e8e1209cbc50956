package verdict

import (
	"cmp"
	"slices"
	"time"

	"hagate/record"
)

// readyLow is the fewest ready endpoints of the workload from the turn to the end, -1 where no
// endpoints were seen.
func (f *facts) readyLow() int {
	low := -1
	for i, e := range f.endpoints {
		ended := i+1 < len(f.endpoints) && !f.endpoints[i+1].at.After(f.turn)
		if n := f.own(e.it).Ready(); !ended && (low < 0 || n < low) {
			low = n
		}
	}
	return low
}

// staying is the fewest Pods of the workload that were not on their way out, ready or
// not, from the turn to the end, -1 where no Pods were seen.
func (f *facts) staying() int {
	low, there := -1, map[string]bool{}
	for i, p := range f.pods {
		if leaving(p.it) || p.it.Stray {
			delete(there, p.it.UID)
		} else {
			there[p.it.UID] = true
		}
		ended := i+1 < len(f.pods) && !f.pods[i+1].at.After(f.turn)
		if n := len(there); !ended && (low < 0 || n < low) {
			low = n
		}
	}
	return low
}

// recovery is the longest of the rounds' times from the fault until the workload and the
// Service had the declared replicas ready, none of them a victim of the round, and had them
// when the wait for that ended: a moment in which all are ready is no recovery. It is false
// where a round has none.
func (f *facts) recovery() (longest time.Duration, ok bool) {
	for _, r := range f.rounds {
		took, ok := f.recovered(r)
		if !ok {
			return 0, false
		}
		longest = max(longest, took)
	}
	return longest, len(f.rounds) > 0
}

// recovered counts from the fault; where the service was to recover only when that
// was taken back, from there; a Pod that is not to return is no part of that, though its
// endpoint may be there still. Where the fault takes no Pod away, or its victims are started
// again in place, it is looked for once the fault has taken effect.
func (f *facts) recovered(r *round) (time.Duration, bool) {
	fault := r.fault(record.Injecting)
	if fault == nil {
		return 0, false
	}
	began, from, victims := fault.Time, fault.Time, r.victims
	inPlace := effects[fault.Effect.Kind].inPlace
	if healed, ok := f.healed(r); ok && (!inPlace || fault.Effect.Away != "") {
		began, from = healed, healed
		if fault.Returns {
			victims = nil
		}
	} else if injected := r.fault(record.Injected); len(victims) == 0 || inPlace {
		if injected == nil {
			return 0, false
		}
		from, victims = injected.Time, nil
	}
	declared := f.start.Replicas
	if fault.Replicas > 0 {
		declared = fault.Replicas
	}
	moments := []time.Time{from}
	for _, e := range f.endpoints {
		moments = append(moments, e.at)
	}
	for _, w := range f.workloads {
		moments = append(moments, w.at)
	}
	for _, p := range f.pods {
		moments = append(moments, p.at)
	}
	slices.SortFunc(moments, time.Time.Compare)
	end, first, whole := f.endOf(r, from), time.Time{}, false
	for _, m := range moments {
		if m.Before(from) || whole && m.After(end) {
			continue
		}
		now := m.Add(1)
		whole = restored(declared, f.endpointsAt(now), lastBefore(f.workloads, now), victims) && (!inPlace || f.startedAgain(r, now))
		if whole && (first.IsZero() || m.After(end)) {
			first = m
		}
		if whole && fault.Replicas > 0 { // more than are declared serve, and owe no more than to have come
			break
		}
	}
	return first.Sub(began), whole
}

// endOf is when nothing is waited for any more in r: its fault is taken back, the next goes
// in, or the scenario settles.
func (f *facts) endOf(r *round, from time.Time) time.Time {
	end := f.last
	for _, p := range f.phases {
		if p.Time.After(from) && p.Time.Before(end) && (p.Name == record.FaultIn || p.Name == record.Settled) {
			end = p.Time
		}
	}
	if back := r.fault(record.Reverting); back != nil && back.Time.After(from) && back.Time.Before(end) {
		end = back.Time
	}
	return end
}

// startedAgain says whether each victim of the round was ready after another start, or going,
// before t. A Service's and a workload's own counts are later than that to hear of a crash.
func (f *facts) startedAgain(r *round, t time.Time) bool {
	for uid := range r.victims {
		before, _ := f.pod(uid, r.turn, false, func(record.Pod) bool { return true })
		if now, seen := f.pod(uid, t, false, func(record.Pod) bool { return true }); seen && !leaving(now) && (!now.Ready || now.Restarts <= before.Restarts) {
			return false
		}
	}
	return true
}

func restored(declared int, e record.Endpoints, w record.Workload, victims map[string]record.Victim) bool {
	return e.Ready() == declared && !w.Stale && w.Replicas == declared && w.Current == declared && w.Updated == declared && w.Ready == declared &&
		len(among(victims, e)) == 0
}

// among names the victims that are ready endpoints.
func among(victims map[string]record.Victim, e record.Endpoints) []string {
	var names []string
	for _, p := range e.List {
		if _, hit := victims[cmp.Or(p.UID, "-")]; hit && p.Ready {
			names = append(names, p.Pod)
		}
	}
	slices.Sort(names)
	return names
}
