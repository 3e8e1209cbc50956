package chaos

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestNodeJoin(t *testing.T) {
	start := func(g *WithT) (*bench, NodeJoin, *[]string) {
		old := nodeObject("worker1", false)
		old.Labels = map[string]string{"disk": "ssd"}
		old.Spec.Taints = []corev1.Taint{{Key: "node.kubernetes.io/memory-pressure", Effect: "NoSchedule"}, {Key: "gpu", Effect: "NoSchedule"}}
		old.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
		b := newBench(t, old, deployment(3))
		b.follows()
		b.evicting(nil)
		var log []string
		b.NodeExec = func(_ context.Context, _ string, args ...string) ([]byte, error) {
			log = append(log, strings.Join(args, " "))
			if args[1] == "start" {
				fresh := nodeObject("worker1", false)
				fresh.UID = "uid-fresh"
				fresh.Status.Conditions = old.Status.Conditions
				g.Expect(b.api.Tracker().Create(corev1.SchemeGroupVersion.WithResource("nodes"), fresh, "")).To(Succeed())
			}
			return nil, nil
		}
		return b, NodeJoin{Node: "worker1", Victims: []record.Victim{victim}, Scale: Scale{Workload: web, Replicas: 6, Before: 3}}, &log
	}
	joined := func(g Gomega, b *bench) {
		n, err := b.api.CoreV1().Nodes().Get(b.ctx, "worker1", metav1.GetOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(string(n.UID)).To(Equal("uid-fresh"))
		g.Expect(n.Labels).To(HaveKeyWithValue("disk", "ssd"), "what was written on the old one is on the new one")
		g.Expect(n.Spec.Taints).To(ConsistOf(HaveField("Key", "gpu")), "and not how it was")
		g.Expect(b.Journal.Pending()).To(BeEmpty())
		g.Expect(*now(g, b).Spec.Replicas).To(BeEquivalentTo(3))
	}
	t.Run("to its end", func(t *testing.T) {
		g := NewWithT(t)
		b, f, log := start(g)
		g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
		g.Expect(*log).To(Equal([]string{"systemctl stop kubelet", "systemctl start kubelet"}))
		g.Expect(*now(g, b).Spec.Replicas).To(BeEquivalentTo(6))
		g.Expect(b.faults[1].Replicas).To(Equal(6))
		g.Expect(b.faults[1].Evidence).To(HaveLen(4), "cordoned, left, joined, scaled")
		g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
		joined(g, b)
	})
	t.Run("cut short when the node has left", func(t *testing.T) {
		g := NewWithT(t)
		b, f, log := start(g)
		old, err := b.api.CoreV1().Nodes().Get(b.ctx, "worker1", metav1.GetOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		_, err = cordon(b.ctx, b.Env, old)
		g.Expect(err).NotTo(HaveOccurred())
		_, err = f.leave(b.ctx, b.Env, old)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(*log).To(Equal([]string{"systemctl stop kubelet"}))
		g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
		joined(g, b)
	})
}
