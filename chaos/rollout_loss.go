package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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

func (f RolloutLoss) Declares() record.Fault {
	loss := f.Rollout.Declares()
	loss.Name = "rollout-kill"
	if loss.Effect.Evicts = f.Evict; f.Evict {
		loss.Name = "rollout-evict"
	}
	return loss
}

// Inject finds what it may kill before it rolls out, so that no slow search lets the
// rollout take the Pod first. That it took all of them is an error.
func (f RolloutLoss) Inject(ctx context.Context, env *Env) error {
	aims, err := f.aims(ctx, env)
	if err != nil {
		return err
	}
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		began := time.Now()
		if err := newVersion(ctx, env, f.Workload, began); err != nil {
			return nil, err
		}
		pod, err := waitVersion(ctx, env, f.Workload, f.Selector, stamp(began))
		if err != nil {
			return nil, err
		}
		evidence := []record.Text{record.Say("%s got a new version at %s; Pod %s of it was there at %s", f.Workload, stamp(began), pod, stamp(time.Now()))}
		lost, err := f.lose(ctx, env, aims)
		if refused, ok := errors.AsType[*Refused](err); ok && errors.Is(err, errAllTold) && ctx.Err() == nil {
			lost, err = f.evictAfter(ctx, env, stamp(began), refused)
		}
		evidence = append(evidence, lost...)
		if err != nil {
			return evidence, err
		}
		if err := waitGrown(ctx, env, f.Workload); err != nil {
			return evidence, err
		}
		return append(evidence, record.Say("it was rolled out at %s", stamp(time.Now()))), nil
	})
}

// aims are the processes of each victim, by its UID: none where none is killed.
func (f RolloutLoss) aims(ctx context.Context, env *Env) (map[string]processes, error) {
	if f.Evict {
		return nil, nil
	}
	aims := map[string]processes{}
	for _, v := range f.Victims {
		procs, err := PodKill{Victim: v}.aim(ctx, env)
		if err != nil {
			return nil, err
		}
		aims[v.UID] = procs
	}
	return aims, nil
}

func (f RolloutLoss) lose(ctx context.Context, env *Env, aims map[string]processes) ([]record.Text, error) {
	if f.Evict {
		return f.evict(ctx, env)
	}
	v, _, err := f.stays(ctx, env)
	if err != nil {
		return nil, err
	}
	return PodKill{Victim: v}.strike(ctx, env, aims[v.UID])
}

// askEvery is how often an eviction is asked for: the rollout goes on meanwhile, and a
// budget that a new Pod has made room in may be spent again in seconds.
const askEvery = time.Second

// errAllTold is why none of the old Pods can be lost any more.
var errAllTold = errors.New("before one could be lost")

// evictAfter asks for the eviction of a new Pod once the rollout has ended, until one is
// granted: a budget may have evictions wait for that, which harms nobody, but not for ever.
func (f RolloutLoss) evictAfter(ctx context.Context, env *Env, version string, refused *Refused) ([]record.Text, error) {
	if err := waitGrown(ctx, env, f.Workload); err != nil {
		return nil, err
	}
	asked := 0
	var name string
	err := wait.PollUntilContextCancel(ctx, askEvery, true, func(ctx context.Context) (bool, error) {
		pods, err := env.Client.CoreV1().Pods(f.Workload.Namespace).List(ctx, metav1.ListOptions{LabelSelector: f.Selector})
		if err != nil {
			return false, nil
		}
		i := slices.IndexFunc(pods.Items, func(p corev1.Pod) bool {
			return p.Annotations[versionAnnotation] == version && p.DeletionTimestamp == nil
		})
		if i < 0 {
			return false, nil
		}
		asked++
		pod := &pods.Items[i]
		name = pod.Namespace + "/" + pod.Name
		err = evict(ctx, env, pod)
		if r, ok := evictionOf(ctx, env.Client, pod, err); ok {
			refused.Refusals = []record.Refusal{r}
		}
		if apierrors.IsTooManyRequests(err) || apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		return nil, &Refused{Refusals: refused.Refusals, Err: fmt.Errorf("evicting a Pod, also when the rollout had ended (asked %d× then): %w", asked, err)}
	}
	return []record.Text{record.Say("no eviction was granted while it went on; Pod %s of the new version was evicted at %s, when it had ended (asked %d×)", name, stamp(time.Now()), asked)}, nil
}

// evict asks for an eviction until one is granted. It asks for no Pod that is on its way
// out: the API grants that without a look at any budget.
func (f RolloutLoss) evict(ctx context.Context, env *Env) ([]record.Text, error) {
	began, asked := time.Now(), 0
	var victim record.Victim
	var last []record.Refusal
	err := wait.PollUntilContextCancel(ctx, askEvery, true, func(ctx context.Context) (bool, error) {
		v, pod, err := f.stays(ctx, env)
		if err != nil {
			return false, err
		}
		asked++
		last = nil
		victim, err = v, evict(ctx, env, pod)
		if r, ok := evictionOf(ctx, env.Client, pod, err); ok {
			last = append(last, r)
		}
		if apierrors.IsTooManyRequests(err) || apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		err = fmt.Errorf("evicting a Pod of the old version (asked %d×): %w", asked, err)
		if len(last) > 0 {
			err = &Refused{Refusals: last, Err: err}
		}
		return nil, err
	}
	return []record.Text{record.Say("%s was evicted at %s (asked %d×)", nameOf(victim), stamp(began), asked)}, nil
}

// stays is the first victim that has not been told to go.
func (f RolloutLoss) stays(ctx context.Context, env *Env) (record.Victim, *corev1.Pod, error) {
	for _, v := range f.Victims {
		p, err := env.Client.CoreV1().Pods(v.Namespace).Get(ctx, v.Name, metav1.GetOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			return v, nil, fmt.Errorf("looking for %s: %w", nameOf(v), err)
		}
		if err == nil && string(p.UID) == v.UID && p.DeletionTimestamp == nil {
			return v, p, nil
		}
	}
	return record.Victim{}, nil, fmt.Errorf("the rollout had asked all %d old Pods to terminate %w", len(f.Victims), errAllTold)
}

func (f RolloutLoss) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return rollBack(ctx, env, f.Workload) })
}
