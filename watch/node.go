package watch

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"hagate/record"
)

func (w *Watch) node(n *corev1.Node) {
	if now := nodeOf(n); changed(w.nodes, n.Name, now) {
		w.write(record.Entry{Node: &now})
	}
}

func (w *Watch) nodeGone(n *corev1.Node) {
	delete(w.nodes, n.Name)
	last := nodeOf(n)
	last.Gone = true
	w.write(record.Entry{Node: &last})
}

func nodeOf(n *corev1.Node) record.Node {
	r := record.Node{
		Name: n.Name,
		Ready: slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
			return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
		}),
		Unschedulable: n.Spec.Unschedulable,
		Zone:          n.Labels[corev1.LabelTopologyZone],
	}
	for _, t := range n.Spec.Taints {
		r.Taints = append(r.Taints, t.ToString())
	}
	slices.Sort(r.Taints)
	return r
}
