package chaos

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

// What waits out its back-off is run at once; what runs is left alone.
func TestNothingWaitsForBackOff(t *testing.T) {
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
		said, err := ComponentDown{"control-plane", "etcd"}.run(b.ctx, b.Env, 0, "kube-scheduler", "kube-controller-manager")
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

// One that starts by itself soon enough is left to it.
func TestStartsWithin(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration // it starts by itself
		waits bool
	}{
		"soon":     {5 * time.Second, false},
		"too late": {2 * time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				b := newBench(t)
				began, restarted := time.Now(), false
				b.NodeExec = func(_ context.Context, _ string, args ...string) ([]byte, error) {
					switch {
					case args[0] == "systemctl":
						restarted = true
					case restarted || time.Since(began) > c.after || !slices.Contains(args, "^kube-apiserver$"):
						return []byte("c1\n"), nil
					}
					return nil, nil
				}
				said, err := ComponentDown{"control-plane", "etcd"}.run(b.ctx, b.Env, startsWithin, "etcd", "kube-apiserver")
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(restarted).To(Equal(c.waits))
				g.Expect(len(said)).To(Equal(map[bool]int{true: 1}[c.waits]))
				g.Expect(time.Since(began)).To(BeNumerically("<", time.Minute))
			})
		})
	}
}
