package chaos

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"

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
		err := newVersion(ctx, env, f.Workload, began, func(c *corev1.Container) error {
			c.Command, c.Args, c.Lifecycle = command, nil, nil
			return nil
		})
		if err != nil {
			return nil, err
		}
		return versionCame(ctx, env, f.Workload, f.Selector, began, what)
	})
}

// Revert rolls back and waits for that.
func (f BrokenRollout) Revert(ctx context.Context, env *Env) error {
	return env.revert(f.fault(), func() error { return rollBack(ctx, env, f.Workload) })
}
