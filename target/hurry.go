package target

import (
	"context"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/e2e-framework/klient/wait"
)

// hurryWait bounds how long hurry waits for Pods to be told to end.
const hurryWait = 3 * time.Second

// hurry gives a second to the Pods that end because their workload is deleted, instead
// of their grace period: they have no clients any more. What it fails at takes longer.
func (a *api) hurry(ctx context.Context, workload *doomed) {
	told := map[types.UID]bool{}
	_ = wait.For(func(ctx context.Context) (done bool, err error) {
		pods, err := a.podsOf(ctx, workload)
		if err != nil {
			return false, err
		}
		done = true
		for _, p := range pods {
			switch uid := p.GetUID(); {
			case told[uid]:
			case p.GetDeletionTimestamp() == nil:
				done = false
			default:
				told[uid] = true
				if err := a.end(ctx, p); err != nil {
					return false, err
				}
			}
		}
		return done, nil
	}, wait.WithContext(ctx), wait.WithTimeout(hurryWait), wait.WithInterval(100*time.Millisecond), wait.WithImmediate())
}

// hurryAll gives a second to all Pods of a namespace that is to be deleted, where hurry
// has not done so already. A namespace that is not hagate's is left alone.
func (a *api) hurryAll(ctx context.Context, namespace Object) {
	client, err := a.resource(&namespace)
	if err != nil {
		return
	}
	live, err := client.Get(ctx, namespace.Name, metav1.GetOptions{})
	if err != nil || !ours(live) {
		return
	}
	pods, err := a.client.Resource(podResource).Namespace(namespace.Name).List(ctx, metav1.ListOptions{})
	if err != nil {
		return
	}
	for _, p := range pods.Items {
		if grace := p.GetDeletionGracePeriodSeconds(); grace == nil || *grace > 1 {
			_ = a.end(ctx, p)
		}
	}
}

// end deletes a Pod with a second's grace.
func (a *api) end(ctx context.Context, p unstructured.Unstructured) error {
	uid, grace := p.GetUID(), int64(1)
	return a.client.Resource(podResource).Namespace(p.GetNamespace()).Delete(ctx, p.GetName(),
		metav1.DeleteOptions{GracePeriodSeconds: &grace, Preconditions: &metav1.Preconditions{UID: &uid}})
}

var (
	podResource        = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	replicaSetResource = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "replicasets"}
)

// podsOf are the Pods that workload controls, itself or through ReplicaSets.
func (a *api) podsOf(ctx context.Context, workload *doomed) ([]unstructured.Unstructured, error) {
	sets, err := a.client.Resource(replicaSetResource).Namespace(workload.object.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	owners := []types.UID{workload.uid}
	for _, s := range sets.Items {
		if c := metav1.GetControllerOf(&s); c != nil && c.UID == workload.uid {
			owners = append(owners, s.GetUID())
		}
	}
	pods, err := a.client.Resource(podResource).Namespace(workload.object.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(pods.Items, func(p unstructured.Unstructured) bool {
		c := metav1.GetControllerOf(&p)
		return c == nil || !slices.Contains(owners, c.UID)
	}), nil
}
