package chaos

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/onsi/gomega"
)

func TestConfigChangesArePutBack(t *testing.T) {
	config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: "conf"}, Data: map[string]string{"a.conf": "a", "b.conf": "b"}}
	o := Object{"ConfigMap", "nginx", "conf"}
	for _, f := range []Fault{
		ConfigChange{Workload: web, Config: o, Key: "a.conf", Comment: "# new"},
		BrokenConfig{Workload: web, Config: o, Key: "a.conf"},
	} {
		t.Run(f.Declares().Name, func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t, deployment(3), config.DeepCopy())
			b.follows()
			b.newPods()
			data := func() map[string]string {
				c, err := b.api.CoreV1().ConfigMaps("nginx").Get(b.ctx, "conf", metav1.GetOptions{})
				g.Expect(err).NotTo(HaveOccurred())
				return c.Data
			}
			g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
			g.Expect(data()["a.conf"]).NotTo(Equal("a"))
			g.Expect(data()["b.conf"]).To(Equal("b"))
			g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
			g.Expect(data()).To(Equal(config.Data))
			g.Expect(now(g, b).Spec).To(Equal(deployment(3).Spec))
		})
	}
	g := NewWithT(t)
	b := newBench(t, deployment(3), config.DeepCopy())
	g.Expect(ConfigChange{Workload: web, Config: o, Key: "c.conf"}.Inject(b.ctx, b.Env)).To(MatchError(ContainSubstring(`it has no key "c.conf"`)))
	g.Expect(b.Journal.Pending()).To(BeEmpty())
}
