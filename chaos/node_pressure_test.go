package chaos

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestNodePressure(t *testing.T) {
	g := NewWithT(t)
	nodes := schema.GroupVersionResource{Version: "v1", Resource: "nodes"}
	host := nodeObject("worker1", false)
	host.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	failed := podObject("batch-1", "uid-batch", "worker1")
	failed.Status.Phase = corev1.PodFailed
	b := newBench(t, host, podObject(victim.Name, victim.UID, "worker1"), failed)
	var log []string
	b.NodeExec = func(_ context.Context, _ string, args ...string) ([]byte, error) {
		log = append(log, args[2])
		n, pod := host.DeepCopy(), podObject(victim.Name, victim.UID, "worker1")
		pod.Status.Phase = corev1.PodSucceeded
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: corev1.PodReasonTerminationByKubelet}}
		if args[2] == raiseThreshold {
			n.Spec.Taints = []corev1.Taint{{Key: corev1.TaintNodeMemoryPressure, Effect: corev1.TaintEffectNoSchedule}}
			g.Expect(b.api.Tracker().Update(pods, pod, "nginx")).To(Succeed())
		}
		return nil, b.api.Tracker().Update(nodes, n, "")
	}
	f := NodePressure{"worker1", []record.Victim{victim}}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(b.faults[1].Evidence).To(ConsistOf(ContainSubstring("99.9 %"), ContainSubstring("nginx01-a (uid uid-a) had been evicted")))
	g.Expect(b.Journal.Pending()).To(HaveLen(1))
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(log).To(Equal([]string{raiseThreshold, lowerThreshold}))
	g.Expect(b.Journal.Pending()).To(BeEmpty())
	left, err := b.api.CoreV1().Pods("nginx").List(b.ctx, metav1.ListOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(left.Items).To(HaveLen(1), "what failed by itself is not ours to delete")
	g.Expect(left.Items[0].Name).To(Equal("batch-1"))
}
