package target

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
)

// Deploy applies the manifests, and makes the workload's namespace where neither they
// nor the cluster have it. creating is called with each object before it is written;
// an error of its own stops there. What creating has seen is returned, also with an
// error, and is Remove's to take away: namespaces that were there before are not among
// it. Objects that somebody else put there are an error, and then nothing is written.
func (t *Target) Deploy(ctx context.Context, config *rest.Config, creating func(Object) error) (created []Object, err error) {
	a, err := connect(config)
	if err != nil {
		return nil, err
	}
	return t.deploy(ctx, a, creating)
}

func (t *Target) deploy(ctx context.Context, a *api, creating func(Object) error) (created []Object, err error) {
	return a.place(ctx, t.bodies(), t.Metadata.Name, creating)
}

// Apply writes objects that are no target's, in their order, as Deploy writes a
// target's. They bear owner's name where a target's bear the target's.
func Apply(ctx context.Context, config *rest.Config, owner string, bodies []*unstructured.Unstructured, creating func(Object) error) error {
	a, err := connect(config)
	if err != nil {
		return err
	}
	_, err = a.place(ctx, bodies, owner, creating)
	return err
}

func (a *api) place(ctx context.Context, bodies []*unstructured.Unstructured, owner string, creating func(Object) error) (created []Object, err error) {
	var all []*placement
	var errs []error
	for _, body := range bodies {
		p, err := a.look(ctx, body, owner)
		errs = append(errs, err)
		all = append(all, p)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.leave {
			continue
		}
		if err := creating(p.object); err != nil {
			return created, err
		}
		created = append(created, p.object)
		if _, err := p.apply(ctx); err != nil {
			return created, err
		}
	}
	return created, nil
}

// bodies are the objects to write, in an order in which each finds what it needs.
func (t *Target) bodies() []*unstructured.Unstructured {
	w := t.Spec.Workload
	var bodies []*unstructured.Unstructured
	hasNamespace := false
	for _, m := range t.manifests {
		body := m.DeepCopy()
		body.SetNamespace(t.namespace(m))
		bodies = append(bodies, body)
		hasNamespace = hasNamespace || m.GetKind() == "Namespace" && m.GetName() == w.Namespace
	}
	if !hasNamespace {
		ns := &unstructured.Unstructured{}
		ns.SetAPIVersion("v1")
		ns.SetKind("Namespace")
		ns.SetName(w.Namespace)
		bodies = append(bodies, ns)
	}
	rank := func(u *unstructured.Unstructured) int {
		switch u.GetKind() {
		case "Namespace":
			return 0
		case "ServiceAccount", "ConfigMap", "Secret":
			return 1
		case w.Kind:
			if u.GetName() == w.Name && u.GetNamespace() == w.Namespace {
				return 3
			}
		}
		return 2
	}
	slices.SortStableFunc(bodies, func(a, b *unstructured.Unstructured) int { return cmp.Compare(rank(a), rank(b)) })
	return bodies
}
