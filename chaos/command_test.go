package chaos

import (
	"context"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestCommandsOnNodesAreTakenBack(t *testing.T) {
	for _, c := range []struct {
		fault    Fault
		do, undo string
	}{
		{UnitDown{Node: "worker1", Unit: "kubelet"}, "systemctl stop kubelet", "systemctl start kubelet"},
		{NodeCut{Node: "worker1"}, `sh -c echo "$1" | nft -f - sh ` + cutRules,
			"sh -c if nft list table inet hagate >/dev/null 2>&1; then nft delete table inet hagate; fi"},
	} {
		t.Run(c.fault.Declares().Name, func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t, nodeObject("worker1", false))
			var log []string
			b.NodeExec = func(_ context.Context, node string, args ...string) ([]byte, error) {
				line := strings.Join(args, " ")
				if !strings.HasPrefix(line, "crictl") {
					log = append(log, line)
				}
				return nil, nil
			}
			g.Expect(c.fault.Inject(b.ctx, b.Env)).To(Succeed())
			g.Expect(log).To(Equal([]string{c.do}))
			g.Expect(b.Journal.Pending()).To(HaveLen(1))
			g.Expect(b.Journal.Undo(b.ctx, Undoers(Reach{}))).To(MatchError(ErrOutOfReach))
			g.Expect(b.Journal.Undo(b.ctx, Undoers(Reach{NodeExec: b.NodeExec}))).To(Succeed())
			g.Expect(log).To(Equal([]string{c.do, c.undo}))
			g.Expect(b.Journal.Pending()).To(BeEmpty())

			b.NodeExec = nil
			g.Expect(c.fault.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
		})
	}
}
