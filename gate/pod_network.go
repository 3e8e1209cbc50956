package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/load"
	"hagate/load/agent"
)

// podNetwork waits until a Pod on node answers every other node, and one beside the load
// agent answers node. Each node learns by itself where another's Pods are, seconds after the
// control plane calls that one ready, and a new Pod of the service there would be blamed for
// the requests and answers that are lost meanwhile.
func (r *Run) podNetwork(ctx context.Context, node string) (err error) {
	pods := r.destructive.CoreV1().Pods(r.namespace())
	run := fmt.Sprintf("network-%d", time.Now().UnixMilli())
	for i, on := range []string{node, r.Home()} {
		pod := answering(load.PodManifest(r.namespace(), fmt.Sprintf("%s-%d", run, i), r.AgentImage(), on), run)
		if _, err := pods.Create(ctx, pod, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("creating Pod %s/%s on node %s: %w", pod.Namespace, pod.Name, on, err)
		}
		defer func() {
			gone := pods.Delete(context.WithoutCancel(ctx), pod.Name, metav1.DeleteOptions{GracePeriodSeconds: new(int64)})
			if !apierrors.IsNotFound(gone) {
				err = errors.Join(err, gone)
			}
		}()
	}
	var others []string
	for _, n := range r.watch.Nodes() {
		if n.Name != node && n.Ready && !n.Gone {
			others = append(others, n.Name)
		}
	}
	var lacks string
	there := r.wait(ctx, recoveryBudget, func() bool {
		list, err := pods.List(ctx, metav1.ListOptions{LabelSelector: networkLabel + "=" + run})
		if err != nil {
			lacks = err.Error()
			return false
		}
		lacks = unreached(node, others, list.Items, func(from, address string) bool {
			_, err := r.cluster.NodeExec(ctx, from, asks(address, answeringPort)...)
			return err == nil
		})
		return lacks == ""
	})
	if !there {
		return errors.New(lacks)
	}
	return nil
}

const (
	networkLabel  = "dev.hagate.network"
	answeringPort = "8080"
)

// answering has pod answer whoever asks, however full its node is.
func answering(pod *corev1.Pod, run string) *corev1.Pod {
	pod.Labels = map[string]string{networkLabel: run}
	pod.Spec.Containers[0].Command = []string{"/agent", "fail", answeringPort}
	pod.Spec.Containers[0].Resources = corev1.ResourceRequirements{}
	return pod
}

// unreached says what there is not yet of the ways between node and the others: a Pod at
// either end, its address, or an answer to one that asks it.
func unreached(node string, others []string, pods []corev1.Pod, answers func(from, address string) bool) string {
	if len(pods) < 2 {
		return fmt.Sprintf("of two Pods, one of them on node %s, there are %d", node, len(pods))
	}
	for _, p := range pods {
		if p.Status.PodIP == "" {
			return fmt.Sprintf("Pod %s/%s on node %s has no address", p.Namespace, p.Name, p.Spec.NodeName)
		}
		from := []string{node}
		if p.Spec.NodeName == node {
			from = others
		}
		for _, n := range from {
			if !answers(n, p.Status.PodIP) {
				return fmt.Sprintf("Pod %s/%s on node %s does not answer node %s", p.Namespace, p.Name, p.Spec.NodeName, n)
			}
		}
	}
	return ""
}

// asks is the command that succeeds where what answers at address is the agent: a node that
// does not know the way sends to its gateway, and whoever is there may take any connection.
func asks(address, port string) []string {
	return []string{"timeout", "2", "bash", "-c",
		`exec 3<>"/dev/tcp/$0/$1" && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && grep -q "$2" <&3`, address, port, agent.Broken}
}
