package chaos

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"hagate/record"
)

// PodLiveness stops a Pod's processes with SIGSTOP for good, as a deadlock does, until
// its liveness probe has failed often enough: the kubelet asks them to end, which they do
// not hear, kills them when their grace is over, and starts them again in place.
type PodLiveness struct{ Victim record.Victim }

func (f PodLiveness) Declares() record.Fault {
	return record.Fault{Name: "pod-liveness", Effect: record.Effect{Kind: record.PodsRestarted}, Victims: []record.Victim{f.Victim}, Returns: true}
}

// Inject returns when a container has been started again. It looks for the processes
// before its time begins: recovery is judged by the probe's own.
func (f PodLiveness) Inject(ctx context.Context, env *Env) error {
	procs, err := findTree(ctx, env, f.Victim)
	if err != nil {
		return err
	}
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		pod, err := getPod(ctx, env.Client, f.Victim)
		if err != nil {
			return nil, err
		}
		before := restarts(pod)
		evidence, err := freeze(ctx, env, f.Victim, procs)
		if err != nil {
			return nil, err
		}
		err = wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
			pod, err := getPod(ctx, env.Client, f.Victim)
			return err == nil && restarts(pod) > before, nil
		})
		if err != nil {
			return []record.Text{evidence}, fmt.Errorf("waiting for the kubelet to restart a container of %s: %w", nameOf(f.Victim), context.Cause(ctx))
		}
		return []record.Text{record.Say("%s, and the kubelet had restarted it at %s", evidence, stamp(time.Now()))}, nil
	})
}

// Revert lets go on what was not started again: containers without a liveness probe.
func (f PodLiveness) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return thawOwn(ctx, env, f.Victim) })
}
