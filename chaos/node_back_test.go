package chaos

import (
	"context"
	"errors"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func nameServer(name, node, ip string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: name, Labels: map[string]string{"k8s-app": "kube-dns"}},
		Spec: corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Ports: []corev1.ContainerPort{
			{ContainerPort: 53, Protocol: corev1.ProtocolUDP}, {ContainerPort: 5353, Protocol: corev1.ProtocolTCP},
		}}}},
		Status: corev1.PodStatus{PodIP: ip},
	}
}

func TestNodeIsBackWithItsPodNetwork(t *testing.T) {
	ready := nodeObject("worker1", false)
	ready.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}

	t.Run("it waits until another node's DNS is reached", func(t *testing.T) {
		g := NewWithT(t)
		b := newBench(t, ready, nameServer("here", "worker1", "10.244.1.2"), nameServer("there", "worker2", "10.244.2.2"))
		var asked []string
		b.NodeExec = func(_ context.Context, node string, args ...string) ([]byte, error) {
			g.Expect(node).To(Equal("worker1"))
			asked = append(asked, args[len(args)-1])
			if len(asked) < 3 {
				return nil, errors.New("no route")
			}
			return nil, nil
		}
		g.Expect(waitNodeBack(b.ctx, b.Env, "worker1")).To(Succeed())
		g.Expect(asked).To(HaveLen(3))
		g.Expect(strings.Join(asked, " ")).To(And(ContainSubstring("10.244.2.2/5353"), Not(ContainSubstring("10.244.1.2"))))
	})

	t.Run("it says what it waited for", func(t *testing.T) {
		g := NewWithT(t)
		b := newBench(t, ready, nameServer("there", "worker2", "10.244.2.2"))
		ctx, cancel := context.WithCancelCause(b.ctx)
		b.NodeExec = func(context.Context, string, ...string) ([]byte, error) {
			cancel(errors.New("out of time"))
			return nil, errors.New("no route")
		}
		g.Expect(waitNodeBack(ctx, b.Env, "worker1")).To(MatchError("waiting for the Pod network of node worker1: out of time"))
	})

	t.Run("it asks nobody where no DNS is on another node", func(t *testing.T) {
		g := NewWithT(t)
		b := newBench(t, ready, nameServer("here", "worker1", "10.244.1.2"))
		b.NodeExec = func(context.Context, string, ...string) ([]byte, error) {
			t.Error("the node was asked")
			return nil, nil
		}
		g.Expect(waitNodeBack(b.ctx, b.Env, "worker1")).To(Succeed())
	})
}
