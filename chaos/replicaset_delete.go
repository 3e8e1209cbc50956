package chaos

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"hagate/record"
)

// ReplicaSetDelete deletes the ReplicaSet that a Deployment's Pods belong to, and with
// it all of them at once, as `kubectl delete replicaset` does.
type ReplicaSetDelete struct {
	Deployment Object
	Victims    []record.Victim // the Pods
}

func (f ReplicaSetDelete) Declares() record.Fault {
	return record.Fault{Name: "replicaset-delete", Effect: record.Effect{Kind: record.PodsReplaced}, Victims: f.Victims}
}

// Inject returns when the Pods have left the API.
func (f ReplicaSetDelete) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		set, err := f.find(ctx, env)
		if err != nil {
			return nil, err
		}
		sets := env.Client.AppsV1().ReplicaSets(set.Namespace)
		began := time.Now()
		background := metav1.DeletePropagationBackground
		err = sets.Delete(ctx, set.Name, metav1.DeleteOptions{PropagationPolicy: &background, Preconditions: &metav1.Preconditions{UID: &set.UID}})
		if err != nil {
			return nil, fmt.Errorf("deleting ReplicaSet %s/%s: %w", set.Namespace, set.Name, err)
		}
		evidence := record.Say("ReplicaSet %s/%s (uid %s) was deleted at %s", set.Namespace, set.Name, set.UID, stamp(began))
		err = wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
			now, err := sets.Get(ctx, set.Name, metav1.GetOptions{})
			return apierrors.IsNotFound(err) || err == nil && now.UID != set.UID, nil
		})
		if err != nil {
			return []record.Text{evidence}, fmt.Errorf("waiting for ReplicaSet %s/%s to go: %w", set.Namespace, set.Name, context.Cause(ctx))
		}
		for _, v := range f.Victims {
			if err := WaitGone(ctx, env.Client, v); err != nil {
				return []record.Text{evidence}, err
			}
		}
		return []record.Text{record.Say("%s, and its %d Pods had left the API at %s", evidence, len(f.Victims), stamp(time.Now()))}, nil
	})
}

// find is the ReplicaSet that owns the first victim and is the Deployment's.
func (f ReplicaSetDelete) find(ctx context.Context, env *Env) (*metav1.ObjectMeta, error) {
	if len(f.Victims) == 0 {
		return nil, fmt.Errorf("finding the ReplicaSet of %s: it has no Pod", f.Deployment)
	}
	pod, err := getPod(ctx, env.Client, f.Victims[0])
	if err != nil {
		return nil, err
	}
	owner := metav1.GetControllerOf(pod)
	if owner == nil || owner.Kind != "ReplicaSet" {
		return nil, fmt.Errorf("finding the ReplicaSet of %s: none owns %s", f.Deployment, nameOf(f.Victims[0]))
	}
	set, err := env.Client.AppsV1().ReplicaSets(pod.Namespace).Get(ctx, owner.Name, metav1.GetOptions{})
	if err != nil {
		return nil, fmt.Errorf("finding the ReplicaSet of %s: %w", f.Deployment, err)
	}
	if of := metav1.GetControllerOf(set); of == nil || of.Kind != f.Deployment.Kind || of.Name != f.Deployment.Name {
		return nil, fmt.Errorf("finding the ReplicaSet of %s: ReplicaSet %s/%s is somebody else's", f.Deployment, set.Namespace, set.Name)
	}
	return &set.ObjectMeta, nil
}

// Revert has nothing to put back: the Deployment's controller makes a new ReplicaSet.
func (f ReplicaSetDelete) Revert(_ context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return nil })
}
