package chaos

import (
	"context"
	"fmt"
	"time"

	"hagate/record"
)

// versionAnnotation on the Pod template makes a new version of a workload whose
// containers are the same, as `kubectl rollout restart` does.
const versionAnnotation = "hagate.dev/version"

// Rollout rolls a workload out to a new version, and Revert rolls it back.
type Rollout struct {
	Workload Object
	Victims  []record.Victim // the Pods of the old version
}

func (Rollout) Name() string { return "rollout" }

func (f Rollout) fault() record.Fault { return record.Fault{Name: f.Name(), Victims: f.Victims} }

func (f Rollout) Inject(ctx context.Context, env *Env) error {
	return env.inject(ctx, f.fault(), func() ([]string, error) {
		began := time.Now()
		err := newVersion(ctx, env, f.Workload, began)
		if err != nil {
			return nil, err
		}
		evidence := fmt.Sprintf("%s got a new version at %s", f.Workload, stamp(began))
		if err := waitRolledOut(ctx, env, f.Workload); err != nil {
			return []string{evidence}, err
		}
		return []string{fmt.Sprintf("%s, and was rolled out at %s", evidence, stamp(time.Now()))}, nil
	})
}

// Revert rolls back and waits for that.
func (f Rollout) Revert(ctx context.Context, env *Env) error {
	return env.revert(f.fault(), func() error { return rollBack(ctx, env, f.Workload) })
}

// rollBack puts a workload back where a change of it is in the journal.
func rollBack(ctx context.Context, env *Env, o Object) error {
	if err := putBack(ctx, env, o); err != nil {
		return err
	}
	return waitRolledOut(ctx, env, o)
}
