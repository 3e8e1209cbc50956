package target

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Selector is the live workload's label selector in the form that list and watch
// take, and the number of replicas that it declares.
func (t *Target) Selector(ctx context.Context, config *rest.Config) (selector string, replicas int, err error) {
	cs, err := clientset(config)
	if err != nil {
		return "", 0, err
	}
	s, err := t.live(ctx, cs)
	if err != nil {
		return "", 0, err
	}
	return s.selector, s.replicas, nil
}

// state is what Deployments and StatefulSets have in common.
type state struct {
	selector                    string
	replicas                    int  // declared
	observed                    bool // the status is of the newest spec
	current, updated, available int
	problem                     string // why no Pod can be made, where it says so
}

// live reads the workload from the cluster.
func (t *Target) live(ctx context.Context, cs kubernetes.Interface) (state, error) {
	w := t.Spec.Workload
	var s state
	var selector *metav1.LabelSelector
	var err error
	if w.Kind == statefulSet {
		var set *appsv1.StatefulSet
		if set, err = cs.AppsV1().StatefulSets(w.Namespace).Get(ctx, w.Name, metav1.GetOptions{}); err == nil {
			n := set.Status
			selector = set.Spec.Selector
			s = state{replicas: declared(set.Spec.Replicas), observed: n.ObservedGeneration >= set.Generation,
				current: int(n.Replicas), updated: int(n.UpdatedReplicas), available: int(n.AvailableReplicas)}
		}
	} else {
		var d *appsv1.Deployment
		if d, err = cs.AppsV1().Deployments(w.Namespace).Get(ctx, w.Name, metav1.GetOptions{}); err == nil {
			n := d.Status
			selector = d.Spec.Selector
			s = state{replicas: declared(d.Spec.Replicas), observed: n.ObservedGeneration >= d.Generation,
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
	s.selector = parsed.String()
	return s, nil
}
