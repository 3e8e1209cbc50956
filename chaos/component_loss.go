package chaos

import (
	"context"
	"slices"

	"hagate/record"
)

// ComponentLoss takes a component of the control plane down and has a Pod go while it is
// away: deleted, or, where there is no API to delete it by, its containers' processes get
// SIGKILL on its node, and the kubelet starts them again. Revert brings the component back.
type ComponentLoss struct {
	ComponentDown
	Victim record.Victim
}

func (f ComponentLoss) Name() string { return f.ComponentDown.Name() + "-loss" }

// noAPI says whether nothing can be asked of the cluster meanwhile.
func (f ComponentLoss) noAPI() bool {
	return slices.Contains([]string{"kube-apiserver", "etcd"}, f.Component)
}

func (f ComponentLoss) fault() record.Fault {
	down := f.ComponentDown.fault()
	return record.Fault{Name: f.Name(), Returns: f.noAPI(), Victims: append(down.Victims, f.Victim)}
}

func (f ComponentLoss) Inject(ctx context.Context, env *Env) error {
	return env.inject(ctx, f.fault(), func() ([]string, error) {
		down, err := f.takeDown(ctx, env)
		if err != nil {
			return down, err
		}
		lose := PodDelete{}.ask
		if f.noAPI() {
			lose = crash
		}
		lost, err := lose(ctx, env, f.Victim)
		if err != nil {
			return down, err
		}
		return append(down, lost), nil
	})
}

func (f ComponentLoss) Revert(ctx context.Context, env *Env) error {
	return env.revertShown(f.fault(), func() ([]string, error) { return f.bringBack(ctx, env) })
}
