package target

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// checkLabels holds each workload's selector up to its own template, as the API does.
func (t *Target) checkLabels(f *file) {
	for _, m := range t.manifests {
		made, ok := t.maker(m)
		if !ok || m.GetAPIVersion() != "apps/v1" {
			continue
		}
		selector, err := made.selector()
		if err != nil {
			f.problemIn(m, at("spec.selector"), "no selector can be made of it (%v): mend it", err)
		} else if selector.Empty() || !selector.Matches(labels.Set(made.template.Labels)) {
			f.problemIn(m, at("spec.selector"), "does not select the Pods of its own template: give it labels that spec.template.metadata.labels has (%s)", pairs(made.template.Labels))
		}
	}
}

// selector is a workload's own; one that selects nothing where it has none.
func (m maker) selector() (labels.Selector, error) {
	given, ok, _ := unstructured.NestedMap(m.Object, "spec", "selector")
	if !ok {
		return labels.Nothing(), nil
	}
	var s metav1.LabelSelector
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(given, &s); err != nil {
		return nil, err
	}
	return metav1.LabelSelectorAsSelector(&s)
}

// checkRollout looks for a strategy under which no rollout ends, or nobody serves meanwhile.
func (t *Target) checkRollout(f *file) {
	m, ok := t.workload()
	if !ok {
		return
	}
	rollouts := []string{"rolling-update"}
	if m.GetKind() == statefulSet {
		if how, _, _ := unstructured.NestedString(m.Object, "spec", "updateStrategy", "type"); how == string(appsv1.OnDeleteStatefulSetStrategyType) {
			f.warn(m.manifest, at("spec.updateStrategy.type"), rollouts, "OnDelete, so a rollout replaces no Pod by itself: use RollingUpdate")
		}
		return
	}
	var d appsv1.Deployment
	if m.into(&d) != nil {
		return
	}
	if d.Spec.Paused {
		f.problemIn(m.manifest, at("spec.paused"), "true, so no Pod of a new version is ever made: take it out")
	}
	_, fewer := m.surge()
	update := d.Spec.Strategy.RollingUpdate
	switch {
	case d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType:
		f.warn(m.manifest, at("spec.strategy.type"), rollouts, "Recreate, so a rollout takes all Pods away before it makes one: use RollingUpdate")
	case update != nil && zero(update.MaxSurge) && zero(update.MaxUnavailable):
		f.problemIn(m.manifest, at("spec.strategy.rollingUpdate.maxUnavailable"), "0, and so is maxSurge, which the API server refuses: give one of them 1")
	case m.replicas > 1 && fewer >= m.replicas:
		f.warn(m.manifest, at("spec.strategy.rollingUpdate.maxUnavailable"), rollouts, "lets a rollout take all %d replicas away at once: give 0, with %s", m.replicas, "maxSurge: 1")
	}
}

func zero(v *intstr.IntOrString) bool { return v != nil && scaled(v, 100, true) == 0 }

func (t *Target) checkReplicas(f *file) {
	if m, ok := t.workload(); ok && m.replicas == 1 {
		f.warn(m.manifest, at("spec.replicas"), []string{"pod-kill", "node-drain", "node-down"}, "1 replica, so nobody serves while its Pod is lost: give at least 2")
	}
}

// surge is how many Pods a rollout of the workload adds to its replicas, and how many it
// may do without.
func (m maker) surge() (more, fewer int) {
	if m.GetKind() == statefulSet {
		return 0, 1
	}
	var d appsv1.Deployment
	if m.into(&d) != nil || d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType {
		return 0, m.replicas
	}
	quarter := intstr.FromString("25%") // Kubernetes' default
	surge := &quarter
	if update := d.Spec.Strategy.RollingUpdate; update != nil && update.MaxSurge != nil {
		surge = update.MaxSurge
	}
	d.Spec.Replicas = new(int32(m.replicas))
	return scaled(surge, m.replicas, true), awayOf(&d)
}

// checkAntiAffinity looks for replicas that keep each other off their nodes.
func (t *Target) checkAntiAffinity(f *file) {
	m, ok := t.workload()
	if !ok || m.template.Spec.Affinity == nil || m.template.Spec.Affinity.PodAntiAffinity == nil {
		return
	}
	more, fewer := m.surge()
	for i, term := range m.template.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution {
		selector, err := metav1.LabelSelectorAsSelector(term.LabelSelector)
		elsewhere := len(term.Namespaces) > 0 || term.NamespaceSelector != nil || len(term.MatchLabelKeys) > 0 || len(term.MismatchLabelKeys) > 0
		if err != nil || elsewhere || term.TopologyKey != "kubernetes.io/hostname" || !selector.Matches(labels.Set(m.template.Labels)) || more == 0 || fewer > 0 {
			continue
		}
		f.warn(m.manifest, at(m.path, "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution", i), []string{"rolling-update", "scale"},
			"each replica takes a node of its own, so a rollout of %d replicas and %d more needs %d nodes that take Pods, and never ends on fewer: prefer it instead (preferredDuringSchedulingIgnoredDuringExecution), or let a rollout take a replica away first (%s)",
			m.replicas, more, m.replicas+more, "maxSurge: 0, maxUnavailable: 1")
	}
}

func plural(n int, one string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, one)
	}
	return fmt.Sprintf("%d %ss", n, one)
}
