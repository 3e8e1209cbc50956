package target

import (
	"context"
	"fmt"
	"maps"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
)

// placement is an object that may be written to a cluster.
type placement struct {
	object Object
	body   *unstructured.Unstructured
	client dynamic.ResourceInterface
	mine   bool // an earlier run of the same target left it
	leave  bool // a namespace that is there already
}

// look finds out whether body may be written for the target named owner.
func (a *api) look(ctx context.Context, body *unstructured.Unstructured, owner string) (*placement, error) {
	p := &placement{body: body, object: Object{APIVersion: body.GetAPIVersion(), Kind: body.GetKind(), Namespace: body.GetNamespace(), Name: body.GetName()}}
	var err error
	p.client, err = a.resource(&p.object)
	if meta.IsNoMatchError(err) {
		return nil, fmt.Errorf("%s: the cluster knows no %s of %s: install what defines it, or mend apiVersion and kind", p.object, p.object.Kind, p.object.APIVersion)
	}
	if err != nil {
		return nil, err
	}
	body.SetNamespace(p.object.Namespace)
	labels := maps.Clone(body.GetLabels())
	if labels == nil {
		labels = map[string]string{}
	}
	labels[targetLabel] = owner
	body.SetLabels(labels)

	live, err := p.client.Get(ctx, p.object.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return p, a.keepsOut(ctx, body)
	case err != nil:
		return nil, fmt.Errorf("looking for %s: %w", p.object, err)
	case live.GetDeletionTimestamp() != nil:
		return nil, fmt.Errorf("%s is being deleted: wait until it is gone and run again", p.object)
	case p.object.Kind == "Namespace" && p.object.APIVersion == "v1":
		p.leave = true
	case live.GetLabels()[targetLabel] != owner:
		return nil, fmt.Errorf("%s is on the cluster already and not of this target's making: delete it, or put the target into another namespace", p.object)
	default:
		p.mine = true
	}
	return p, nil
}

// apply writes the object and returns it as the cluster has it now. Fields that
// somebody else owns are taken over only of an object of our own.
func (p *placement) apply(ctx context.Context) (*unstructured.Unstructured, error) {
	live, err := p.client.Apply(ctx, p.object.Name, p.body, metav1.ApplyOptions{FieldManager: manager, Force: p.mine})
	if err != nil {
		return nil, fmt.Errorf("applying %s: %w", p.object, err)
	}
	return live, nil
}
