package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"hagate/record"
)

// excludeKind of journal entry: node was not excluded from load balancers before, and is
// not to be. A node that somebody else had excluded has no entry and stays so.
const excludeKind = "exclude"

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
	return env.inject(ctx, f.fault(node.UID), func() ([]string, error) {
		excluded, err := exclude(ctx, env, node)
		if err != nil {
			return nil, err
		}
		select {
		case <-time.After(f.Wait):
		case <-ctx.Done():
			return []string{excluded}, context.Cause(ctx)
		}
		cordoned, err := cordon(ctx, env, node)
		if err != nil {
			return []string{excluded}, err
		}
		evicted, err := f.evict(ctx, env)
		return append([]string{excluded, cordoned}, evicted...), err
	})
}

// Revert uncordons the node and lets load balancers use it again, if Inject did what
// keeps them from it.
func (f ExcludedDrain) Revert(ctx context.Context, env *Env) error {
	return env.revert(record.Fault{Name: f.Name(), Victims: f.Victims}, func() error {
		if err := uncordonOwn(ctx, env, f.Node); err != nil {
			return err
		}
		for _, e := range env.Journal.Pending() {
			if e.Kind != excludeKind || e.Args["node"] != f.Node {
				continue
			}
			if err := include(ctx, env.Client, f.Node); err != nil {
				return err
			}
			if err := env.Journal.Strike(e); err != nil {
				return err
			}
		}
		return nil
	})
}

// exclude tells load balancers to leave a node alone, and says what it did.
func exclude(ctx context.Context, env *Env, node *corev1.Node) (evidence string, err error) {
	if _, is := node.Labels[corev1.LabelNodeExcludeBalancers]; is {
		return fmt.Sprintf("node %s was excluded from load balancers already", node.Name), nil
	}
	if _, err := env.Journal.Add(excludeKind, map[string]string{"node": node.Name}); err != nil {
		return "", fmt.Errorf("writing the journal before excluding node %s from load balancers: %w", node.Name, err)
	}
	value := ""
	if err := setExcluded(ctx, env.Client, node.Name, &value); err != nil {
		return "", fmt.Errorf("excluding node %s from load balancers: %w", node.Name, err)
	}
	return fmt.Sprintf("node %s was excluded from load balancers at %s (%s)", node.Name, stamp(time.Now()), corev1.LabelNodeExcludeBalancers), nil
}

// include lets load balancers use a node. One that they may use already, or that is
// gone, is success.
func include(ctx context.Context, client kubernetes.Interface, node string) error {
	if err := setExcluded(ctx, client, node, nil); err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("letting load balancers use node %s again: %w", node, err)
	}
	return nil
}

// setExcluded sets the label to value; nil takes it off.
func setExcluded(ctx context.Context, client kubernetes.Interface, node string, value *string) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": map[string]*string{corev1.LabelNodeExcludeBalancers: value}}})
	if err != nil {
		return err
	}
	_, err = client.CoreV1().Nodes().Patch(ctx, node, types.MergePatchType, patch, metav1.PatchOptions{})
	return err
}
