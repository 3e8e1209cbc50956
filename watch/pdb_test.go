package watch

import (
	"testing"

	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// budget covers Pods with these labels.
func budget(labels map[string]string) *policyv1.PodDisruptionBudget {
	return &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: "nginx-pdb"},
		Spec:       policyv1.PodDisruptionBudgetSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}},
		Status:     policyv1.PodDisruptionBudgetStatus{DesiredHealthy: 2, CurrentHealthy: 3, DisruptionsAllowed: 1},
	}
}

func TestBudgetsAreFollowed(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	want := record.PDB{Name: "nginx-pdb", DesiredHealthy: 2, CurrentHealthy: 3, Allowed: 1}
	b.pdb(budget(app))
	b.pdb(budget(app))
	g.Expect(states(b.news())).To(Equal([]any{want}))

	spent := budget(app)
	spent.Status.CurrentHealthy, spent.Status.DisruptionsAllowed = 2, 0
	want.CurrentHealthy, want.Allowed = 2, 0
	b.pdb(spent)
	g.Expect(states(b.news())).To(Equal([]any{want}))
	g.Expect(b.PDBs()).To(Equal([]record.PDB{want}))

	b.pdb(budget(map[string]string{"app": "another"}))
	g.Expect(b.PDBs()).To(BeEmpty(), "it covers others now")
	b.pdb(spent)
	g.Expect(b.PDBs()).To(HaveLen(1))
	b.pdbGone(spent)
	g.Expect(b.PDBs()).To(BeEmpty())
}

func TestCovers(t *testing.T) {
	for name, c := range map[string]struct {
		selector *metav1.LabelSelector
		want     bool
	}{
		"its labels":       {&metav1.LabelSelector{MatchLabels: app}, true},
		"another's labels": {&metav1.LabelSelector{MatchLabels: map[string]string{"app": "another"}}, false},
		"empty":            {&metav1.LabelSelector{}, true},
		"missing":          {nil, false},
		"malformed": {&metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{
			{Key: "app", Operator: "Resembles"}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := &policyv1.PodDisruptionBudget{Spec: policyv1.PodDisruptionBudgetSpec{Selector: c.selector}}
			NewWithT(t).Expect(covers(p, app)).To(Equal(c.want))
		})
	}
}
