package target

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// checkWorkload holds the workload up to the manifests: it is there and has replicas.
func (t *Target) checkWorkload(f *file) {
	w := t.Spec.Workload
	m, ok := t.find("apps/v1", w.Kind, w.Name)
	if !ok {
		f.problem("spec.workload.name", "no %s (apps/v1) in the manifests: add it, or name one of theirs%s", w, t.listed(w.Kind))
		return
	}
	replicas, _, err := m.template()
	if err == nil && replicas < 1 {
		f.problemIn(m, at("spec.replicas"), "%d: nothing would serve: give at least 1", replicas)
	}
}

// find is the manifest of an object in the workload's namespace.
func (t *Target) find(apiVersion, kind, name string) (manifest, bool) {
	for _, m := range t.manifests {
		if m.GetAPIVersion() == apiVersion && m.GetKind() == kind && m.GetName() == name && t.namespace(m) == t.Spec.Workload.Namespace {
			return m, true
		}
	}
	return manifest{}, false
}

// listed names the objects of kind that the manifests hold: " (shop/web, shop/db)".
func (t *Target) listed(kind string) string {
	var names []string
	for _, m := range t.manifests {
		if m.GetKind() == kind {
			names = append(names, t.namespace(m)+"/"+m.GetName())
		}
	}
	if len(names) == 0 {
		return " (they have none)"
	}
	return fmt.Sprintf(" (%s)", strings.Join(names, ", "))
}

// namespace is where a namespaced object goes.
func (t *Target) namespace(m manifest) string {
	if n := m.GetNamespace(); n != "" {
		return n
	}
	return t.Spec.Workload.Namespace
}

// podLabels are the labels of the workload's Pods.
func (t *Target) podLabels() (map[string]string, error) {
	m, ok := t.find("apps/v1", t.Spec.Workload.Kind, t.Spec.Workload.Name)
	if !ok {
		return nil, fmt.Errorf("no %s in the manifests", t.Spec.Workload)
	}
	_, pods, err := m.template()
	return pods.Labels, err
}

// template is the declared replica count and the Pod template of a workload.
func (m manifest) template() (int, corev1.PodTemplateSpec, error) {
	if m.GetKind() == statefulSet {
		var s appsv1.StatefulSet
		err := m.into(&s)
		return declared(s.Spec.Replicas), s.Spec.Template, err
	}
	var d appsv1.Deployment
	err := m.into(&d)
	return declared(d.Spec.Replicas), d.Spec.Template, err
}

// declared is a replica count; Kubernetes' default is 1.
func declared(replicas *int32) int {
	if replicas == nil {
		return 1
	}
	return int(*replicas)
}
