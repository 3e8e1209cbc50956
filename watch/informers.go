package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// run starts the informers, which last until ctx ends, and waits until w has been
// shown all that there is, or first ends. Stop waits for them from then on.
func (w *Watch) run(ctx, first context.Context, client kubernetes.Interface) error {
	own := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(w.spec.Namespace))
	// The Events about nodes, which have no namespace, are in the default one.
	shared := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(metav1.NamespaceDefault))
	cancel := w.stop
	w.stop = func() {
		cancel()
		own.Shutdown()
		shared.Shutdown()
	}

	f := &feeds{lastErr: map[string]error{}}
	follow(w, f, "Services", own.Core().V1().Services().Informer(), w.service, w.serviceGone)
	follow(w, f, "Pods", own.Core().V1().Pods().Informer(), w.pod, w.podGone)
	follow(w, f, "EndpointSlices", own.Discovery().V1().EndpointSlices().Informer(), w.slice, w.sliceGone)
	follow(w, f, "PodDisruptionBudgets", own.Policy().V1().PodDisruptionBudgets().Informer(), w.pdb, w.pdbGone)
	follow(w, f, "Events", own.Core().V1().Events().Informer(), w.event, w.eventGone)
	switch w.spec.WorkloadKind {
	case "Deployment":
		follow(w, f, "Deployments", own.Apps().V1().Deployments().Informer(), w.deployment, w.deploymentGone)
		follow(w, f, "ReplicaSets", own.Apps().V1().ReplicaSets().Informer(), w.replicaSet, w.replicaSetGone)
	case "StatefulSet":
		follow(w, f, "StatefulSets", own.Apps().V1().StatefulSets().Informer(), w.statefulSet, w.statefulSetGone)
	}
	follow(w, f, "Nodes", shared.Core().V1().Nodes().Informer(), w.node, w.nodeGone)
	if w.spec.Namespace != metav1.NamespaceDefault {
		follow(w, f, "Events of nodes", shared.Core().V1().Events().Informer(), w.event, w.eventGone)
	}
	if f.err != nil {
		return fmt.Errorf("watching %s: %w", w.spec.workload(), f.err)
	}
	own.StartWithContext(ctx)
	shared.StartWithContext(ctx)
	if !cache.WaitFor(first, "", f.synced...) {
		return fmt.Errorf("watching %s: %w: %s", w.spec.workload(), context.Cause(first), f.missing())
	}
	return nil
}

// feeds are what a watch is fed by.
type feeds struct {
	names  []string
	synced []cache.DoneChecker
	err    error

	mu      sync.Mutex
	lastErr map[string]error // of listing and watching, by name
}

// missing says what has not been seen in full, and why.
func (f *feeds) missing() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var s []string
	for i, name := range f.names {
		switch err := f.lastErr[name]; {
		case cache.IsDone(f.synced[i]):
		case err != nil:
			s = append(s, fmt.Sprintf("no %s: %v", name, err))
		default:
			s = append(s, fmt.Sprintf("no %s: the API server does not answer", name))
		}
	}
	slices.Sort(s)
	return strings.Join(s, "; ")
}

// follow gives every new state of the informer's objects to seen, and the last one of
// an object that has left to gone, under w's lock. An object that was replaced by
// another of its name while nobody looked has left.
func follow[T metav1.Object](w *Watch, f *feeds, name string, informer cache.SharedIndexInformer, seen, gone func(T)) {
	locked := func(do func(T), o any) {
		if unseen, ok := o.(cache.DeletedFinalStateUnknown); ok {
			o = unseen.Obj
		}
		if t, ok := o.(T); ok {
			w.mu.Lock()
			defer w.mu.Unlock()
			do(t)
		}
	}
	failed := func(_ context.Context, _ *cache.Reflector, err error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.lastErr[name] = err
	}
	registration, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(o any) { locked(seen, o) },
		UpdateFunc: func(before, now any) {
			if b, ok := before.(T); ok {
				if n, ok := now.(T); ok && b.GetUID() != n.GetUID() {
					locked(gone, before)
				}
			}
			locked(seen, now)
		},
		DeleteFunc: func(o any) { locked(gone, o) },
	})
	f.err = errors.Join(f.err, err, informer.SetWatchErrorHandlerWithContext(failed))
	if err == nil {
		f.names = append(f.names, name)
		f.synced = append(f.synced, registration.HasSyncedChecker())
	}
}
