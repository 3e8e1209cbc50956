package chaos

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/record"
)

// ExcludedDrain is NodeDrain of a node that load balancers are told to leave alone before
// that, by the well-known label, as one does before maintenance where
// externalTrafficPolicy is Local. Revert takes the label off, too.
type ExcludedDrain struct {
	NodeDrain
	Wait time.Duration // for load balancers to leave it, before the first eviction
}

func (f ExcludedDrain) Inject(ctx context.Context, env *Env) error {
	node, err := env.Client.CoreV1().Nodes().Get(ctx, f.Node, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("draining node %s: %w", f.Node, err)
	}
	return env.Inject(ctx, onNode(f.Declares(), node), func() ([]record.Text, error) {
		excluded, err := exclude(ctx, env, node)
		if err != nil {
			return nil, err
		}
		select {
		case <-time.After(f.Wait):
		case <-ctx.Done():
			return []record.Text{excluded}, context.Cause(ctx)
		}
		cordoned, err := cordon(ctx, env, node)
		if err != nil {
			return []record.Text{excluded}, err
		}
		evicted, err := f.evict(ctx, env)
		return append([]record.Text{excluded, cordoned}, evicted...), err
	})
}

// Revert uncordons the node and lets load balancers use it again, if Inject did what
// keeps them from it.
func (f ExcludedDrain) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error {
		if err := uncordonOwn(ctx, env, f.Node); err != nil {
			return err
		}
		return putBack(ctx, env, Object{"Node", "", f.Node})
	})
}

// exclude tells load balancers to leave a node alone, unless somebody else has, and says
// what it did.
func exclude(ctx context.Context, env *Env, node *corev1.Node) (evidence record.Text, err error) {
	if _, is := node.Labels[corev1.LabelNodeExcludeBalancers]; is {
		return record.Say("node %s was excluded from load balancers already", node.Name), nil
	}
	err = change(ctx, env, Object{"Node", "", node.Name}, func(n *corev1.Node) error {
		metav1.SetMetaDataLabel(&n.ObjectMeta, corev1.LabelNodeExcludeBalancers, "")
		return nil
	})
	if err != nil {
		return evidence, fmt.Errorf("excluding node %s from load balancers: %w", node.Name, err)
	}
	return record.Say("node %s was excluded from load balancers at %s (%s)", node.Name, stamp(time.Now()), corev1.LabelNodeExcludeBalancers), nil
}
