package target

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// Live is what the cluster says of the target's workload.
type Live struct {
	Selector string // of its Pods, in the form that list and watch take
	Replicas int    // declared
	Away     int    // of them, that an update may take away at once
}

// Live reads the workload from the cluster.
func (t *Target) Live(ctx context.Context, cs kubernetes.Interface) (Live, error) {
	s, err := t.live(ctx, cs)
	return s.Live, err
}

// state is what Deployments and StatefulSets have in common.
type state struct {
	Live
	uid                         types.UID
	observed                    bool // the status is of the newest spec
	current, updated, available int
	problem                     string // why no Pod can be made, where it says so
}

// live reads the workload from the cluster.
func (t *Target) live(ctx context.Context, cs kubernetes.Interface) (state, error) {
	return t.Spec.Workload.live(ctx, cs)
}

func (w Workload) live(ctx context.Context, cs kubernetes.Interface) (state, error) {
	var s state
	var selector *metav1.LabelSelector
	var err error
	if w.Kind == statefulSet {
		var set *appsv1.StatefulSet
		if set, err = cs.AppsV1().StatefulSets(w.Namespace).Get(ctx, w.Name, metav1.GetOptions{}); err == nil {
			n := set.Status
			selector = set.Spec.Selector
			s = state{uid: set.UID, Live: Live{Replicas: declared(set.Spec.Replicas), Away: awayOfSet(set)}, observed: n.ObservedGeneration >= set.Generation,
				current: int(n.Replicas), updated: int(n.UpdatedReplicas), available: int(n.AvailableReplicas)}
		}
	} else {
		var d *appsv1.Deployment
		if d, err = cs.AppsV1().Deployments(w.Namespace).Get(ctx, w.Name, metav1.GetOptions{}); err == nil {
			n := d.Status
			selector = d.Spec.Selector
			s = state{uid: d.UID, Live: Live{Replicas: declared(d.Spec.Replicas), Away: awayOf(d)}, observed: n.ObservedGeneration >= d.Generation,
				current: int(n.Replicas), updated: int(n.UpdatedReplicas), available: int(n.AvailableReplicas)}
			for _, c := range n.Conditions {
				if c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue {
					s.problem = c.Reason + ": " + c.Message
				}
			}
		}
	}
	if err != nil {
		return s, fmt.Errorf("reading %s: %w", w, err)
	}
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return s, fmt.Errorf("reading the selector of %s: %w", w, err)
	}
	s.Selector = parsed.String()
	return s, nil
}

// missing says what keeps a workload from being rolled out, or nothing.
func (s state) missing() string {
	switch {
	case s.problem != "":
		return s.problem
	case !s.observed:
		return "its newest version has not been looked at yet"
	case s.updated != s.Replicas || s.current != s.Replicas || s.available != s.Replicas:
		return fmt.Sprintf("of %d replicas %d exist, %d are of the newest version, %d are available", s.Replicas, s.current, s.updated, s.available)
	}
	return ""
}
