package chaos

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
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

func (NodeDrain) Name() string { return "node-drain" }

func (f NodeDrain) fault(uid types.UID) record.Fault {
	node := record.Victim{Kind: "Node", Name: f.Node, UID: string(uid)}
	return record.Fault{Name: f.Name(), Victims: append([]record.Victim{node}, f.Victims...)}
}

func (f NodeDrain) Inject(ctx context.Context, env *Env) error {
	node, err := env.Client.CoreV1().Nodes().Get(ctx, f.Node, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("draining node %s: %w", f.Node, err)
	}
	return env.inject(ctx, f.fault(node.UID), func() ([]string, error) {
		cordoned, err := cordon(ctx, env, node)
		if err != nil {
			return nil, err
		}
		evicted, err := f.evict(ctx, env)
		return append([]string{cordoned}, evicted...), err
	})
}

func (f NodeDrain) evict(ctx context.Context, env *Env) (evidence []string, err error) {
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
	return leaving.done(), fmt.Errorf("draining node %s: %s: %w", f.Node, leaving.open(), err)
}

// Revert uncordons the node if Inject cordoned it.
func (f NodeDrain) Revert(ctx context.Context, env *Env) error {
	return env.revert(record.Fault{Name: f.Name(), Victims: f.Victims}, func() error {
		return uncordonOwn(ctx, env, f.Node)
	})
}
