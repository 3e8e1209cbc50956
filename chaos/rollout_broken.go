package chaos

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"hagate/record"
)

// BrokenRollout rolls a workload out to a version that never serves: its containers do
// nothing but sleep, or end at once. Where their own images have no command for that, the
// agent's image stands in. Revert rolls it back.
type BrokenRollout struct {
	Workload Object
	Selector string // of the workload's Pods
	Crashes  bool   // the containers end at once, again and again
	Agent    string // the load agent's image
}

func (f BrokenRollout) Declares() record.Fault {
	name := "rollout-broken"
	if f.Crashes {
		name = "rollout-crash"
	}
	return record.Fault{Name: name, Effect: record.Effect{Kind: record.VersionBroken, Updates: true}, Returns: true}
}

// Inject returns when the containers of a Pod of the broken version have run.
func (f BrokenRollout) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		own, agents, does := []string{"sleep", "3600"}, []string{"/agent", "idle", "1h"}, record.Say("does nothing")
		if f.Crashes {
			own, agents, does = []string{"false"}, []string{"/agent", "idle", "0s"}, record.Say("exits at once")
		}
		evidence, err := f.rollOut(ctx, env, own, "", does)
		if !errors.Is(err, errNeverRuns) {
			return evidence, err
		}
		fmt.Fprintf(env.Progress, "hagate: %s: %v: the load agent's image stands in\n", f.Declares().Name, err)
		return f.rollOut(ctx, env, agents, f.Agent, record.Say("%s (in the load agent's image, since its own has no command for it)", does))
	})
}

// rollOut has every container run command, in another image where one is given.
func (f BrokenRollout) rollOut(ctx context.Context, env *Env, command []string, image string, does record.Text) ([]record.Text, error) {
	began := time.Now()
	err := editTemplate(ctx, env, f.Workload, func(t *corev1.PodTemplateSpec) error {
		annotate(t, began)
		for i := range t.Spec.Containers {
			c := &t.Spec.Containers[i]
			c.Command, c.Args, c.Lifecycle = command, nil, nil
			if image != "" {
				c.Image, c.ImagePullPolicy, c.WorkingDir = image, corev1.PullIfNotPresent, ""
				asNobody(t.Spec.SecurityContext, c)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return versionRan(ctx, env, f.Workload, f.Selector, began, does)
}

// Revert rolls back and waits for that.
func (f BrokenRollout) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return rollBack(ctx, env, f.Workload) })
}
