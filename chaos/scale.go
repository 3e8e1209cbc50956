package chaos

import (
	"context"
	"fmt"
	"time"

	"hagate/record"
)

// Scale declares another replica count, and Revert the one from before.
type Scale struct {
	Workload Object
	Replicas int
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
	return env.revert(back, func() error { return rollBack(ctx, env, f.Workload) })
}
