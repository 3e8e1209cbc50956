package chaos

import (
	"context"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// A process that another one started before it got the signal gets it as well.
func TestFreezeLeavesNoneRunning(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t)
	host := &fakeNode{}
	listed := 0
	b.NodeExec = func(ctx context.Context, node string, args ...string) ([]byte, error) {
		out, err := host.exec(ctx, node, args...)
		if strings.Contains(strings.Join(args, " "), "ns/pid") {
			if listed++; listed > 1 {
				return []byte("4001\n4002\n4003\n"), nil
			}
		}
		return out, err
	}
	g.Expect(PodFreeze{victim}.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(host.log).To(ContainElement(signalled("STOP", "4001 4002 4003")))
	g.Expect(b.faults[1].Evidence).To(ConsistOf(ContainSubstring("4003")))
}

// With hostPID a Pod's processes are in one PID namespace with the kubelet's.
func TestNothingOfTheNodesIsStopped(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, podObject(victim.Name, victim.UID, "worker1"))
	host := &fakeNode{}
	b.NodeExec = func(ctx context.Context, node string, args ...string) ([]byte, error) {
		out, err := host.exec(ctx, node, args...)
		if strings.Contains(strings.Join(args, " "), "ns/pid") {
			return []byte("host\n"), nil
		}
		return out, err
	}
	for _, f := range []Fault{PodFreeze{victim}, PodCrash{victim}, PodLiveness{victim}} {
		g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ContainSubstring("hostPID")))
	}
	g.Expect(host.log).NotTo(ContainElement(ContainSubstring("kill")))
	g.Expect(b.Journal.Pending()).To(BeEmpty())
}

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
