package chaos

import (
	"context"
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
)

func TestNodeIsBackWithItsPodNetwork(t *testing.T) {
	g := NewWithT(t)
	ready := nodeObject("worker1", false)
	ready.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	b := newBench(t, ready)
	g.Expect(waitNodeBack(b.ctx, b.Env, "worker1")).To(Succeed(), "out of reach: ready is enough")

	var asked []string
	var lacks error
	b.PodNetwork = func(_ context.Context, node string) error {
		asked = append(asked, node)
		return lacks
	}
	g.Expect(waitNodeBack(b.ctx, b.Env, "worker1")).To(Succeed())
	g.Expect(asked).To(Equal([]string{"worker1"}))
	lacks = errors.New("no way from worker2")
	g.Expect(waitNodeBack(b.ctx, b.Env, "worker1")).To(MatchError("waiting for the Pod network of node worker1: no way from worker2"))
}
