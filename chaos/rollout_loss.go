package chaos

import (
	"context"
	"fmt"
	"time"

	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"hagate/record"
)

// RolloutLoss rolls a workload out to a new version, and has a Pod of the old one go
// while the first of the new one starts: killed, or evicted as a drain does. Revert
// rolls it back.
type RolloutLoss struct {
	Rollout
	Selector string // of the workload's Pods
	Evict    bool   // rather than kill
}

func (f RolloutLoss) Name() string {
	if f.Evict {
		return "rollout-evict"
	}
	return "rollout-kill"
}

func (f RolloutLoss) fault() record.Fault {
	return record.Fault{Name: f.Name(), Victims: f.Victims}
}

// Inject finds what it is to kill before it rolls out, so that no slow search lets the
// rollout take the Pod first. A Pod that had been told to go by then is an error.
func (f RolloutLoss) Inject(ctx context.Context, env *Env) error {
	return env.inject(ctx, f.fault(), func() ([]string, error) {
		victim := f.Victims[0]
		lose := func() ([]string, error) { return evict(ctx, env, victim) }
		if !f.Evict {
			kill := PodKill{Victim: victim}
			procs, err := kill.aim(ctx, env)
			if err != nil {
				return nil, err
			}
			lose = func() ([]string, error) { return kill.strike(ctx, env, procs) }
		}
		began := time.Now()
		if err := newVersion(ctx, env, f.Workload, began); err != nil {
			return nil, err
		}
		pod, err := waitVersion(ctx, env, f.Workload, f.Selector, stamp(began))
		if err != nil {
			return nil, err
		}
		evidence := []string{fmt.Sprintf("%s got a new version at %s; Pod %s of it was there at %s", f.Workload, stamp(began), pod, stamp(time.Now()))}
		if p, err := getPod(ctx, env.Client, victim); err != nil {
			return evidence, err
		} else if p.DeletionTimestamp != nil {
			return evidence, fmt.Errorf("%s was told to go by the rollout before it could be lost", nameOf(victim))
		}
		lost, err := lose()
		evidence = append(evidence, lost...)
		if err != nil {
			return evidence, err
		}
		if err := waitRolledOut(ctx, env, f.Workload); err != nil {
			return evidence, err
		}
		return append(evidence, fmt.Sprintf("it was rolled out at %s", stamp(time.Now()))), nil
	})
}

func (f RolloutLoss) Revert(ctx context.Context, env *Env) error {
	return env.revert(f.fault(), func() error { return rollBack(ctx, env, f.Workload) })
}

// evict asks for a Pod's eviction until it is granted.
func evict(ctx context.Context, env *Env, v record.Victim) ([]string, error) {
	began, asked := time.Now(), 0
	uid := types.UID(v.UID)
	eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: v.Namespace, Name: v.Name},
		DeleteOptions: &metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}}}
	err := wait.PollUntilContextCancel(ctx, evictAgain, true, func(ctx context.Context) (bool, error) {
		asked++
		err := env.Client.PolicyV1().Evictions(v.Namespace).Evict(ctx, eviction)
		if apierrors.IsTooManyRequests(err) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		return nil, fmt.Errorf("evicting %s (asked %d×): %w", nameOf(v), asked, err)
	}
	return []string{fmt.Sprintf("%s was evicted at %s (asked %d×)", nameOf(v), stamp(began), asked)}, nil
}
