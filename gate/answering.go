package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"hagate/load"
	"hagate/load/agent"
	"hagate/verdict/budget"
)

const (
	answeringLabel = "dev.hagate.answering"
	answeringPort  = "8080"

	// answeringStart is how long the next Pod waits for the one before it to run.
	answeringStart = 10 * time.Second
)

// answering are Pods of the run's own that answer whoever asks them, and their Service: by
// them the cluster is asked whether it works.
type answering struct {
	name    string            // of the Service, and the value of the Pods' label
	places  map[string]string // by each Pod's name, in words
	service *corev1.Service
}

// startAnswering starts a Pod on each of nodes, and where the scheduler places it for one
// without a name: one after the other, because Pods that start fill a small machine, and
// clients of the service would wait for that. It goes on for a while where the API server
// does not take them.
func (r *Run) startAnswering(ctx context.Context, nodes []string) (a answering, err error) {
	a = answering{name: fmt.Sprintf("answering-%d", time.Now().UnixMilli()), places: map[string]string{}}
	namespace := r.namespace()
	label := map[string]string{answeringLabel: a.name}
	pods, services := r.destructive.CoreV1().Pods(namespace), r.destructive.CoreV1().Services(namespace)
	for i, node := range nodes {
		pod := load.PodManifest(namespace, fmt.Sprintf("%s-%d", a.name, i), r.AgentImage(), node)
		pod.Labels = label
		pod.Spec.Containers[0].Command = []string{"/agent", "fail", answeringPort}
		pod.Spec.Containers[0].Resources = corev1.ResourceRequirements{} // however full its node is
		a.places[pod.Name] = "on node " + node
		if node == "" {
			a.places[pod.Name] = "where the scheduler places it"
		}
		if !r.waitAsking(ctx, budget.Recovery, func() bool {
			_, err = pods.Create(ctx, pod, metav1.CreateOptions{})
			return err == nil || apierrors.IsAlreadyExists(err) // made, and the answer lost
		}) {
			return a, fmt.Errorf("creating Pod %s/%s %s: %w", namespace, pod.Name, a.places[pod.Name], err)
		}
		r.waitAsking(ctx, answeringStart, func() bool {
			p, err := pods.Get(ctx, pod.Name, metav1.GetOptions{})
			return err == nil && p.Status.Phase == corev1.PodRunning
		})
	}
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: a.name},
		Spec: corev1.ServiceSpec{Selector: label, Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.Parse(answeringPort)}}}}
	if !r.waitAsking(ctx, budget.Recovery, func() bool {
		a.service, err = services.Create(ctx, service, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			a.service, err = services.Get(ctx, a.name, metav1.GetOptions{})
		}
		return err == nil
	}) {
		return a, fmt.Errorf("creating Service %s/%s: %w", namespace, a.name, err)
	}
	return a, nil
}

// stopAnswering deletes what there is of a.
func (r *Run) stopAnswering(ctx context.Context, a answering) error {
	gone := func(what string, err error) error {
		if err == nil || apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("deleting %s %s/%s: %w", what, r.namespace(), a.name, err)
	}
	core := r.destructive.CoreV1()
	return errors.Join(
		gone("Service", core.Services(r.namespace()).Delete(ctx, a.name, metav1.DeleteOptions{})),
		gone("the Pods of", core.Pods(r.namespace()).DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: new(int64)}, metav1.ListOptions{LabelSelector: answeringLabel + "=" + a.name})))
}

// routes waits until every one of nodes sends what goes to a's Service to its Pods.
func (r *Run) routes(ctx context.Context, a answering, nodes []string) error {
	for _, node := range nodes {
		if !r.waitAsking(ctx, budget.Recovery, func() bool { return r.answered(ctx, node, a.service.Spec.ClusterIP, "80") }) {
			return fmt.Errorf("node %s cannot reach a newly created Service", node)
		}
	}
	return nil
}

// answered says whether one of the run's Pods answers node at an address.
func (r *Run) answered(ctx context.Context, node, address, port string) bool {
	_, err := r.cluster.NodeExec(ctx, node, asks(address, port)...)
	return err == nil
}

// asks is the command that succeeds where what answers at address is the agent: a node that
// does not know the way sends to its gateway, and whoever is there may take any connection.
func asks(address, port string) []string {
	return []string{"timeout", "2", "bash", "-c",
		`exec 3<>"/dev/tcp/$0/$1" && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && grep -q "$2" <&3`, address, port, agent.Broken}
}
