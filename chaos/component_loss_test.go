package chaos

import (
	"context"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// Where there is an API, a Pod is deleted by it; where there is none, nothing asks it.
func TestComponentLoss(t *testing.T) {
	for component, killed := range map[string]bool{"kube-apiserver": true, "etcd": true, "kube-scheduler": false, "kube-controller-manager": false} {
		t.Run(component, func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t, podObject(victim.Name, victim.UID, "worker1"))
			host := new(fakeNode)
			b.NodeExec = func(ctx context.Context, node string, args ...string) ([]byte, error) {
				if slices.Contains(args, "^"+component+"$") && !strings.Contains(strings.Join(host.log, "\n"), "control-plane: sh -c if") {
					return nil, nil // its container is gone, until the manifest is back
				}
				return host.exec(ctx, node, args...)
			}
			f := ComponentLoss{ComponentDown{Node: "control-plane", Component: component}, victim}
			g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())

			done := strings.Join(host.log, "\n")
			g.Expect(done).To(HavePrefix("control-plane: mv /etc/kubernetes/manifests/" + component))
			g.Expect(strings.Contains(done, "kill -KILL")).To(Equal(killed))
			if killed {
				g.Expect(b.api.Actions()).To(BeEmpty())
			} else {
				g.Expect(b.deletes()).To(HaveLen(1))
				g.Expect(b.deletes()[0].DeleteOptions.GracePeriodSeconds).To(BeNil(), "the grace that the Pod asks for")
			}
			g.Expect(b.faults[1].State).To(Equal(record.Injected))
			g.Expect(b.faults[1].Returns).To(Equal(killed))
			g.Expect(b.faults[1].Evidence).To(HaveLen(2))
			g.Expect(b.Journal.Pending()).To(HaveLen(1))

			g.Expect(b.Journal.Undo(b.ctx, Undoers(Reach{NodeExec: b.NodeExec}))).To(Succeed())
			g.Expect(host.log).To(ContainElement(And(HavePrefix("control-plane: sh -c if"), HaveSuffix("/etc/kubernetes/manifests/"+component+".yaml"))))
			g.Expect(b.Journal.Pending()).To(BeEmpty())

			b.NodeExec = nil
			g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
		})
	}
}
