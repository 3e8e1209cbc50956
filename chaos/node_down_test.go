package chaos

import (
	"context"
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestNodeDown(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, nodeObject("worker1", false))
	nodes := corev1.SchemeGroupVersion.WithResource("nodes")
	var log []bool
	refused := errors.New("the engine is away")
	var err error
	b.Power = func(_ context.Context, node string, on bool) error {
		g.Expect(node).To(Equal("worker1"))
		log = append(log, on)
		if err != nil {
			return err
		}
		n := nodeObject("worker1", false)
		status := corev1.ConditionUnknown
		if on {
			status = corev1.ConditionTrue
		}
		n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status}}
		return b.api.Tracker().Update(nodes, n, "")
	}
	f := NodeDown{"worker1", []record.Victim{victim}}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(log).To(Equal([]bool{false, true}))
	g.Expect(b.Journal.Pending()).To(BeEmpty())

	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	err = refused
	undo := Undoers(Reach{Power: b.Power})
	g.Expect(b.Journal.Undo(b.ctx, undo)).To(MatchError(refused))
	g.Expect(b.Journal.Pending()).To(HaveLen(1))
	err = nil
	g.Expect(b.Journal.Undo(b.ctx, undo)).To(Succeed())
	g.Expect(b.Journal.Pending()).To(BeEmpty())

	b.Power = nil
	g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
}
