package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/e2e-framework/klient/wait"
)

// removeWait bounds how long Remove waits for objects to be gone.
const removeWait = 2 * time.Minute

// emptyWait bounds how long the deletion of namespaces waits for that of what is in them.
const emptyWait = 2 * time.Second

// Remove deletes objects, the last first, and waits until they and what depends on
// them are gone: a namespace with all it holds. It takes ctx's time, and two minutes
// at most. What is not there, or bears no mark of hagate's, is left alone.
func Remove(ctx context.Context, config *rest.Config, objects []Object) error {
	a, err := connect(config)
	if err != nil {
		return err
	}
	return a.remove(ctx, objects)
}

// BeginRemoval asks for the deletion of objects, in this order but namespaces last: what
// Remove does with them later takes less time. Pods of workloads and in namespaces among
// them are given a second to end, which is waited for. A failure is left for Remove to meet.
func BeginRemoval(ctx context.Context, config *rest.Config, objects []Object) {
	a, err := connect(config)
	if err != nil {
		return
	}
	a.beginRemoval(ctx, objects)
}

// beginRemoval leaves namespaces for last. Their controller looks what is in them 5 s after
// they are deleted, and where there are Pods again only when half of their grace is over:
// they are to be gone by then.
func (a *api) beginRemoval(ctx context.Context, objects []Object) {
	var going, workloads []*doomed
	for _, o := range objects {
		if o.Kind == "Namespace" {
			continue
		}
		d, _ := a.delete(ctx, o)
		if d == nil {
			continue
		}
		going = append(going, d)
		if o.Kind == deployment || o.Kind == statefulSet {
			workloads = append(workloads, d)
		}
	}
	for _, w := range workloads {
		a.hurry(ctx, w)
	}
	for _, o := range objects {
		if o.Kind == "Namespace" {
			a.hurryAll(ctx, o)
		}
	}
	empty, cancel := context.WithTimeout(ctx, emptyWait)
	defer cancel()
	for _, d := range going {
		_ = d.waitGone(empty)
	}
	for _, o := range objects {
		if o.Kind == "Namespace" {
			a.delete(ctx, o)
		}
	}
}

// doomed is an object whose deletion was asked for.
type doomed struct {
	object Object
	client dynamic.ResourceInterface
	uid    types.UID
	claims []*doomed // that a StatefulSet leaves behind
}

func (d *doomed) delete(ctx context.Context, policy metav1.DeletionPropagation) error {
	err := d.client.Delete(ctx, d.object.Name, metav1.DeleteOptions{PropagationPolicy: &policy, Preconditions: &metav1.Preconditions{UID: &d.uid}})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("deleting %s: %w", d.object, err)
	}
	return nil
}

func (a *api) remove(ctx context.Context, objects []Object) error {
	ctx, cancel := context.WithTimeout(ctx, removeWait)
	defer cancel()
	var going []*doomed
	var errs []error
	for _, o := range slices.Backward(objects) {
		d, err := a.delete(ctx, o)
		errs = append(errs, err)
		if d != nil {
			going = append(going, d)
		}
	}
	for _, d := range going {
		errs = append(errs, d.waitGone(ctx))
	}
	return errors.Join(errs...)
}

// delete asks for the deletion of o. It returns nothing where there is nothing to do.
func (a *api) delete(ctx context.Context, o Object) (*doomed, error) {
	client, err := a.resource(&o)
	if meta.IsNoMatchError(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	live, err := client.Get(ctx, o.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for %s: %w", o, err)
	}
	if !ours(live) {
		return nil, nil
	}
	d := &doomed{object: o, client: client, uid: live.GetUID()}
	if d.claims, err = a.deleteClaims(ctx, live); err != nil {
		return nil, err
	}
	policy := metav1.DeletePropagationForeground // the Pods go before their owner does
	if o.Kind == "Namespace" {
		policy = metav1.DeletePropagationBackground // it waits for what it holds anyway
	}
	if err := d.delete(ctx, policy); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *doomed) waitGone(ctx context.Context) error {
	why := "still there"
	err := wait.For(func(ctx context.Context) (bool, error) {
		live, err := d.client.Get(ctx, d.object.Name, metav1.GetOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			if ctx.Err() == nil {
				why = err.Error()
			}
			return false, nil
		}
		return err != nil || live.GetUID() != d.uid, nil
	}, wait.WithContext(ctx), wait.WithTimeout(removeWait), wait.WithInterval(200*time.Millisecond), wait.WithImmediate())
	if err != nil {
		return fmt.Errorf("waiting until %s is gone: %s: %w", d.object, why, err)
	}
	for _, c := range d.claims {
		if err := c.waitGone(ctx); err != nil {
			return err
		}
	}
	return nil
}
