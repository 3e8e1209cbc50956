package load

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
)

func TestPodManifest(t *testing.T) {
	g := NewWithT(t)
	p := PodManifest("hagate-1", "load-agent", "agent:1", "control-plane")
	g.Expect(p.Namespace + "/" + p.Name).To(Equal("hagate-1/load-agent"))
	g.Expect(p.Spec.NodeName).To(Equal("control-plane"))
	taint := corev1.Taint{Key: "node-role.kubernetes.io/control-plane", Effect: corev1.TaintEffectNoSchedule}
	g.Expect(p.Spec.Tolerations).To(ContainElement(Satisfy(func(t corev1.Toleration) bool { return t.Operator == corev1.TolerationOpExists && t.Key == "" })), taint.ToString())
	g.Expect(p.Spec.RestartPolicy).To(Equal(corev1.RestartPolicyNever))
	g.Expect(*p.Spec.TerminationGracePeriodSeconds).To(BeEquivalentTo(1))
	g.Expect(p.Spec.Containers[0].Image).To(Equal("agent:1"))
	g.Expect(PodManifest("a", "b", "c", "").Spec.NodeName).To(BeEmpty())
}
