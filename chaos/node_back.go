package chaos

import (
	"context"
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// waitNodeBack waits until a node that was off is ready, and until its Pod network is
// there: from the node, the cluster's DNS on another can be reached. The kubelet finds its
// CNI configuration on disk and calls the node ready before that, and a Pod that is placed
// there meanwhile answers no Pod of another node. Where no Pod of the DNS is on another
// node, or nodes are out of reach, ready is all that is waited for.
func waitNodeBack(ctx context.Context, env *Env, node string) error {
	if err := waitNodeReady(ctx, env.Client, node, true); err != nil || env.NodeExec == nil {
		return err
	}
	err := wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
		servers, err := env.Client.CoreV1().Pods("kube-system").List(ctx, metav1.ListOptions{LabelSelector: "k8s-app=kube-dns"})
		if err != nil {
			return false, nil
		}
		there := false
		for _, p := range servers.Items {
			port := tcpPort(p)
			if p.Spec.NodeName == node || p.Spec.HostNetwork || p.Status.PodIP == "" || port == 0 {
				continue
			}
			there = true
			connect := "</dev/tcp/" + p.Status.PodIP + "/" + strconv.Itoa(port)
			if _, err := env.NodeExec(ctx, node, "timeout", "2", "bash", "-c", connect); err == nil {
				return true, nil
			}
		}
		return !there, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for the Pod network of node %s: %w", node, context.Cause(ctx))
	}
	return nil
}

// tcpPort is the first that a Pod declares, 0 where it declares none.
func tcpPort(p corev1.Pod) int {
	for _, c := range p.Spec.Containers {
		for _, port := range c.Ports {
			if port.Protocol == corev1.ProtocolTCP || port.Protocol == "" {
				return int(port.ContainerPort)
			}
		}
	}
	return 0
}
