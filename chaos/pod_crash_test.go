package chaos

import (
	"context"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestPodCrash(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, restartedObject(2))
	host := &fakeNode{}
	b.NodeExec = func(ctx context.Context, node string, args ...string) ([]byte, error) {
		out, err := host.exec(ctx, node, args...)
		if strings.Contains(strings.Join(args, " "), "kill -KILL") {
			return out, b.api.Tracker().Update(pods, restartedObject(3), "nginx")
		}
		return out, err
	}
	f := PodCrash{victim}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(host.log).To(ContainElement(signalled("KILL", "4001 4002")))
	g.Expect(b.faults[1].Evidence).To(ConsistOf(ContainSubstring("restarted it")))
	g.Expect(b.deletes()).To(BeEmpty())
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	b.NodeExec = nil
	g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
}
