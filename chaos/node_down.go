package chaos

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"hagate/record"
)

// powerKind of journal entry: node was powered off, and is to be on again.
const powerKind = "power"

// NodeDown powers a node off as a power cut does. Revert powers it on again and waits
// until it is back.
type NodeDown struct {
	Node    string
	Victims []record.Victim // the Pods on it that serve
}

func (f NodeDown) Declares() record.Fault {
	return record.Fault{Name: "node-down", Effect: record.Effect{Kind: record.NodesNotReady}, Victims: f.Victims}
}

// Inject returns when the control plane has noticed.
func (f NodeDown) Inject(ctx context.Context, env *Env) error {
	n, err := env.Client.CoreV1().Nodes().Get(ctx, f.Node, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("powering node %s off: %w", f.Node, err)
	}
	return env.Inject(ctx, onNode(f.Declares(), n), func() ([]record.Text, error) {
		began := time.Now()
		if err := powerOff(ctx, env, f.Node); err != nil {
			return nil, err
		}
		evidence := record.Say("node %s was powered off at %s", f.Node, stamp(began))
		if err := waitNodeReady(ctx, env.Client, f.Node, false); err != nil {
			return []record.Text{evidence}, err
		}
		return []record.Text{record.Say("%s, and the control plane marked it not ready at %s", evidence, stamp(time.Now()))}, nil
	})
}

// Revert powers the node on and waits until it is back.
func (f NodeDown) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error {
		if err := powerOn(ctx, env, f.Node); err != nil {
			return err
		}
		return waitNodeBack(ctx, env, f.Node)
	})
}

// powerOff writes into the journal that the node is to be on again, and powers it off.
func powerOff(ctx context.Context, env *Env, node string) error {
	if env.Power == nil {
		return ErrOutOfReach
	}
	if _, err := env.Journal.Add(powerKind, map[string]string{"node": node}); err != nil {
		return fmt.Errorf("writing the journal before powering node %s off: %w", node, err)
	}
	if err := env.Power(ctx, node, false); err != nil {
		return fmt.Errorf("powering node %s off: %w", node, err)
	}
	return nil
}

// powerOn powers a node on where an entry of the journal says that this run powered it
// off.
func powerOn(ctx context.Context, env *Env, node string) error {
	return takeBack(env, powerKind, with("node", node), func(map[string]string) error {
		if err := env.Power(ctx, node, true); err != nil {
			return fmt.Errorf("powering node %s on: %w", node, err)
		}
		return nil
	})
}

// waitNodeReady waits until a node is ready, or no longer is. An API that does not
// answer is asked again.
func waitNodeReady(ctx context.Context, client kubernetes.Interface, name string, want bool) error {
	err := wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
		n, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, nil
		}
		for _, c := range n.Status.Conditions {
			if c.Type == corev1.NodeReady {
				return (c.Status == corev1.ConditionTrue) == want, nil
			}
		}
		return !want, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for node %s to be ready %t: %w", name, want, context.Cause(ctx))
	}
	return nil
}
