package chaos

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

// A controller that waits out its back-off is run at once; one that runs is left alone.
func TestControllersNeedNotWait(t *testing.T) {
	for _, waits := range []string{"", "kube-scheduler", "kube-controller-manager"} {
		g := NewWithT(t)
		b := newBench(t)
		restarts := 0
		b.NodeExec = func(_ context.Context, node string, args ...string) ([]byte, error) {
			g.Expect(node).To(Equal("control-plane"))
			switch {
			case args[0] == "systemctl":
				g.Expect(args).To(Equal([]string{"systemctl", "restart", "kubelet"}))
				restarts++
			case restarts > 0 || !slices.Contains(args, "^"+waits+"$"):
				return []byte("c1\n"), nil
			}
			return nil, nil
		}
		recovered := Undoers(Reach{NodeExec: b.NodeExec})[componentKind](b.ctx, map[string]string{"node": "control-plane", "component": "etcd"})
		g.Expect(recovered).To(Succeed())
		g.Expect(restarts > 0).To(Equal(waits != ""), "by what a dead run left to be undone")
		restarts = 0
		said, err := ComponentDown{"control-plane", "etcd"}.endBackOff(b.ctx, b.Env)
		g.Expect(err).NotTo(HaveOccurred())
		if waits == "" {
			g.Expect(restarts).To(BeZero())
			g.Expect(said).To(BeEmpty())
		} else {
			g.Expect(restarts).To(Equal(1), waits)
			g.Expect(said).To(ConsistOf(And(ContainSubstring("kubelet of node control-plane"), ContainSubstring(waits))))
		}
	}
}

// What ends by itself is left to it; the rest is killed.
func TestComponentEnds(t *testing.T) {
	for name, c := range map[string]struct {
		after  time.Duration // it ends by itself
		killed bool
	}{
		"by itself": {3 * time.Second, false},
		"killed":    {time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				b := newBench(t)
				began, killed := time.Now(), false
				b.NodeExec = func(_ context.Context, _ string, args ...string) ([]byte, error) {
					switch {
					case slices.Contains(args, "stop"):
						g.Expect(args).To(Equal([]string{"crictl", "stop", "--timeout", "0", "c1"}))
						killed = true
					case args[0] == "crictl" && !killed && time.Since(began) < c.after:
						return []byte("c1\n"), nil
					}
					return nil, nil
				}
				evidence, err := ComponentDown{"control-plane", "kube-apiserver"}.takeDown(b.ctx, b.Env)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(killed).To(Equal(c.killed))
				g.Expect(evidence[0]).To(ContainSubstring("nothing of it ran"))
				g.Expect(evidence[1:]).To(HaveLen(map[bool]int{true: 1}[c.killed]), "the report says that it was killed")
			})
		})
	}
}

// What waits for etcd must not keep the kubelet from starting it.
func TestAPIServerEndsWithoutEtcd(t *testing.T) {
	for component, killed := range map[string]bool{"etcd": true, "kube-scheduler": false} {
		g := NewWithT(t)
		b := newBench(t)
		stopped := false
		b.NodeExec = func(_ context.Context, _ string, args ...string) ([]byte, error) {
			switch {
			case slices.Contains(args, "stop"):
				g.Expect(args[len(args)-1]).To(Equal("api"))
				stopped = true
			case slices.Contains(args, "^kube-apiserver$"):
				return []byte("api\n"), nil
			}
			return nil, nil
		}
		said, err := ComponentDown{"control-plane", component}.moveBack(b.ctx, b.Env)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(stopped).To(Equal(killed), component)
		g.Expect(len(said) > 0).To(Equal(killed), component)
	}
}
