package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/record"
	"hagate/verdict/budget"
	"hagate/watch"
)

// controlPlaneWorks waits until the control plane does its work again, seen by its fruit:
// a Pod is scheduled, one started on each node, an EndpointSlice written for them, and each
// node has the way to their Service. That a component runs says little: it may be waiting
// for its lease, or for up to a minute until it tries a watch again that broke
// (k8s.io/client-go/tools/cache, Reflector), and each kubelet and kube-proxy has its own.
// What is done to the service meanwhile would be held against it.
func (r *Run) controlPlaneWorks(ctx context.Context) (err error) {
	var a answering
	defer func() { err = errors.Join(err, r.stopAnswering(context.WithoutCancel(ctx), a)) }()
	defer func() {
		if err != nil {
			err = fmt.Errorf("the control plane did not work again within %s: %w", budget.Recovery, err)
		}
	}()
	var nodes []string
	for _, n := range r.watch.Nodes() {
		if !n.Gone {
			nodes = append(nodes, n.Name)
		}
	}
	if a, err = r.startAnswering(ctx, append(nodes, "")); err != nil {
		return err
	}
	var lacks string
	if !r.waitAsking(ctx, budget.Recovery, func() bool {
		list, err := r.destructive.DiscoveryV1().EndpointSlices(r.namespace()).List(ctx, metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=" + a.name})
		if err != nil {
			lacks = err.Error()
			return false
		}
		lacks = unheard(a.places, list.Items)
		return lacks == ""
	}) {
		return errors.New(lacks)
	}
	if r.cluster.Kind != nil {
		if err := r.routes(ctx, a, nodes); err != nil {
			return err
		}
	}
	if !r.waitAsking(ctx, budget.Recovery, func() bool { return r.watchCaughtUp(ctx) }) {
		return errors.New("the watch has not caught up with the current Pods")
	}
	return nil
}

// unheard says which of the Pods, whose places are given by their names, no EndpointSlice
// has, or nothing.
func unheard(places map[string]string, list []discoveryv1.EndpointSlice) string {
	missing := maps.Clone(places)
	for _, s := range list {
		for _, e := range s.Endpoints {
			if e.TargetRef != nil {
				delete(missing, e.TargetRef.Name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		return "no EndpointSlice has a Pod that was started now " + missing[name]
	}
	return ""
}

// watchCaughtUp says whether the watch has the workload's Pods, and strays of its labels, as
// the API server has them: a watch that broke is tried again after up to a minute.
func (r *Run) watchCaughtUp(ctx context.Context) bool {
	pods, err := r.destructive.CoreV1().Pods(r.target.Spec.Workload.Namespace).List(ctx, metav1.ListOptions{LabelSelector: r.selector})
	if err != nil {
		return false
	}
	return caughtUp(r.watch.Pods(), r.watch.Strays(), pods.Items)
}

// caughtUp says whether what is there was seen as it is, and of own Pods no more than that:
// strays may have other labels.
func caughtUp(own, strays []record.Pod, there []corev1.Pod) bool {
	seen, missing := map[string]record.Pod{}, map[string]bool{}
	for _, p := range own {
		seen[p.UID], missing[p.UID] = p, true
	}
	for _, p := range strays {
		p.Stray = false // PodOf does not know
		seen[p.UID] = p
	}
	for _, p := range there {
		if !reflect.DeepEqual(seen[string(p.UID)], watch.PodOf(&p)) {
			return false
		}
		delete(missing, string(p.UID))
	}
	return len(missing) == 0
}
