package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubectl/pkg/drain"

	"hagate/record"
)

// evictAgain is how long kubectl waits before it repeats an eviction that a
// PodDisruptionBudget refused.
const evictAgain = 5 * time.Second

// NodeDrain cordons a node and evicts its Pods, as does
// `kubectl drain --ignore-daemonsets --delete-emptydir-data`: an eviction that a
// PodDisruptionBudget refuses is repeated until ctx ends, and a Pod that nothing
// would replace is an error.
type NodeDrain struct {
	Node    string
	Victims []record.Victim // the Pods on it that serve
}

func (f NodeDrain) Declares() record.Fault {
	return record.Fault{Name: "node-drain", Effect: record.Effect{Kind: record.NodesDrained, Evicts: true}, Victims: f.Victims}
}

func (f NodeDrain) Inject(ctx context.Context, env *Env) error {
	node, err := env.Client.CoreV1().Nodes().Get(ctx, f.Node, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("draining node %s: %w", f.Node, err)
	}
	return env.Inject(ctx, onNode(f.Declares(), node), func() ([]record.Text, error) {
		cordoned, err := cordon(ctx, env, node)
		if err != nil {
			return nil, err
		}
		evicted, err := f.evict(ctx, env)
		return append([]record.Text{cordoned}, evicted...), err
	})
}

func (f NodeDrain) evict(ctx context.Context, env *Env) (evidence []record.Text, err error) {
	leaving := &evictions{}
	helper := &drain.Helper{
		Ctx:                             ctx,
		Client:                          env.Client,
		GracePeriodSeconds:              -1, // the Pods' own
		IgnoreAllDaemonSets:             true,
		DeleteEmptyDirData:              true,
		EvictErrorRetryDelay:            evictAgain,
		Out:                             env.Progress,
		ErrOut:                          env.Progress,
		OnPodDeletionOrEvictionStarted:  leaving.started,
		OnPodDeletionOrEvictionFinished: leaving.finished,
	}
	list, errs := helper.GetPodsForDeletion(f.Node)
	if len(errs) > 0 {
		return nil, fmt.Errorf("listing what to evict from node %s: %w", f.Node, errors.Join(errs...))
	}
	err = helper.DeleteOrEvictPods(list.Pods())
	switch {
	case err == nil:
		return leaving.done(), nil
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	}
	err = fmt.Errorf("draining node %s: %s: %w", f.Node, leaving.open(), err)
	if why := f.refusals(ctx, env, leaving.left()); len(why) > 0 {
		err = &Refused{Refusals: why, Err: err}
	}
	return leaving.done(), err
}

// askedOnce is how long the API has to say why it refused the evictions of a drain that did
// not end.
const askedOnce = 10 * time.Second

// refusals is what the API says to evictions that did not come about. kubectl keeps nothing
// of it that could be read, so they are asked for once more, without effect. One of a Pod
// that is not the workload's is no business of the service.
func (f NodeDrain) refusals(ctx context.Context, env *Env, left []*corev1.Pod) (list []record.Refusal) {
	if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askedOnce)
	defer cancel()
	for _, pod := range left {
		err := evict(ctx, env, pod, metav1.DryRunAll)
		if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) { // it may go now, or has
			continue
		}
		r, ok := evictionOf(ctx, env.Client, pod, err)
		if !ok {
			continue
		}
		if r.Whose == record.WhoseService && !f.owns(pod, left) {
			r.Whose, r.Asked = record.WhoseCluster, r.Asked+", which is not the workload's"
		}
		list = append(list, r)
	}
	return list
}

// owns says whether a Pod is the workload's: a victim, or of a victim's controller.
func (f NodeDrain) owns(pod *corev1.Pod, left []*corev1.Pod) bool {
	victim := func(p *corev1.Pod) bool {
		return slices.ContainsFunc(f.Victims, func(v record.Victim) bool { return v.UID == string(p.UID) })
	}
	owner := metav1.GetControllerOf(pod)
	return victim(pod) || owner != nil && slices.ContainsFunc(left, func(p *corev1.Pod) bool {
		other := metav1.GetControllerOf(p)
		return victim(p) && other != nil && other.UID == owner.UID
	})
}

// evict asks for the eviction of a Pod and no other of its name.
func evict(ctx context.Context, env *Env, pod *corev1.Pod, dryRun ...string) error {
	return env.Client.PolicyV1().Evictions(pod.Namespace).Evict(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name},
		DeleteOptions: &metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &pod.UID}, DryRun: dryRun}})
}

// Revert uncordons the node if Inject cordoned it.
func (f NodeDrain) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error {
		return uncordonOwn(ctx, env, f.Node)
	})
}
