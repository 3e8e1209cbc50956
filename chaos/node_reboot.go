package chaos

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"hagate/record"
)

// NodeReboot powers a node off and on again at once: a reboot that nobody announced.
// Its Pods are started again in place or, where the node came back too late for them,
// replaced.
type NodeReboot struct {
	Node    string
	Victims []record.Victim // the Pods on it that serve
}

func (f NodeReboot) Declares() record.Fault {
	return record.Fault{Name: "node-reboot", Effect: record.Effect{Kind: record.NodesRebooted}, Victims: f.Victims, Returns: true}
}

// Inject returns when every victim has been started again or is going.
func (f NodeReboot) Inject(ctx context.Context, env *Env) error {
	n, err := env.Client.CoreV1().Nodes().Get(ctx, f.Node, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("rebooting node %s: %w", f.Node, err)
	}
	return env.Inject(ctx, onNode(f.Declares(), n), func() ([]record.Text, error) {
		before := map[string]int{}
		for _, v := range f.Victims {
			pod, err := getPod(ctx, env.Client, v)
			if err != nil {
				return nil, err
			}
			before[v.UID] = restarts(pod)
		}
		off := time.Now()
		if err := powerOff(ctx, env, f.Node); err != nil {
			return nil, err
		}
		if err := powerOn(ctx, env, f.Node); err != nil {
			return nil, err
		}
		evidence := []record.Text{record.Say("node %s was powered off at %s and on at %s", f.Node, stamp(off), stamp(time.Now()))}
		for _, v := range f.Victims {
			what, err := waitBack(ctx, env, v, before[v.UID])
			if err != nil {
				return evidence, err
			}
			evidence = append(evidence, what)
		}
		return evidence, nil
	})
}

// waitBack waits until the victim has been started again or is going, and says which.
func waitBack(ctx context.Context, env *Env, v record.Victim, before int) (what record.Text, err error) {
	err = wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
		pod, err := env.Client.CoreV1().Pods(v.Namespace).Get(ctx, v.Name, metav1.GetOptions{})
		if err == nil && string(pod.UID) == v.UID && pod.DeletionTimestamp == nil {
			what = record.Say("%s had been restarted at %s", nameOf(v), stamp(time.Now()))
			return restarts(pod) > before, nil
		}
		what = record.Say("%s was terminating or gone at %s", nameOf(v), stamp(time.Now()))
		return err == nil || apierrors.IsNotFound(err), nil
	})
	if err != nil {
		return what, fmt.Errorf("waiting for %s to be restarted or replaced: %w", nameOf(v), context.Cause(ctx))
	}
	return what, nil
}

// Revert powers the node on where that is still to be done, and waits until it is ready.
func (f NodeReboot) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error {
		if err := powerOn(ctx, env, f.Node); err != nil {
			return err
		}
		return waitNodeBack(ctx, env, f.Node)
	})
}
