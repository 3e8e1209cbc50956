package chaos

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestPodFreeze(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t)
	host := &fakeNode{}
	b.NodeExec = host.exec
	f := PodFreeze{victim}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(host.log).To(ContainElement(signalled("STOP", "4001 4002")))
	g.Expect(b.Journal.Pending()).To(HaveLen(1))
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(host.log[len(host.log)-1]).To(signalled("CONT", "4001 4002"))
	g.Expect(b.Journal.Pending()).To(BeEmpty())

	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	host.noneRuns = true // the Pod has gone meanwhile
	g.Expect(b.Journal.Undo(b.ctx, Undoers(Reach{NodeExec: host.exec}))).To(Succeed())
	g.Expect(b.Journal.Pending()).To(BeEmpty())

	b.NodeExec = nil
	g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
}
