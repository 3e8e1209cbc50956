package gate

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/load"
	"hagate/record"
	"hagate/watch"
)

// controlPlaneWorks waits until the control plane does its work again, seen by its
// fruit: a Pod is scheduled and started, an EndpointSlice written for it, and the rules
// for its Service on the node that the load goes through. That a component runs says
// little: it may be waiting for its lease, or for the next try of a watch that broke,
// and what is done to the service meanwhile would be held against it.
func (r *Run) controlPlaneWorks(ctx context.Context) error {
	name := fmt.Sprintf("canary-%d", time.Now().Unix())
	namespace := r.namespace()
	pod := load.PodManifest(namespace, name, r.AgentImage(), "")
	pod.Labels = map[string]string{"dev.hagate.canary": name}
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: corev1.ServiceSpec{Selector: pod.Labels, Ports: []corev1.ServicePort{{Port: 80}}}}
	pods, services := r.destructive.CoreV1().Pods(namespace), r.destructive.CoreV1().Services(namespace)

	missing := "the API server takes nothing"
	back := r.wait(ctx, recoveryBudget, func() bool {
		_, err := pods.Create(ctx, pod, metav1.CreateOptions{})
		return err == nil || apierrors.IsAlreadyExists(err) // made, and the answer lost
	})
	back = back && r.wait(ctx, recoveryBudget, func() bool {
		made, err := services.Create(ctx, service, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) { // made, and the answer lost
			made, err = services.Get(ctx, name, metav1.GetOptions{})
		}
		if err == nil {
			service = made
		}
		return err == nil
	})
	if back {
		missing = "no EndpointSlice has a Pod that was started now"
		back = r.wait(ctx, recoveryBudget, func() bool { return r.hasEndpoint(ctx, namespace, name) })
	}
	if back && r.cluster.Kind != nil {
		missing = "node " + r.Home() + " has no rules for a Service that was made now"
		back = r.wait(ctx, recoveryBudget, func() bool {
			out, err := r.cluster.NodeExec(ctx, r.Home(), "sh", "-c", "nft list ruleset; iptables-save")
			return err == nil && strings.Contains(string(out), service.Spec.ClusterIP)
		})
	}
	if back {
		missing = "the watch has not heard of how the Pods are now"
		back = r.wait(ctx, recoveryBudget, func() bool { return r.watchCaughtUp(ctx) })
	}
	if !back {
		return fmt.Errorf("the control plane did not work again within %s: %s", recoveryBudget, missing)
	}
	if err := services.Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
		return fmt.Errorf("deleting the canary's Service: %w", err)
	}
	if err := pods.Delete(ctx, name, metav1.DeleteOptions{GracePeriodSeconds: new(int64)}); err != nil {
		return fmt.Errorf("deleting the canary: %w", err)
	}
	return nil
}

// watchCaughtUp says whether the watch has the workload's Pods as the API server has them:
// a watch that broke is tried again after up to a minute.
func (r *Run) watchCaughtUp(ctx context.Context) bool {
	pods, err := r.destructive.CoreV1().Pods(r.target.Spec.Workload.Namespace).List(ctx, metav1.ListOptions{LabelSelector: r.selector})
	if err != nil {
		return false
	}
	seen := map[string]record.Pod{}
	for _, p := range r.watch.Pods() {
		seen[p.UID] = p
	}
	return len(seen) == len(pods.Items) && !slices.ContainsFunc(pods.Items, func(p corev1.Pod) bool {
		return !reflect.DeepEqual(seen[string(p.UID)], watch.PodOf(&p))
	})
}

func (r *Run) hasEndpoint(ctx context.Context, namespace, service string) bool {
	list, err := r.destructive.DiscoveryV1().EndpointSlices(namespace).List(ctx, metav1.ListOptions{LabelSelector: "kubernetes.io/service-name=" + service})
	if err != nil {
		return false
	}
	for _, s := range list.Items {
		if len(s.Endpoints) > 0 {
			return true
		}
	}
	return false
}
