package chaos

import (
	"context"
	"fmt"
	"time"

	"hagate/record"
)

// Scale declares more replicas, and Revert as many as before, in two steps at least: the
// next goes in while the nodes still write down the one before it, as in an autoscaler's
// descent.
type Scale struct {
	Workload Object
	Replicas int           // more than Before
	Before   int           // the first change is in the journal, and says so
	Step     int           // replicas at a time, up and down; 0 is all at once, and all but one down
	Pause    time.Duration // between steps: so many Pods that start or end load a machine
}

// up are the counts to declare one after the other, and down those before Before.
func (f Scale) up() (counts []int) {
	for n := f.Before + f.Step; f.Step > 0 && n < f.Replicas; n += f.Step {
		counts = append(counts, n)
	}
	return append(counts, f.Replicas)
}

func (f Scale) down() (counts []int) {
	for n := f.Replicas - f.Step; f.Step > 0 && n > f.Before+1; n -= f.Step {
		counts = append(counts, n)
	}
	if f.Replicas > f.Before+1 {
		counts = append(counts, f.Before+1)
	}
	return counts
}

func (f Scale) Declares() record.Fault {
	return record.Fault{Name: "scale", Effect: record.Effect{Kind: record.ReplicasScaled}, Replicas: f.Replicas}
}

func (f Scale) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) { return f.grow(ctx, env) })
}

func (f Scale) grow(ctx context.Context, env *Env) (evidence []record.Text, err error) {
	for _, n := range f.up() {
		declared := record.Say("%s was declared to have %d replicas at %s", f.Workload, n, stamp(time.Now()))
		if err := f.declare(ctx, env, n); err != nil {
			return append(evidence, declared), err
		}
		evidence = append(evidence, record.Say("%s, and had them at %s", declared, stamp(time.Now())))
	}
	return evidence, nil
}

// declare has the workload have n replicas, waits until it has, and pauses.
func (f Scale) declare(ctx context.Context, env *Env, n int) error {
	if !changed(env, f.Workload) {
		if err := setReplicas(ctx, env, f.Workload, n); err != nil {
			return err
		}
	} else if err := f.Workload.patch(ctx, env.Client, fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, n)); err != nil {
		return fmt.Errorf("changing %s: %w", f.Workload, err)
	}
	if err := waitGrown(ctx, env, f.Workload); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(f.Pause):
		return nil
	}
}

// Revert scales back and waits for that.
func (f Scale) Revert(ctx context.Context, env *Env) error {
	back := f.Declares()
	back.Replicas = 0
	return env.Revert(back, func() error { return f.shrink(ctx, env) })
}

// shrink scales back from however far it came: from the Pods that serve, where others
// found no node.
func (f Scale) shrink(ctx context.Context, env *Env) error {
	if !changed(env, f.Workload) {
		return nil
	}
	w, err := f.Workload.get(ctx, env.Client)
	if err != nil {
		return fmt.Errorf("reading %s: %w", f.Workload, err)
	}
	for _, n := range f.down() {
		if n >= min(int(replicaCount(w)), availableCount(w)) {
			continue
		}
		if err := f.declare(ctx, env, n); err != nil {
			return err
		}
	}
	return rollBack(ctx, env, f.Workload)
}
