package chaos

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"hagate/record"
)

// BrokenRollout rolls a workload out to a version that never serves: its containers do
// nothing but sleep, or end at once. Revert rolls it back.
type BrokenRollout struct {
	Workload Object
	Selector string // of the workload's Pods
	Crashes  bool   // the containers end at once, again and again
}

func (f BrokenRollout) Name() string {
	if f.Crashes {
		return "rollout-crash"
	}
	return "rollout-broken"
}

func (f BrokenRollout) fault() record.Fault { return record.Fault{Name: f.Name(), Returns: true} }

// Inject returns when a Pod of the broken version runs.
func (f BrokenRollout) Inject(ctx context.Context, env *Env) error {
	return env.inject(ctx, f.fault(), func() ([]string, error) {
		began, command, what := time.Now(), []string{"sleep", "3600"}, "does nothing"
		if f.Crashes {
			command, what = []string{"false"}, "ends at once"
		}
		err := editTemplate(ctx, env, f.Workload, func(t *corev1.PodTemplateSpec) {
			if t.Annotations == nil {
				t.Annotations = map[string]string{}
			}
			t.Annotations[versionAnnotation] = stamp(began)
			for i := range t.Spec.Containers {
				c := &t.Spec.Containers[i]
				c.Command, c.Args, c.Lifecycle = command, nil, nil
			}
		})
		if err != nil {
			return nil, err
		}
		pod, err := waitVersion(ctx, env, f.Workload, f.Selector, stamp(began))
		if err != nil {
			return nil, err
		}
		return []string{fmt.Sprintf("%s got a version that %s at %s; Pod %s of it was there at %s", f.Workload, what, stamp(began), pod, stamp(time.Now()))}, nil
	})
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

// Revert rolls back and waits for that.
func (f BrokenRollout) Revert(ctx context.Context, env *Env) error {
	return env.revert(f.fault(), func() error { return rollBack(ctx, env, f.Workload) })
}
