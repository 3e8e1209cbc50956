package chaos

import (
	"context"
	"fmt"
	"time"

	"hagate/record"
)

// PodDelete deletes a Pod with the grace period that it asks for, and waits until it
// has left the API.
type PodDelete struct{ Victim record.Victim }

func (PodDelete) Name() string { return "pod-delete" }

func (f PodDelete) fault() record.Fault {
	return record.Fault{Name: f.Name(), Victims: []record.Victim{f.Victim}}
}

func (f PodDelete) Inject(ctx context.Context, env *Env) error {
	return env.inject(ctx, f.fault(), func() ([]string, error) {
		pod, err := getPod(ctx, env.Client, f.Victim)
		if err != nil {
			return nil, err
		}
		asked := time.Now()
		if err := deletePod(ctx, env.Client, f.Victim, nil); err != nil {
			return nil, err
		}
		evidence := fmt.Sprintf("%s was asked to terminate at %s", nameOf(f.Victim), stamp(asked))
		if grace := pod.Spec.TerminationGracePeriodSeconds; grace != nil {
			evidence += fmt.Sprintf(", grace %d s", *grace)
		}
		if err := waitGone(ctx, env.Client, f.Victim); err != nil {
			return []string{evidence}, err
		}
		return []string{fmt.Sprintf("%s, and had left the API at %s", evidence, stamp(time.Now()))}, nil
	})
}

// Revert has nothing to put back: the workload's controller makes a new Pod.
func (f PodDelete) Revert(_ context.Context, env *Env) error {
	return env.revert(f.fault(), func() error { return nil })
}
