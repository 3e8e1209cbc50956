package chaos

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"

	"k8s.io/apimachinery/pkg/runtime"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"hagate/record"
)

// fakeNode answers as a node on which the victim has one container and a sandbox.
type fakeNode struct {
	log       []string
	killErr   error
	noneRuns  bool
	notKilled int // times that /proc still shows a process
}

func (n *fakeNode) exec(_ context.Context, node string, args ...string) ([]byte, error) {
	line := strings.Join(args, " ")
	n.log = append(n.log, node+": "+line)
	switch {
	case strings.HasPrefix(line, "crictl ps "):
		if n.noneRuns {
			return nil, nil
		}
		return []byte("c1\n"), nil
	case strings.HasPrefix(line, "crictl inspect "):
		return []byte(`{"status":{"metadata":{"name":"nginx"}},"info":{"pid":4001}}`), nil
	case strings.HasPrefix(line, "crictl pods "):
		return []byte("s1\n"), nil
	case strings.HasPrefix(line, "crictl inspectp "):
		return []byte(`{"status":{"metadata":{"name":"nginx01-a"}},"info":{"pid":3999}}`), nil
	case strings.Contains(line, "ns/pid"):
		return []byte("1\n4001\n4002\n"), nil
	case strings.Contains(line, "kill -KILL"):
		return nil, n.killErr
	case strings.Contains(line, "/proc/") && n.notKilled > 0:
		n.notKilled--
		return []byte("4001\n"), nil
	}
	return nil, nil
}

// signalled matches the command that sends the pids on worker1 a signal.
func signalled(name, pids string) types.GomegaMatcher {
	return And(HavePrefix("worker1: sh -c"), ContainSubstring("kill -"+name), HaveSuffix(" sh "+pids))
}

func TestPodKill(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, podObject(victim.Name, victim.UID, "worker1"))
	host := &fakeNode{notKilled: 1}
	b.NodeExec = host.exec
	b.api.PrependReactor("delete", "pods", func(clienttest.Action) (bool, runtime.Object, error) {
		host.log = append(host.log, "deleted")
		return false, nil, nil
	})
	f := PodKill{Victim: victim}
	g.Expect(f.Inject(t.Context(), b.Env)).To(Succeed())
	g.Expect(f.Revert(t.Context(), b.Env)).To(Succeed())

	g.Expect(host.log[:6]).To(HaveExactElements(
		"worker1: crictl ps --quiet --state running --label io.kubernetes.pod.uid=uid-a",
		"worker1: crictl inspect --output json c1",
		"worker1: crictl pods --quiet --state ready --label io.kubernetes.pod.uid=uid-a",
		"worker1: crictl inspectp --output json s1",
		signalled("KILL", "4001 3999"),
		"deleted",
	))
	g.Expect(b.states()).To(Equal([]string{record.Injecting, record.Injected, record.Reverting, record.Reverted}))
	g.Expect(b.faults[1].Evidence).To(ConsistOf(
		And(ContainSubstring("4001 (nginx), 3999 (nginx01-a)"), ContainSubstring("SIGKILL"), ContainSubstring("gone")),
		ContainSubstring("left the API")))
	g.Expect(b.deletes()).To(HaveLen(1))
	options := b.deletes()[0].DeleteOptions
	g.Expect(*options.GracePeriodSeconds).To(BeZero())
	g.Expect(string(*options.Preconditions.UID)).To(Equal(victim.UID))
}

func TestPodKillOutOfTheNodesReachSaysSo(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, podObject(victim.Name, victim.UID, "worker1"))
	g.Expect(PodKill{Victim: victim}.Inject(t.Context(), b.Env)).To(Succeed())
	g.Expect(b.deletes()).To(HaveLen(1))
	options := b.deletes()[0].DeleteOptions
	g.Expect(*options.GracePeriodSeconds).To(BeZero())
	g.Expect(string(*options.Preconditions.UID)).To(Equal(victim.UID))
	g.Expect(b.faults[1].Evidence).To(ConsistOf(ContainSubstring("left the API"), ContainSubstring("was not observed")))
}

func TestPodKillThatKillsNothingDeletesNothing(t *testing.T) {
	broken := errors.New("no such process")
	for name, host := range map[string]*fakeNode{
		"nothing runs": {noneRuns: true},
		"kill fails":   {killErr: broken},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t, podObject(victim.Name, victim.UID, "worker1"))
			b.NodeExec = host.exec
			g.Expect(PodKill{Victim: victim}.Inject(t.Context(), b.Env)).NotTo(Succeed())
			g.Expect(b.deletes()).To(BeEmpty())
			g.Expect(b.states()).To(Equal([]string{record.Injecting, record.Failed}))
		})
	}
}

func TestPodKillThatStopsHalfwaySaysHowFarItCame(t *testing.T) {
	broken := errors.New("the API is away")
	for name, c := range map[string]struct {
		host      fakeNode
		deleteErr error
		err       string
		evidence  []string
	}{
		"delete fails":   {fakeNode{}, broken, "the API is away", []string{"got SIGKILL at"}},
		"processes stay": {fakeNode{notKilled: math.MaxInt}, nil, "(4001 left)", []string{"got SIGKILL at", "deleted with no grace"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				b := newBench(t, podObject(victim.Name, victim.UID, "worker1"))
				b.NodeExec = c.host.exec
				b.api.PrependReactor("delete", "pods", func(clienttest.Action) (bool, runtime.Object, error) {
					return c.deleteErr != nil, nil, c.deleteErr
				})
				g.Expect(PodKill{Victim: victim}.Inject(t.Context(), b.Env)).To(MatchError(ContainSubstring(c.err)))
				g.Expect(b.states()).To(Equal([]string{record.Injecting, record.Failed}))
				g.Expect(b.faults[1].Evidence).To(HaveLen(len(c.evidence)))
				for i, want := range c.evidence {
					g.Expect(b.faults[1].Evidence[i]).To(And(ContainSubstring(want), Not(ContainSubstring("are gone"))))
				}
			})
		})
	}
}

func TestPodKillLeavesAnotherPodOfTheNameAlone(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, podObject(victim.Name, "uid-of-another", "worker1"))
	host := &fakeNode{}
	b.NodeExec = host.exec
	g.Expect(PodKill{Victim: victim}.Inject(t.Context(), b.Env)).NotTo(Succeed())
	g.Expect(host.log).To(BeEmpty())
	g.Expect(b.deletes()).To(BeEmpty())
}
