package chaos

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/record"
)

// ZoneDown powers off all nodes of a zone, as the loss of a data center does. Revert powers
// them on again and waits until they are back.
type ZoneDown struct {
	Zone    string
	Nodes   []string
	Victims []record.Victim // the Pods on them that serve
}

func (f ZoneDown) Declares() record.Fault {
	return record.Fault{Name: "zone-down", Effect: record.Effect{Kind: record.NodesNotReady}, Victims: f.Victims}
}

// Inject returns when the control plane has noticed each node's loss.
func (f ZoneDown) Inject(ctx context.Context, env *Env) error {
	declared := f.Declares()
	for _, name := range f.Nodes {
		n, err := env.Client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("powering zone %s off: node %s: %w", f.Zone, name, err)
		}
		declared = onNode(declared, n)
	}
	return env.Inject(ctx, declared, func() ([]record.Text, error) {
		began := time.Now()
		for _, node := range f.Nodes {
			if err := powerOff(ctx, env, node); err != nil {
				return nil, err
			}
		}
		evidence := []record.Text{record.Say("the nodes of zone %s, %s, were powered off from %s to %s", f.Zone, strings.Join(f.Nodes, ", "), stamp(began), stamp(time.Now()))}
		for _, node := range f.Nodes {
			if err := waitNodeReady(ctx, env.Client, node, false); err != nil {
				return evidence, err
			}
		}
		return append(evidence, record.Say("the control plane had called all of them not ready by %s", stamp(time.Now()))), nil
	})
}

// Revert powers the nodes on, all of them before it waits for any.
func (f ZoneDown) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error {
		var errs []error
		var on []string
		for _, node := range f.Nodes {
			if err := powerOn(ctx, env, node); err != nil {
				errs = append(errs, err)
			} else {
				on = append(on, node)
			}
		}
		for _, node := range on {
			errs = append(errs, waitNodeBack(ctx, env, node))
		}
		return errors.Join(errs...)
	})
}
