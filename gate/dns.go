package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubectl/pkg/util/podutils"

	"hagate/chaos"
	"hagate/record"
	"hagate/verdict/budget"
)

// freshNamesRate bounds the load of scenarios that look a name up for every request:
// each lookup is several questions, and two cores also run the cluster.
const freshNamesRate = 50 // requests/second a stream

// DNS is the Deployment that answers the cluster's names, as kubeadm and most others
// call it.
func (r *Run) DNS() chaos.Object {
	return chaos.Object{Kind: "Deployment", Namespace: "kube-system", Name: "coredns"}
}

// LooksAtDNS finds that all declared replicas of DNS are ready and that those they came
// for have gone, within the time that a service has to recover. Until then a Pod that is
// still to end may take questions along.
func (r *Run) LooksAtDNS(ctx context.Context) error {
	want := record.Say("the replicas of CoreDNS are back, and no other of its Pods is left")
	dns := r.DNS()
	got := record.Say("the API server did not answer")
	back := r.waitAsking(ctx, budget.Recovery, func() bool {
		d, err := r.destructive.AppsV1().Deployments(dns.Namespace).Get(ctx, dns.Name, metav1.GetOptions{})
		if err != nil {
			return false
		}
		pods, err := r.listDNSPods(ctx)
		if err != nil {
			return false
		}
		got = record.Say("%d of %d ready, %d Pods in all", d.Status.ReadyReplicas, *d.Spec.Replicas, len(pods))
		return d.Status.ReadyReplicas == *d.Spec.Replicas && len(pods) == int(*d.Spec.Replicas)
	})
	return r.Found(want, got, count(back), record.AtLeast(1))
}

func (r *Run) listDNSPods(ctx context.Context) ([]corev1.Pod, error) {
	pods, err := r.destructive.CoreV1().Pods(r.DNS().Namespace).List(ctx, metav1.ListOptions{LabelSelector: "k8s-app=kube-dns"})
	if err != nil {
		return nil, fmt.Errorf("listing the Pods of %s: %w", r.DNS(), err)
	}
	return pods.Items, nil
}

// DNSPods are the Pods of DNS that are ready.
func (r *Run) DNSPods() ([]record.Victim, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	pods, err := r.listDNSPods(ctx)
	if err != nil {
		return nil, err
	}
	var ready []record.Victim
	for _, p := range pods {
		if p.DeletionTimestamp == nil && podutils.IsPodReady(&p) {
			ready = append(ready, record.Victim{Kind: "Pod", Namespace: p.Namespace, Name: p.Name, UID: string(p.UID), Node: p.Spec.NodeName})
		}
	}
	if len(ready) == 0 {
		return nil, errors.New("no Pod of " + r.DNS().String() + " is ready")
	}
	return ready, nil
}
