package chaos

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
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

// waitVersion waits for a Pod of a workload's version that has been given a node, and
// names it.
func waitVersion(ctx context.Context, env *Env, o Object, selector, version string) (name string, err error) {
	err = wait.PollUntilContextCancel(ctx, rolledOutInterval, true, func(ctx context.Context) (bool, error) {
		pods, err := env.Client.CoreV1().Pods(o.Namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
		if err != nil {
			return false, nil
		}
		for _, p := range pods.Items {
			if p.Annotations[versionAnnotation] == version && p.Spec.NodeName != "" {
				name = p.Namespace + "/" + p.Name
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		return "", fmt.Errorf("waiting for a Pod of the new version of %s: %w", o, context.Cause(ctx))
	}
	return name, nil
}
