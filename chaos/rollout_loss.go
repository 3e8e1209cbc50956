package chaos

import (
	"context"
	"errors"
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
// while the first of the new one starts: killed, or evicted as a drain does. It is the
// first victim that the rollout itself has not told to go by then. Revert rolls it back.
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

// Inject finds what it may kill before it rolls out, so that no slow search lets the
// rollout take the Pod first. That it took all of them is an error.
func (f RolloutLoss) Inject(ctx context.Context, env *Env) error {
	aims := map[string]processes{} // by UID
	for _, v := range f.Victims {
		if f.Evict {
			break
		}
		procs, err := PodKill{Victim: v}.aim(ctx, env)
		if err != nil {
			return err
		}
		aims[v.UID] = procs
	}
	return env.inject(ctx, f.fault(), func() ([]string, error) {
		began := time.Now()
		if err := newVersion(ctx, env, f.Workload, began); err != nil {
			return nil, err
		}
		pod, err := waitVersion(ctx, env, f.Workload, f.Selector, stamp(began))
		if err != nil {
			return nil, err
		}
		evidence := []string{fmt.Sprintf("%s got a new version at %s; Pod %s of it was there at %s", f.Workload, stamp(began), pod, stamp(time.Now()))}
		victim, err := f.stays(ctx, env)
		if err != nil {
			return evidence, err
		}
		var lost []string
		if f.Evict {
			lost, err = evict(ctx, env, victim)
		} else {
			lost, err = PodKill{Victim: victim}.strike(ctx, env, aims[victim.UID])
		}
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

// stays is the first victim that has not been told to go.
func (f RolloutLoss) stays(ctx context.Context, env *Env) (record.Victim, error) {
	for _, v := range f.Victims {
		if err := toldNothing(ctx, env, v); err == nil {
			return v, nil
		} else if !errors.Is(err, errToldToGo) && !apierrors.IsNotFound(err) {
			return v, err
		}
	}
	return record.Victim{}, fmt.Errorf("the rollout had told all %d old Pods to go before one could be lost", len(f.Victims))
}

func (f RolloutLoss) Revert(ctx context.Context, env *Env) error {
	return env.revert(f.fault(), func() error { return rollBack(ctx, env, f.Workload) })
}

var errToldToGo = errors.New("it has been told to go")

// toldNothing is errToldToGo where a Pod is on its way out.
func toldNothing(ctx context.Context, env *Env, v record.Victim) error {
	p, err := getPod(ctx, env.Client, v)
	if err == nil && p.DeletionTimestamp != nil {
		err = fmt.Errorf("looking for %s: %w", nameOf(v), errToldToGo)
	}
	return err
}

// evict asks for a Pod's eviction until it is granted. One that is on its way out is an
// error: the API grants that without a look at any budget.
func evict(ctx context.Context, env *Env, v record.Victim) ([]string, error) {
	began, asked := time.Now(), 0
	uid := types.UID(v.UID)
	eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: v.Namespace, Name: v.Name},
		DeleteOptions: &metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}}}
	err := wait.PollUntilContextCancel(ctx, evictAgain, true, func(ctx context.Context) (bool, error) {
		if err := toldNothing(ctx, env, v); err != nil {
			return false, err
		}
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
