package target

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// checkAutoscaler refuses a HorizontalPodAutoscaler of the workload that may change the
// replica count: what is declared could not be told from what it has just decided.
func (t *Target) checkAutoscaler(f *file) {
	w := t.Spec.Workload
	workload, ok := t.find("apps/v1", w.Kind, w.Name)
	if !ok {
		return // said of the workload
	}
	replicas, _, err := workload.template()
	if err != nil {
		return
	}
	for _, m := range t.manifests {
		kind, _, _ := unstructured.NestedString(m.Object, "spec", "scaleTargetRef", "kind")
		name, _, _ := unstructured.NestedString(m.Object, "spec", "scaleTargetRef", "name")
		if m.GetKind() != "HorizontalPodAutoscaler" || kind != w.Kind || name != w.Name || t.namespace(m) != w.Namespace {
			continue
		}
		least, given, _ := unstructured.NestedInt64(m.Object, "spec", "minReplicas")
		if !given {
			least = 1 // Kubernetes' default
		}
		most, _, _ := unstructured.NestedInt64(m.Object, "spec", "maxReplicas")
		if least != int64(replicas) || most != int64(replicas) {
			f.problemAt(m.file, m.line("spec", "maxReplicas"), "spec.maxReplicas",
				"the autoscaler may change the replicas of %s (%d to %d) while they are judged: leave it out of spec.manifests, or have minReplicas and maxReplicas be the %d that are declared", w, least, most, replicas)
		}
	}
}
