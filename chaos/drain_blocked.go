package chaos

import (
	"context"
	"fmt"
	"time"

	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"hagate/record"
)

// BlockedDrain drains a node while a PodDisruptionBudget allows no eviction, for a
// while, and then lets it: the drain has to wait and not to break anything.
type BlockedDrain struct {
	NodeDrain
	Budget string // the PodDisruptionBudget, in the Pods' namespace
	Wait   time.Duration
}

func (f BlockedDrain) Declares() record.Fault {
	drain := f.NodeDrain.Declares()
	drain.Name = "drain-blocked"
	return drain
}

func (f BlockedDrain) budget() Object {
	namespace := ""
	if len(f.Victims) > 0 {
		namespace = f.Victims[0].Namespace
	}
	return Object{"PodDisruptionBudget", namespace, f.Budget}
}

func (f BlockedDrain) Inject(ctx context.Context, env *Env) error {
	n, err := env.Client.CoreV1().Nodes().Get(ctx, f.Node, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("draining node %s: %w", f.Node, err)
	}
	return env.Inject(ctx, onNode(f.Declares(), n), func() ([]record.Text, error) {
		all := intstr.FromString("100%")
		err := change(ctx, env, f.budget(), func(b *policyv1.PodDisruptionBudget) error {
			b.Spec.MinAvailable, b.Spec.MaxUnavailable = &all, nil
			return nil
		})
		if err != nil {
			return nil, err
		}
		evidence := []record.Text{record.Say("%s allowed no eviction from %s on", f.budget(), stamp(time.Now()))}
		cordoned, err := cordon(ctx, env, n)
		if err != nil {
			return evidence, err
		}
		evidence = append(evidence, cordoned)
		done := make(chan struct{})
		var evicted []record.Text
		var failed error
		go func() {
			defer close(done)
			evicted, failed = f.evict(ctx, env)
		}()
		select {
		case <-done:
			evidence = append(evidence, record.Say("the drain did not wait: it ended at %s", stamp(time.Now())))
		case <-time.After(f.Wait):
			for _, v := range f.Victims {
				if p, err := getPod(ctx, env.Client, v); err != nil || p.DeletionTimestamp != nil {
					evidence = append(evidence, record.Say("%s was evicted all the same", nameOf(v)))
				}
			}
			evidence = append(evidence, record.Say("the drain was still waiting at %s, when the budget was reverted", stamp(time.Now())))
		}
		if err := putBack(ctx, env, f.budget()); err != nil {
			return evidence, err
		}
		<-done
		return append(evidence, evicted...), failed
	})
}

// Revert puts the budget back and uncordons the node.
func (f BlockedDrain) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error {
		if err := putBack(ctx, env, f.budget()); err != nil {
			return err
		}
		return uncordonOwn(ctx, env, f.Node)
	})
}
