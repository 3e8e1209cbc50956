package gate

import (
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	. "github.com/onsi/gomega"

	"hagate/chaos"
	"hagate/journal"
	"hagate/record"
)

func TestLostNode(t *testing.T) {
	g := NewWithT(t)
	took := map[string]bool{"a": true, "b": true, "cordoned before": false}
	nodes := []record.Node{{Name: "a", Ready: true}, {Name: "b", Ready: true}, {Name: "cordoned before", Ready: true, Unschedulable: true}, {Name: "new"}}
	g.Expect(lostNode(nodes, took)).To(BeEmpty())
	nodes[1].Ready = false
	g.Expect(lostNode(nodes, took)).To(Equal("b"))
	nodes[1] = record.Node{Name: "b", Ready: true, Unschedulable: true}
	g.Expect(lostNode(nodes, took)).To(Equal("b"))
	nodes[1] = record.Node{Name: "b", Gone: true}
	g.Expect(lostNode(nodes, took)).To(BeEmpty())
}

// What a fault could not put back is tried again, and what was there before it stays.
func TestUndoSince(t *testing.T) {
	g := NewWithT(t)
	j, err := journal.Create(t.TempDir(), "run")
	g.Expect(err).NotTo(HaveOccurred())
	client := fake.NewClientset()
	for _, name := range []string{"before", "fault"} {
		n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.NodeSpec{Unschedulable: true}}
		g.Expect(client.Tracker().Add(n)).To(Succeed())
		_, err = j.Add("cordon", map[string]string{"node": name})
		g.Expect(err).NotTo(HaveOccurred())
	}
	_, err = j.Add(undoObject, map[string]string{"object": "{}"})
	g.Expect(err).NotTo(HaveOccurred())

	r := &Run{journal: j}
	g.Expect(r.undoSince(t.Context(), &chaos.Env{Client: client}, 1)).To(Succeed())
	cordoned := func(name string) bool {
		n, err := client.CoreV1().Nodes().Get(t.Context(), name, metav1.GetOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		return n.Spec.Unschedulable
	}
	g.Expect(cordoned("fault")).To(BeFalse())
	g.Expect(cordoned("before")).To(BeTrue())
	g.Expect(j.Pending()).To(HaveLen(2), "the older one, and the object, which is no fault's")
}

// Pods on their way out are waited for as long as some of them go.
func TestWaitEnds(t *testing.T) {
	const atMost = time.Minute
	for name, c := range map[string]struct {
		every time.Duration // one goes each time
		stay  int           // of four
		want  string
	}{
		"all go, slowly":   {every: 50 * time.Second},
		"one never goes":   {every: 10 * time.Second, stay: 1, want: "1 Pods are still terminating"},
		"they go too late": {every: 2 * time.Minute, want: "4 Pods are still terminating"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, began := NewWithT(t), time.Now()
				err := (&Run{}).waitEnds(t.Context(), atMost, func() int { return max(c.stay, 4-int(time.Since(began)/c.every)) })
				if c.want == "" {
					g.Expect(err).NotTo(HaveOccurred())
					return
				}
				g.Expect(err).To(MatchError(ContainSubstring(c.want)))
			})
		})
	}
}
