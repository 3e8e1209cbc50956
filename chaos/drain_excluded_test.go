package chaos

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func excluded(g Gomega, b *bench, node string) bool {
	o, err := b.api.Tracker().Get(corev1.SchemeGroupVersion.WithResource("nodes"), "", node) // also while it reacts to something else
	g.Expect(err).NotTo(HaveOccurred())
	_, is := o.(*corev1.Node).Labels[corev1.LabelNodeExcludeBalancers]
	return is
}

func TestExcludedDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		b := newBench(t, nodeObject("worker1", false), podObject(victim.Name, victim.UID, "worker1"))
		began := time.Now()
		b.evicting(func() error {
			g.Expect(excluded(g, b, "worker1")).To(BeTrue(), "load balancers leave it first")
			g.Expect(time.Since(began)).To(BeNumerically(">=", 5*time.Second))
			return nil
		})
		f := ExcludedDrain{NodeDrain: NodeDrain{Node: "worker1", Victims: []record.Victim{victim}}, Wait: 5 * time.Second}
		g.Expect(f.Inject(t.Context(), b.Env)).To(Succeed())
		g.Expect(cordoned(g, b, "worker1")).To(BeTrue())
		g.Expect(b.Journal.Pending()).To(HaveLen(2))
		g.Expect(b.faults[1].Evidence).To(HaveLen(3))

		g.Expect(f.Revert(t.Context(), b.Env)).To(Succeed())
		g.Expect(cordoned(g, b, "worker1")).To(BeFalse())
		g.Expect(excluded(g, b, "worker1")).To(BeFalse())
		g.Expect(b.Journal.Pending()).To(BeEmpty())
		g.Expect(b.states()).To(Equal([]string{record.Injecting, record.Injected, record.Reverting, record.Reverted}))
	})
}

func TestExcludedDrainLeavesALabelThatWasThereAlone(t *testing.T) {
	g := NewWithT(t)
	node := nodeObject("worker1", false)
	node.Labels = map[string]string{corev1.LabelNodeExcludeBalancers: ""}
	b := newBench(t, node)
	f := ExcludedDrain{NodeDrain: NodeDrain{Node: "worker1"}}
	g.Expect(f.Inject(t.Context(), b.Env)).To(Succeed())
	g.Expect(f.Revert(t.Context(), b.Env)).To(Succeed())
	g.Expect(excluded(g, b, "worker1")).To(BeTrue())
}

func TestExcludedDrainThatIsCutShortIsPutBack(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, nodeObject("worker1", false))
	late := errors.New("took too long")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(late)
	f := ExcludedDrain{NodeDrain: NodeDrain{Node: "worker1"}, Wait: time.Hour}
	g.Expect(f.Inject(ctx, b.Env)).To(MatchError(late))
	g.Expect(excluded(g, b, "worker1")).To(BeTrue())
	g.Expect(b.Journal.Undo(t.Context(), Undoers(Reach{Client: b.api}))).To(Succeed())
	g.Expect(excluded(g, b, "worker1")).To(BeFalse())
	g.Expect(cordoned(g, b, "worker1")).To(BeFalse())
}
