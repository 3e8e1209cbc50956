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

// versionCame is the evidence that a Pod of the version that began then, and does what is
// said, has come. It waits for that Pod.
func versionCame(ctx context.Context, env *Env, o Object, selector string, began time.Time, does string) ([]string, error) {
	pod, err := waitVersion(ctx, env, o, selector, stamp(began))
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("%s got a version that %s at %s; Pod %s of it was there at %s", o, does, stamp(began), pod, stamp(time.Now()))}, nil
}
