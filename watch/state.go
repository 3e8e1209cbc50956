package watch

import (
	"cmp"
	"errors"
	"maps"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"hagate/record"
)

// Pods are those of the workload that are in the API, sorted by name.
func (w *Watch) Pods() []record.Pod { return w.podsThat(func(p record.Pod) bool { return !p.Stray }) }

// Strays are the Pods in the API that the workload's or the Service's selector matches and
// that are not the workload's, sorted by name.
func (w *Watch) Strays() []record.Pod { return w.podsThat(func(p record.Pod) bool { return p.Stray }) }

func (w *Watch) podsThat(fit func(record.Pod) bool) []record.Pod {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(w.sortedPods(), func(p record.Pod) bool { return !fit(p) })
}

func (w *Watch) sortedPods() []record.Pod {
	return sorted(w.pods, func(p record.Pod) string { return p.Name + p.UID })
}

// Nodes are all of the cluster's, sorted by name.
func (w *Watch) Nodes() []record.Node {
	w.mu.Lock()
	defer w.mu.Unlock()
	return sorted(w.nodes, func(n record.Node) string { return n.Name })
}

// Endpoints are the Service's without those of strays; the record has them all.
func (w *Watch) Endpoints() record.Endpoints {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.endpoints
	e.List = slices.DeleteFunc(slices.Clone(e.List), func(p record.Endpoint) bool { return w.pods[types.UID(p.UID)].Stray })
	return e
}

// Workload is the workload's status.
func (w *Watch) Workload() record.Workload {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.workload
}

// PDBs are those that cover the workload's Pods, sorted by name.
func (w *Watch) PDBs() []record.PDB {
	w.mu.Lock()
	defer w.mu.Unlock()
	return sorted(w.pdbs, func(p record.PDB) string { return p.Name })
}

// Snapshot writes the whole present state to the record, as a scenario wants it at
// its start. Events are no state.
func (w *Watch) Snapshot() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var entries []record.Entry
	for _, n := range sorted(w.nodes, func(n record.Node) string { return n.Name }) {
		entries = append(entries, record.Entry{Node: &n})
	}
	for _, p := range w.sortedPods() {
		entries = append(entries, record.Entry{Pod: &p})
	}
	for _, p := range sorted(w.pdbs, func(p record.PDB) string { return p.Name }) {
		entries = append(entries, record.Entry{PDB: &p})
	}
	if w.front != nil {
		s := serviceOf(w.front, w.spec.Port)
		entries = append(entries, record.Entry{Service: &s})
	}
	if w.template != nil {
		t := *w.template
		entries = append(entries, record.Entry{Template: &t})
	}
	eps, workload := w.endpoints, w.workload
	entries = append(entries, record.Entry{Endpoints: &eps}, record.Entry{Workload: &workload})
	var errs []error
	for _, e := range entries {
		errs = append(errs, w.out.Write(e))
	}
	return errors.Join(errs...)
}

// write records a change. The writer keeps an error for whoever closes it.
func (w *Watch) write(e record.Entry) {
	if w.live {
		_ = w.out.Write(e)
	}
}

// changed puts now into of and says whether it is news.
func changed[K comparable, T any](of map[K]T, key K, now T) bool {
	if before, ok := of[key]; ok && reflect.DeepEqual(before, now) {
		return false
	}
	of[key] = now
	return true
}

func sorted[K comparable, T any](of map[K]T, by func(T) string) []T {
	return slices.SortedFunc(maps.Values(of), func(a, b T) int { return cmp.Compare(by(a), by(b)) })
}
