package chaos

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestNodeReboot(t *testing.T) {
	for _, c := range []struct {
		how    string
		after  func(*bench, *corev1.Pod) error
		proven string
	}{
		{"in place", func(b *bench, p *corev1.Pod) error {
			p.Status.ContainerStatuses[0].RestartCount++
			return b.api.Tracker().Update(pods, p, "nginx")
		}, "nginx/nginx01-a (uid uid-a) had been restarted"},
		{"replaced", func(b *bench, p *corev1.Pod) error {
			return b.api.Tracker().Delete(pods, "nginx", p.Name)
		}, "nginx/nginx01-a (uid uid-a) was terminating or gone"},
	} {
		t.Run(c.how, func(t *testing.T) {
			g := NewWithT(t)
			pod := podObject(victim.Name, victim.UID, "worker1")
			pod.Status.ContainerStatuses = []corev1.ContainerStatus{{RestartCount: 2, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
			host := nodeObject("worker1", false)
			host.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
			b := newBench(t, pod, host)
			var log []bool
			b.Power = func(_ context.Context, _ string, on bool) error {
				g.Expect(b.Journal.Pending()).To(HaveLen(1))
				log = append(log, on)
				if on {
					return c.after(b, pod.DeepCopy())
				}
				return nil
			}
			f := NodeReboot{"worker1", []record.Victim{victim}}
			g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
			g.Expect(log).To(Equal([]bool{false, true}))
			g.Expect(b.Journal.Pending()).To(BeEmpty())
			g.Expect(b.faults[0].Returns).To(BeTrue())
			g.Expect(b.faults[1].Evidence).To(ConsistOf(ContainSubstring("was powered off"), ContainSubstring(c.proven)))
			g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
			g.Expect(log).To(HaveLen(2))
		})
	}
}
