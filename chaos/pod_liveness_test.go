package chaos

import (
	"context"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestPodLiveness(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, restartedObject(2))
	host := &fakeNode{}
	b.NodeExec = func(ctx context.Context, node string, args ...string) ([]byte, error) {
		out, err := host.exec(ctx, node, args...)
		if strings.Contains(strings.Join(args, " "), "kill -STOP") {
			g.Expect(b.Journal.Pending()).To(HaveLen(1))
			return out, b.api.Tracker().Update(pods, restartedObject(3), "nginx")
		}
		return out, err
	}
	f := PodLiveness{victim}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(b.faults[0].Returns).To(BeTrue())
	g.Expect(b.faults[1].Evidence).To(ConsistOf(And(ContainSubstring("got SIGSTOP"), ContainSubstring("restarted it"))))
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(host.log[len(host.log)-1]).To(ContainSubstring("kill -CONT"), "for what no liveness probe covers")
	g.Expect(b.Journal.Pending()).To(BeEmpty())
	b.NodeExec = nil
	g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
}
