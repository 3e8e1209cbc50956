package chaos

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/record"
)

// UnitDown stops a systemd unit of a node, the kubelet or the container runtime, while
// the Pods' processes run on. Revert starts it and waits until the node is ready.
type UnitDown struct {
	Node    string
	Unit    string          // kubelet or containerd
	Victims []record.Victim // the Pods on it that serve
}

func (f UnitDown) Declares() record.Fault {
	return record.Fault{Name: f.Unit + "-down", Effect: record.Effect{Kind: record.NodesNotReady}, Victims: f.Victims}
}

// Inject returns when the control plane has noticed.
func (f UnitDown) Inject(ctx context.Context, env *Env) error {
	n, err := env.Client.CoreV1().Nodes().Get(ctx, f.Node, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("stopping %s on node %s: %w", f.Unit, f.Node, err)
	}
	return env.Inject(ctx, onNode(f.Declares(), n), func() ([]record.Text, error) {
		began := time.Now()
		err := command(ctx, env, f.Node, []string{"systemctl", "stop", f.Unit}, []string{"systemctl", "start", f.Unit})
		if err != nil {
			return nil, fmt.Errorf("stopping %s: %w", f.Unit, err)
		}
		evidence := record.Say("%s on node %s was stopped at %s", f.Unit, f.Node, stamp(began))
		if err := waitNodeReady(ctx, env.Client, f.Node, false); err != nil {
			return []record.Text{evidence}, err
		}
		return []record.Text{record.Say("%s, and the control plane marked the node not ready at %s", evidence, stamp(time.Now()))}, nil
	})
}

func (f UnitDown) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error {
		if err := undoCommands(ctx, env, f.Node); err != nil {
			return err
		}
		return waitNodeReady(ctx, env.Client, f.Node, true)
	})
}
