package watch

import (
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/labels"

	"hagate/record"
)

// pdb takes in a budget's state if it covers the workload's Pods.
func (w *Watch) pdb(p *policyv1.PodDisruptionBudget) {
	if !covers(p, w.labels) {
		delete(w.pdbs, p.Name)
		return
	}
	now := record.PDB{
		Name:           p.Name,
		DesiredHealthy: int(p.Status.DesiredHealthy),
		CurrentHealthy: int(p.Status.CurrentHealthy),
		Allowed:        int(p.Status.DisruptionsAllowed),
		Expected:       int(p.Status.ExpectedPods),
	}
	if changed(w.pdbs, p.Name, now) {
		w.write(record.Entry{PDB: &now})
	}
}

func (w *Watch) pdbGone(p *policyv1.PodDisruptionBudget) { delete(w.pdbs, p.Name) }

// covers says whether a budget is about Pods with these labels: an empty selector
// covers all of them, a missing one none.
func covers(p *policyv1.PodDisruptionBudget, pod labels.Set) bool {
	return selects(p.Spec.Selector, pod)
}
