package chaos

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/wait"

	"hagate/record"
)

// PodRelabel takes the labels that select a Pod away from it, so that it leaves the
// Service and its workload and lives on for inspection. Revert labels it again, and
// the workload then has one Pod too many and deletes one.
type PodRelabel struct {
	Victim   record.Victim
	Workload Object
	Selector string // of the workload's Pods
}

func (f PodRelabel) Declares() record.Fault {
	return record.Fault{Name: "pod-relabel", Effect: record.Effect{Kind: record.PodsUnlisted}, Victims: []record.Victim{f.Victim}, Returns: true}
}

func (f PodRelabel) pod() Object { return Object{"Pod", f.Victim.Namespace, f.Victim.Name} }

func (f PodRelabel) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		if _, err := getPod(ctx, env.Client, f.Victim); err != nil {
			return nil, err
		}
		selector, err := labels.Parse(f.Selector)
		if err != nil {
			return nil, fmt.Errorf("reading the selector of %s: %w", f.Workload, err)
		}
		keys, _ := selector.Requirements()
		began := time.Now()
		err = change(ctx, env, f.pod(), func(p *corev1.Pod) error {
			for _, k := range keys {
				if value, ok := p.Labels[k.Key()]; ok {
					p.Labels[k.Key()] = value + "-inspected"
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		return []record.Text{record.Say("%s lost the labels that select it (%s) at %s, and runs on", nameOf(f.Victim), f.Selector, stamp(began))}, nil
	})
}

// Revert labels the Pod again and waits until its workload has as many Pods as it
// declares, those that are on their way out included.
func (f PodRelabel) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error {
		if err := putBack(ctx, env, f.pod()); err != nil {
			return err
		}
		if err := waitRolledOut(ctx, env, f.Workload); err != nil {
			return err
		}
		return waitNoneTerminating(ctx, env, f.Workload, f.Selector)
	})
}

// waitNoneTerminating waits until no Pod of the workload is on its way out.
func waitNoneTerminating(ctx context.Context, env *Env, o Object, selector string) error {
	err := wait.PollUntilContextCancel(ctx, goneInterval, false, func(ctx context.Context) (bool, error) {
		pods, err := env.Client.CoreV1().Pods(o.Namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
		if err != nil {
			return false, nil
		}
		for _, p := range pods.Items {
			if p.DeletionTimestamp != nil {
				return false, nil
			}
		}
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for the Pods of %s that terminate: %w", o, context.Cause(ctx))
	}
	return nil
}
