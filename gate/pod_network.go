package gate

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/verdict/budget"
)

// podNetwork waits until a Pod on node answers every other node, one beside the load agent
// answers node, and node has the way to a Service that was made now. Each node learns by
// itself where another's Pods are and what is behind a Service, seconds after the control
// plane calls that one ready, and a new Pod of the service there would be blamed for the
// requests and answers that are lost meanwhile.
func (r *Run) podNetwork(ctx context.Context, node string) (err error) {
	a, err := r.startAnswering(ctx, []string{node, r.Home()})
	defer func() { err = errors.Join(err, r.stopAnswering(context.WithoutCancel(ctx), a)) }()
	if err != nil {
		return err
	}
	var others []string
	for _, n := range r.watch.Nodes() {
		if n.Name != node && n.Ready && !n.Gone {
			others = append(others, n.Name)
		}
	}
	var lacks string
	there := r.waitAsking(ctx, budget.Recovery, func() bool {
		list, err := r.destructive.CoreV1().Pods(r.namespace()).List(ctx, metav1.ListOptions{LabelSelector: answeringLabel + "=" + a.name})
		if err != nil {
			lacks = err.Error()
			return false
		}
		lacks = unreached(node, others, list.Items, func(from, address string) bool { return r.answered(ctx, from, address, answeringPort) })
		return lacks == ""
	})
	if !there {
		return errors.New(lacks)
	}
	return r.routes(ctx, a, []string{node})
}

// unreached says what there is not yet of the ways between node and the others: a Pod at
// either end, its address, or an answer to one that asks it.
func unreached(node string, others []string, pods []corev1.Pod, answers func(from, address string) bool) string {
	if len(pods) < 2 {
		return fmt.Sprintf("want 2 probe Pods, one on node %s, found %d", node, len(pods))
	}
	for _, p := range pods {
		if p.Status.PodIP == "" {
			return fmt.Sprintf("Pod %s/%s on node %s has no address", p.Namespace, p.Name, p.Spec.NodeName)
		}
		from := []string{node}
		if p.Spec.NodeName == node {
			from = others
		}
		for _, n := range from {
			if !answers(n, p.Status.PodIP) {
				return fmt.Sprintf("Pod %s/%s on node %s does not answer node %s", p.Namespace, p.Name, p.Spec.NodeName, n)
			}
		}
	}
	return ""
}
