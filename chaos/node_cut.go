package chaos

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/record"
)

// NodeCut drops every packet that enters or leaves a node through its network, as a
// partition does: what runs on it runs on, and nobody reaches it. Revert heals it and
// waits until the node is ready.
type NodeCut struct {
	Node    string
	Victims []record.Victim // the Pods on it that serve
}

func (f NodeCut) Declares() record.Fault {
	return record.Fault{Name: "node-cut", Effect: record.Effect{Kind: record.NodesNotReady}, Victims: f.Victims}
}

// cutRules drop on the one interface that a kind node has to the others.
const cutRules = `table inet hagate {
	chain in { type filter hook prerouting priority -400; iifname "eth0" drop; }
	chain out { type filter hook postrouting priority 400; oifname "eth0" drop; }
}`

// Inject returns when the control plane has noticed.
func (f NodeCut) Inject(ctx context.Context, env *Env) error {
	n, err := env.Client.CoreV1().Nodes().Get(ctx, f.Node, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("cutting node %s off: %w", f.Node, err)
	}
	return env.Inject(ctx, onNode(f.Declares(), n), func() ([]record.Text, error) {
		began := time.Now()
		if err := nftTable(ctx, env, f.Node, cutRules); err != nil {
			return nil, fmt.Errorf("cutting it off: %w", err)
		}
		evidence := record.Say("node %s drops every packet to and from the others since %s", f.Node, stamp(began))
		if err := waitNodeReady(ctx, env.Client, f.Node, false); err != nil {
			return []record.Text{evidence}, err
		}
		return []record.Text{record.Say("%s, and the control plane marked it not ready at %s", evidence, stamp(time.Now()))}, nil
	})
}

func (f NodeCut) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error {
		if err := undoCommands(ctx, env, f.Node); err != nil {
			return err
		}
		return waitNodeBack(ctx, env, f.Node)
	})
}
