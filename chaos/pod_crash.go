package chaos

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"hagate/record"
)

// PodCrash kills the processes of a Pod's containers with SIGKILL and leaves the Pod:
// the kubelet starts them again in place, as after a crash or when a memory limit was
// hit.
type PodCrash struct{ Victim record.Victim }

func (f PodCrash) Declares() record.Fault {
	return record.Fault{Name: "pod-crash", Effect: record.Effect{Kind: record.PodsRestarted}, Victims: []record.Victim{f.Victim}, Returns: true}
}

// Inject returns when the containers have been started again.
func (f PodCrash) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		if env.NodeExec == nil {
			return nil, ErrOutOfReach
		}
		pod, err := getPod(ctx, env.Client, f.Victim)
		if err != nil {
			return nil, err
		}
		before := restarts(pod)
		evidence, err := crash(ctx, env, f.Victim)
		if err != nil {
			return nil, err
		}
		err = wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
			pod, err := getPod(ctx, env.Client, f.Victim)
			return err == nil && restarts(pod) > before, nil
		})
		if err != nil {
			return []record.Text{evidence}, fmt.Errorf("waiting for the kubelet to restart the containers of %s: %w", nameOf(f.Victim), context.Cause(ctx))
		}
		return []record.Text{record.Say("%s, and the kubelet had restarted it at %s", evidence, stamp(time.Now()))}, nil
	})
}

// crash kills the processes of a Pod's containers on their node, and asks no API.
func crash(ctx context.Context, env *Env, v record.Victim) (evidence record.Text, err error) {
	procs, err := findTree(ctx, env, v)
	if err != nil {
		return evidence, err
	}
	began := time.Now()
	if err := (node{v.Node, env.NodeExec}).signal(ctx, "KILL", procs); err != nil {
		return evidence, fmt.Errorf("killing the processes of %s: %w", nameOf(v), err)
	}
	return record.Say("on node %s %s got SIGKILL at %s", v.Node, procs.named(), stamp(began)), nil
}

// restarts counts those of all of the Pod's containers that run.
func restarts(pod *corev1.Pod) (n int) {
	for _, c := range pod.Status.ContainerStatuses {
		if c.State.Running != nil {
			n += int(c.RestartCount)
		}
	}
	return n
}

// Revert has nothing to put back: the kubelet starts the containers again.
func (f PodCrash) Revert(_ context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return nil })
}
