package gate

import (
	"testing"

	. "github.com/onsi/gomega"

	"hagate/target"
	"hagate/verdict"
)

// What is proposed for the best cause of each scenario that failed, each once.
func TestProposed(t *testing.T) {
	g := NewWithT(t)
	hook := []verdict.Patch{{Object: "workload", Merge: "spec: {}"}}
	v := verdict.Verdict{Scenarios: []verdict.Scenario{
		{Name: "pod-delete", Result: verdict.Fail, Diagnoses: []verdict.Diagnosis{{Patch: hook}, {Alternative: true, Patch: []verdict.Patch{{Object: "pdb"}}}}},
		{Name: "node-drain", Result: verdict.Fail, Diagnoses: []verdict.Diagnosis{{Patch: hook}}},
		{Name: "scale", Result: verdict.Pass},
		{Name: "spread", Result: verdict.Invalid, Diagnoses: []verdict.Diagnosis{{Patch: []verdict.Patch{{Object: "service"}}}}},
	}}
	failed, patches := proposed(v)
	g.Expect(failed).To(Equal([]string{"pod-delete", "node-drain"}))
	g.Expect(patches).To(Equal([]target.Patch{{Object: "workload", Merge: "spec: {}"}}))
	g.Expect(before(v, "scale")).To(Equal(verdict.Pass))
}
