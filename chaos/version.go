package chaos

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/kubectl/pkg/util/podutils"

	"hagate/record"
)

// versionAnnotation on the Pod template makes a new version of a workload, as
// `kubectl rollout restart` does.
const versionAnnotation = "hagate.dev/version"

// newVersion makes a new version of a workload. Its containers stay the same but for
// what edits do to each.
func newVersion(ctx context.Context, env *Env, o Object, at time.Time, edits ...func(*corev1.Container) error) error {
	return editTemplate(ctx, env, o, func(t *corev1.PodTemplateSpec) error {
		annotate(t, at)
		for _, edit := range edits {
			for i := range t.Spec.Containers {
				if err := edit(&t.Spec.Containers[i]); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func annotate(t *corev1.PodTemplateSpec, at time.Time) {
	if t.Annotations == nil {
		t.Annotations = map[string]string{}
	}
	t.Annotations[versionAnnotation] = stamp(at)
}

// freeStatefulSet deletes the Pods of a version that this package made and that never
// became ready: a StatefulSet waits for them, also when it has been rolled back
// (kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback).
func freeStatefulSet(ctx context.Context, client kubernetes.Interface, o Object) error {
	set, err := client.AppsV1().StatefulSets(o.Namespace).Get(ctx, o.Name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	pods, err := client.CoreV1().Pods(o.Namespace).List(ctx, metav1.ListOptions{LabelSelector: metav1.FormatLabelSelector(set.Spec.Selector)})
	if err != nil {
		return fmt.Errorf("listing its Pods: %w", err)
	}
	for _, p := range pods.Items {
		version := p.Annotations[versionAnnotation]
		if version == "" || version == set.Spec.Template.Annotations[versionAnnotation] || podutils.IsPodReady(&p) {
			continue
		}
		err := client.CoreV1().Pods(p.Namespace).Delete(ctx, p.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &p.UID}})
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) { // or replaced meanwhile
			return fmt.Errorf("deleting Pod %s/%s of the version before: %w", p.Namespace, p.Name, err)
		}
	}
	return nil
}

// waitVersion waits for a Pod of a workload's version that has been given a node, and
// names it.
func waitVersion(ctx context.Context, env *Env, o Object, selector, version string) (name string, err error) {
	return waitPods(ctx, env, o, selector, version, func(p corev1.Pod) (bool, error) { return p.Spec.NodeName != "", nil })
}

// versionRan is the evidence that the containers of a Pod of the version that began then,
// and does what is said, have run, or that one before them failed. It waits for that. One
// whose image cannot run its command is errNeverRuns.
func versionRan(ctx context.Context, env *Env, o Object, selector string, began time.Time, does record.Text) ([]record.Text, error) {
	pod, err := waitPods(ctx, env, o, selector, stamp(began), func(p corev1.Pod) (bool, error) {
		for _, s := range p.Status.ContainerStatuses {
			if why := couldNotRun(s); why != "" {
				return false, fmt.Errorf("container %s: %w", why, errNeverRuns)
			}
		}
		return ran(p), nil
	})
	if err != nil {
		return nil, err
	}
	return []record.Text{record.Say("%s got a version that %s at %s; Pod %s of it had run at %s", o, does, stamp(began), pod, stamp(time.Now()))}, nil
}

var errNeverRuns = errors.New("it cannot be started")
