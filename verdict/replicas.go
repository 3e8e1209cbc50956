package verdict

import (
	"cmp"
	"slices"
	"time"

	"hagate/record"
)

// readyLow is the fewest ready endpoints from the turn to the end, -1 where no
// endpoints were seen.
func (f *facts) readyLow() int {
	low := -1
	for i, e := range f.endpoints {
		ended := i+1 < len(f.endpoints) && !f.endpoints[i+1].at.After(f.turn)
		if n := e.it.Ready(); !ended && (low < 0 || n < low) {
			low = n
		}
	}
	return low
}

// recovery is the longest of the rounds' times from the fault to the first moment at
// which the workload and the Service had the declared replicas ready, none of them a
// victim of the round; false where one has no such moment.
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

func (f *facts) recovered(r *round) (time.Duration, bool) {
	fault := r.fault(record.Injecting)
	if fault == nil || len(r.victims) == 0 {
		return 0, false
	}
	var moments []time.Time
	for _, e := range f.endpoints {
		moments = append(moments, e.at)
	}
	for _, w := range f.workloads {
		moments = append(moments, w.at)
	}
	slices.SortFunc(moments, time.Time.Compare)
	for _, m := range moments {
		if m.Before(fault.Time) {
			continue
		}
		now := m.Add(1)
		if f.restored(f.endpointsAt(now), lastBefore(f.workloads, now), r.victims) {
			return m.Sub(fault.Time), true
		}
	}
	return 0, false
}

func (f *facts) restored(e record.Endpoints, w record.Workload, victims map[string]record.Victim) bool {
	return e.Ready() == f.start.Replicas && w.Ready == f.start.Replicas && w.Replicas == f.start.Replicas && len(among(victims, e)) == 0
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
