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

// recovery is the time from the fault to the first moment at which the workload and
// the Service had the declared replicas ready, none of them a victim.
func (f *facts) recovery() (time.Duration, bool) {
	fault := f.fault(record.Injecting)
	if fault == nil || len(f.victims) == 0 {
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
		if f.restored(f.endpointsAt(now), lastBefore(f.workloads, now)) {
			return m.Sub(fault.Time), true
		}
	}
	return 0, false
}

func (f *facts) restored(e record.Endpoints, w record.Workload) bool {
	return e.Ready() == f.start.Replicas && w.Ready == f.start.Replicas && w.Replicas == f.start.Replicas && len(f.victimsAmong(e)) == 0
}

// victimsAmong names the victims that are ready endpoints.
func (f *facts) victimsAmong(e record.Endpoints) []string {
	var names []string
	for _, p := range e.List {
		if _, hit := f.victims[cmp.Or(p.UID, "-")]; hit && p.Ready {
			names = append(names, p.Pod)
		}
	}
	slices.Sort(names)
	return names
}
