package chaos

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/onsi/gomega"
)

func TestPodRelabel(t *testing.T) {
	g := NewWithT(t)
	pod := podObject(victim.Name, victim.UID, "worker1")
	pod.Labels = map[string]string{"app": "nginx", "tier": "web", "note": "mine"}
	b := newBench(t, deployment(3), pod)
	f := PodRelabel{victim, web, "app=nginx,tier=web"}
	labels := func() map[string]string {
		p, err := b.api.CoreV1().Pods("nginx").Get(b.ctx, victim.Name, metav1.GetOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		return p.Labels
	}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(labels()).To(Equal(map[string]string{"app": "nginx-inspected", "tier": "web-inspected", "note": "mine"}))
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(labels()).To(Equal(map[string]string{"app": "nginx", "tier": "web", "note": "mine"}))
	g.Expect(b.Journal.Pending()).To(BeEmpty())
}
