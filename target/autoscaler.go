package target

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// autoscaler is a HorizontalPodAutoscaler and the replicas that it keeps.
type autoscaler struct {
	manifest
	least, most int64
}

// autoscalers are those of a workload in the target's namespace.
func (t *Target) autoscalers(of manifest) (list []autoscaler) {
	for _, m := range t.manifests {
		kind, _, _ := unstructured.NestedString(m.Object, "spec", "scaleTargetRef", "kind")
		name, _, _ := unstructured.NestedString(m.Object, "spec", "scaleTargetRef", "name")
		if m.GetKind() != "HorizontalPodAutoscaler" || kind != of.GetKind() || name != of.GetName() || t.namespace(m) != t.Spec.Workload.Namespace {
			continue
		}
		least, given, _ := unstructured.NestedInt64(m.Object, "spec", "minReplicas")
		if !given {
			least = 1 // Kubernetes' default
		}
		most, _, _ := unstructured.NestedInt64(m.Object, "spec", "maxReplicas")
		list = append(list, autoscaler{m, least, most})
	}
	return list
}

// checkAutoscaler refuses an autoscaler of the workload that may change the replica
// count: what is declared could not be told from what it has just decided.
func (t *Target) checkAutoscaler(f *file) {
	w := t.Spec.Workload
	workload, ok := t.find("apps/v1", w.Kind, w.Name)
	if !ok {
		return // said of the workload
	}
	replicas, _, err := workload.template()
	if err != nil {
		return // said of the manifest
	}
	for _, a := range t.autoscalers(workload) {
		if a.least == int64(replicas) && a.most == int64(replicas) {
			continue
		}
		f.problemIn(a.manifest, at("spec.maxReplicas"),
			"the autoscaler may change the replicas of %s (%d to %d) while they are judged: in a copy of the target, pin %d replicas by spec.replicas (%s:%d) and by minReplicas and maxReplicas (%s:%d), or leave the autoscaler out of spec.manifests and pin spec.replicas alone",
			w, a.least, a.most, max(2, a.least, min(int64(replicas), a.most)), workload.file, workload.line("spec", "replicas"), a.file, a.line("spec", "maxReplicas"))
	}
}
