package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hagate/chaos"
)

func (r *Run) deployTarget(ctx context.Context) (err error) {
	if _, err = r.target.Deploy(ctx, r.rest, r.creatingObject); err != nil {
		return err
	}
	r.nodePort, err = r.target.NodePort(ctx, r.rest, r.creatingObject)
	return err
}

// firstRollout is how long the target may take to be ready for the first time, the pull of
// its images included: nothing is judged yet.
const firstRollout = 10 * time.Minute

// firstStuck is how long it may stand still meanwhile, where somebody says why.
const firstStuck = 3 * time.Minute

// waitUp waits for the target's first rollout. That it does not come up is the service's
// where the API answers.
func (r *Run) waitUp(ctx context.Context) error {
	unlessStuck, cancel := chaos.UnlessStuck(ctx, r.destructive, r.Workload(), firstStuck)
	defer cancel()
	err := r.target.WaitReady(unlessStuck, r.destructive, firstRollout)
	if err == nil || ctx.Err() != nil || !r.apiAnswers(ctx) {
		return err
	}
	if refused, ok := errors.AsType[*chaos.Refused](context.Cause(unlessStuck)); ok {
		said := sentence(refused.Refusals)
		if said.IsZero() {
			return fmt.Errorf("gave up: no progress for %s: %w", firstStuck, refused)
		}
		err = fmt.Errorf("gave up: no progress for %s: %s", firstStuck, said)
	}
	return notUp{err}
}

// notUp is that the service did not come up though nothing was done to it.
type notUp struct{ error }

func (e notUp) Unwrap() error { return e.error }
