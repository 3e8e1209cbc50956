package watch

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestNodesAreFollowed(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	want := record.Node{Name: "worker1", Ready: true}
	n := nodeObject("worker1")
	b.node(n)
	g.Expect(states(b.news())).To(Equal([]any{want}))

	n.Labels = map[string]string{corev1.LabelTopologyZone: "a"}
	want.Zone = "a"
	b.node(n)
	g.Expect(states(b.news())).To(Equal([]any{want}))

	n.Annotations = map[string]string{"heartbeat": "1"}
	b.node(n)
	g.Expect(b.news()).To(BeEmpty())

	n.Spec.Unschedulable = true
	n.Spec.Taints = []corev1.Taint{
		{Key: "node.kubernetes.io/unschedulable", Effect: corev1.TaintEffectNoSchedule},
		{Key: "a", Value: "b", Effect: corev1.TaintEffectNoExecute}}
	want.Unschedulable, want.Taints = true, []string{"a=b:NoExecute", "node.kubernetes.io/unschedulable:NoSchedule"}
	b.node(n)
	g.Expect(states(b.news())).To(Equal([]any{want}))

	n.Spec.Taints[0], n.Spec.Taints[1] = n.Spec.Taints[1], n.Spec.Taints[0]
	b.node(n)
	g.Expect(b.news()).To(BeEmpty(), "taints have no order")

	n.Status.Conditions[0].Status = corev1.ConditionUnknown
	want.Ready = false
	b.node(n)
	g.Expect(states(b.news())).To(Equal([]any{want}))
	g.Expect(b.Nodes()).To(Equal([]record.Node{want}))

	want.Gone = true
	b.nodeGone(n)
	g.Expect(states(b.news())).To(Equal([]any{want}))
	g.Expect(b.Nodes()).To(BeEmpty())
}
