package cluster

import (
	"context"
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/e2e-framework/klient"
	"sigs.k8s.io/e2e-framework/klient/k8s"
	"sigs.k8s.io/e2e-framework/klient/wait"
	"sigs.k8s.io/e2e-framework/klient/wait/conditions"

	"hagate/record"
)

const controlPlane = "node-role.kubernetes.io/control-plane"

var coreDNSSetting = record.Setting{Name: record.Words("CoreDNS nodeSelector"), Value: record.Words(controlPlane),
	Reason: record.Say("faults hit workers; a lookup that is lost because CoreDNS moved would be blamed on the service")}

func (c *Cluster) client() (klient.Client, error) {
	config, err := c.RESTConfig()
	if err != nil {
		return nil, err
	}
	client, err := klient.New(config)
	if err != nil {
		return nil, fmt.Errorf("making a client for cluster %s: %w", c.Name, err)
	}
	return client, nil
}

// waitNodes waits until want nodes are there and every one is ready and schedulable.
// The control plane's own taint does not count.
func waitNodes(ctx context.Context, client klient.Client, want int, timeout time.Duration) error {
	why, unheard := "the API server did not answer", ""
	err := wait.For(func(ctx context.Context) (bool, error) {
		var nodes corev1.NodeList
		if err := client.Resources().List(ctx, &nodes); err != nil {
			unheard = "; " + err.Error() // what the nodes lacked when they were last seen still counts
			return false, nil
		}
		why, unheard = unready(nodes.Items, want), ""
		return why == "", nil
	}, wait.WithContext(ctx), wait.WithTimeout(timeout), wait.WithInterval(300*time.Millisecond), wait.WithImmediate())
	if err != nil {
		return fmt.Errorf("waiting for nodes: %s%s: %w", why, unheard, err)
	}
	return nil
}

// unready says what keeps a cluster of want nodes from being whole, or nothing.
func unready(nodes []corev1.Node, want int) string {
	var problems []string
	if len(nodes) != want {
		problems = append(problems, fmt.Sprintf("%d of %d nodes have joined", len(nodes), want))
	}
	for _, n := range nodes {
		if !NodeReady(n) {
			problems = append(problems, n.Name+" is not ready")
		}
		if n.Spec.Unschedulable {
			problems = append(problems, n.Name+" is cordoned")
		}
	}
	return strings.Join(problems, ", ")
}

// NodeReady says whether a node is ready.
func NodeReady(n corev1.Node) bool {
	for _, cond := range n.Status.Conditions {
		if cond.Type == corev1.NodeReady {
			return cond.Status == corev1.ConditionTrue
		}
	}
	return false
}

// pinCoreDNS keeps CoreDNS on the control-plane nodes.
func pinCoreDNS(ctx context.Context, client klient.Client) (*appsv1.Deployment, error) {
	dns := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "coredns", Namespace: "kube-system"}}
	patch := fmt.Sprintf(`{"spec":{"template":{"spec":{"nodeSelector":{%q:""}}}}}`, controlPlane)
	if err := client.Resources().Patch(ctx, dns, k8s.Patch{PatchType: types.StrategicMergePatchType, Data: []byte(patch)}); err != nil {
		return nil, fmt.Errorf("keeping CoreDNS on the control plane: %w", err)
	}
	return dns, nil
}

// waitCoreDNS waits until all replicas of CoreDNS are as they were last asked for.
func waitCoreDNS(ctx context.Context, client klient.Client, dns *appsv1.Deployment) error {
	settled := conditions.New(client.Resources()).ResourceMatch(dns, func(o k8s.Object) bool {
		d, ok := o.(*appsv1.Deployment)
		return ok && rolledOut(d)
	})
	if err := wait.For(settled, wait.WithContext(ctx), wait.WithTimeout(3*time.Minute), wait.WithInterval(300*time.Millisecond), wait.WithImmediate()); err != nil {
		return fmt.Errorf("waiting for CoreDNS (%d of %d replicas moved and available): %w",
			min(dns.Status.UpdatedReplicas, dns.Status.AvailableReplicas), dns.Status.Replicas, err)
	}
	return nil
}

// rolledOut says whether every replica is of the newest template and available, and
// no older one is left.
func rolledOut(d *appsv1.Deployment) bool {
	want := int32(1)
	if d.Spec.Replicas != nil {
		want = *d.Spec.Replicas
	}
	s := d.Status
	return s.ObservedGeneration >= d.Generation && s.UpdatedReplicas == want && s.Replicas == want && s.AvailableReplicas == want
}
