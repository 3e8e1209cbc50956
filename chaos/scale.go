package chaos

import (
	"context"
	"fmt"
	"time"

	"hagate/record"
)

// Scale declares more replicas, and Revert as many as before, in two steps: the second
// goes in while the nodes still write down the first, as in an autoscaler's descent.
type Scale struct {
	Workload Object
	Replicas int // more than Before
	Before   int
}

func (Scale) Name() string { return "scale" }

func (f Scale) fault() record.Fault { return record.Fault{Name: f.Name(), Replicas: f.Replicas} }

func (f Scale) Inject(ctx context.Context, env *Env) error {
	return env.inject(ctx, f.fault(), func() ([]string, error) {
		began := time.Now()
		if err := setReplicas(ctx, env, f.Workload, f.Replicas); err != nil {
			return nil, err
		}
		evidence := fmt.Sprintf("%s was declared to have %d replicas at %s", f.Workload, f.Replicas, stamp(began))
		if err := waitRolledOut(ctx, env, f.Workload); err != nil {
			return []string{evidence}, err
		}
		return []string{fmt.Sprintf("%s, and had them at %s", evidence, stamp(time.Now()))}, nil
	})
}

// Revert scales back and waits for that.
func (f Scale) Revert(ctx context.Context, env *Env) error {
	back := f.fault()
	back.Replicas = 0
	return env.revert(back, func() error {
		if f.Replicas > f.Before+1 {
			if err := setReplicas(ctx, env, f.Workload, f.Before+1); err != nil {
				return err
			}
			if err := waitRolledOut(ctx, env, f.Workload); err != nil {
				return err
			}
		}
		return rollBack(ctx, env, f.Workload)
	})
}
