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

// noAPI says whether nothing can be asked of the cluster meanwhile.
func (f ComponentLoss) noAPI() bool {
	return slices.Contains([]string{"kube-apiserver", "etcd"}, f.Component)
}

func (f ComponentLoss) Declares() record.Fault {
	loss := f.ComponentDown.Declares()
	loss.Name += "-loss"
	loss.Effect.Kind, loss.Returns = record.PodsReplaced, f.noAPI()
	if f.noAPI() {
		loss.Effect.Kind = record.PodsRestarted
	}
	loss.Victims = append(loss.Victims, f.Victim)
	return loss
}

func (f ComponentLoss) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
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
	return env.revertShown(f.Declares(), func() ([]record.Text, error) { return f.bringBack(ctx, env) })
}
