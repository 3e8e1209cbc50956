package chaos

import (
	"context"
	"time"

	"hagate/record"
)

// PodDelete deletes Pods, all at once, with the grace period that each asks for, and
// waits until they have left the API.
type PodDelete struct{ Victims []record.Victim }

func (f PodDelete) Declares() record.Fault {
	return record.Fault{Name: "pod-delete", Effect: record.Effect{Kind: record.PodsReplaced}, Victims: f.Victims}
}

func (f PodDelete) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() (evidence []record.Text, err error) {
		for _, v := range f.Victims {
			asked, err := f.ask(ctx, env, v)
			if err != nil {
				return evidence, err
			}
			evidence = append(evidence, asked)
		}
		for i, v := range f.Victims {
			if err := WaitGone(ctx, env.Client, v); err != nil {
				return evidence, err
			}
			evidence[i] = record.Say("%s, and had left the API at %s", evidence[i], stamp(time.Now()))
		}
		return evidence, nil
	})
}

// ask has one Pod deleted and says so.
func (f PodDelete) ask(ctx context.Context, env *Env, v record.Victim) (evidence record.Text, err error) {
	pod, err := getPod(ctx, env.Client, v)
	if err != nil {
		return evidence, err
	}
	asked := time.Now()
	if err := deletePod(ctx, env.Client, v, nil); err != nil {
		return evidence, err
	}
	evidence = record.Say("%s was asked to terminate at %s", nameOf(v), stamp(asked))
	if grace := pod.Spec.TerminationGracePeriodSeconds; grace != nil {
		evidence = record.Say("%s, grace %d s", evidence, *grace)
	}
	return evidence, nil
}

// Revert has nothing to put back: the workload's controller makes new Pods.
func (f PodDelete) Revert(_ context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return nil })
}
