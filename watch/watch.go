// Package watch follows what the cluster says of the service under test, from before
// the first baseline to the end of the run: the workload, its template and its Pods, the
// Service, its endpoints and the strays among them, the PodDisruptionBudgets that cover
// them, every node, and the Events about all of these. Each change goes into the record; the newest state can be asked
// for at any time.
//
// A watch that breaks is taken up again by itself, and what changed meanwhile is
// recorded when it is seen, at the time at which it is seen.
package watch

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"hagate/record"
)

// syncWithin is how long the first look at the cluster may take.
const syncWithin = 30 * time.Second

// Spec says what to follow.
type Spec struct {
	Namespace    string
	Selector     string // of the workload's Pods, as a label selector: "app=nginx"
	WorkloadKind string // Deployment or StatefulSet
	Workload     string // its name
	Service      string // its name
	Beside       string // how the names of Services begin that are made beside it
	Port         int    // of the Service, that is tested
	Logs         string // folder for the Pods' logs; none are kept where empty
}

// Watch follows one service. It is safe for use by several goroutines.
type Watch struct {
	spec     Spec
	selector labels.Selector
	labels   labels.Set // of the workload's Pods
	out      *record.Writer
	stop     func()

	logs      *logs // nil: none are kept
	mu        sync.Mutex
	live      bool                      // changes are written; before that they are only the first look
	seen      map[types.UID]*corev1.Pod // all of the namespace's
	pods      map[types.UID]record.Pod  // the workload's, and strays
	own       map[types.UID]bool        // Pods that are the workload's, or were once
	sets      map[types.UID]bool        // ReplicaSets that were seen: whether they are the workload's
	front     *corev1.Service           // the Service; nil where it is not there
	template  *record.Template          // nil where it was not seen
	nodes     map[string]record.Node
	slices    map[string]*discoveryv1.EndpointSlice
	endpoints record.Endpoints
	workload  record.Workload
	pdbs      map[string]record.PDB
	events    map[types.UID]record.Event
	told      map[types.UID]bool           // Pods and ReplicaSets that were seen: whether Events about them are recorded
	held      map[types.UID][]record.Entry // Events about objects that were not seen yet
}

// Start returns once everything has been seen and the state is in the record. It
// fails where the workload does not exist, and where the first look at the cluster
// does not succeed within 30 s. The watch goes on until Stop, or the end of ctx.
func Start(ctx context.Context, client kubernetes.Interface, spec Spec, out *record.Writer) (*Watch, error) {
	w, err := newWatch(spec, out)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	w.stop = cancel
	first, done := context.WithTimeoutCause(ctx, syncWithin, fmt.Errorf("not within %s", syncWithin))
	defer done()
	if w.labels, err = spec.podLabels(first, client); err != nil {
		cancel()
		return nil, err
	}
	if spec.Logs != "" {
		if err := os.MkdirAll(spec.Logs, 0o755); err != nil {
			cancel()
			return nil, fmt.Errorf("making a folder for logs: %w", err)
		}
		w.logs = &logs{client: client, dir: spec.Logs, ctx: ctx, known: map[string]types.UID{}}
	}
	if err := w.run(ctx, first, client); err != nil {
		w.Stop()
		return nil, err
	}
	w.mu.Lock()
	w.live = true
	w.mu.Unlock()
	if err := w.Snapshot(); err != nil {
		w.Stop()
		return nil, err
	}
	return w, nil
}

func newWatch(spec Spec, out *record.Writer) (*Watch, error) {
	selector, err := labels.Parse(spec.Selector)
	if err != nil {
		return nil, fmt.Errorf("reading the selector of %s: %w", spec.workload(), err)
	}
	w := &Watch{
		spec: spec, selector: selector, out: out,
		seen:   map[types.UID]*corev1.Pod{},
		pods:   map[types.UID]record.Pod{},
		own:    map[types.UID]bool{},
		sets:   map[types.UID]bool{},
		nodes:  map[string]record.Node{},
		slices: map[string]*discoveryv1.EndpointSlice{},
		pdbs:   map[string]record.PDB{},
		events: map[types.UID]record.Event{},
		told:   map[types.UID]bool{},
		held:   map[types.UID][]record.Entry{},
	}
	w.endpoints = w.merge()
	return w, nil
}

// Stop ends the watch. Nothing is written after it returns.
func (w *Watch) Stop() {
	w.stop()
	if w.logs != nil {
		w.logs.wait.Wait()
	}
}

func (s Spec) workload() string {
	return fmt.Sprintf("%s %s/%s", s.WorkloadKind, s.Namespace, s.Workload)
}
