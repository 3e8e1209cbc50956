package sarif

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"hagate/target"
)

var update = flag.Bool("update", false, "write the golden file anew")

var findings = []target.Finding{
	{Rule: "target-port", Severity: target.Error, File: "my shop/service.yaml", Line: 8, Object: "Service shop/web", Field: "spec.ports[0].targetPort", What: "no container has a port named \"web\"", Fix: "name one of theirs"},
	{Rule: "budget-overlap", Severity: target.Warning, File: "my shop/pdb.yaml", Line: 6, Object: "PodDisruptionBudget shop/web", Field: "spec.selector", What: "2 PodDisruptionBudgets cover its Pods", Fix: "keep one", Scenarios: []string{"node-drain", "drain-blocked"}},
	{Rule: "target-file", Severity: target.Error, File: "/srv/shop/hagate.yaml", What: "no such file or directory", Fix: "put one beside the service's manifests"},
}

func written(t *testing.T, findings []target.Finding) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, findings); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGolden(t *testing.T) {
	golden := filepath.Join("testdata", "findings.sarif")
	got := written(t, findings)
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	NewWithT(t).Expect(string(got)).To(Equal(string(want)))
}

// What SARIF 2.1.0 asks for (sections 3.13, 3.14, 3.19, 3.27, 3.49): a version, runs with
// a named tool, results with a message and a rule of the tool at the index that they give,
// lines from 1 on.
func TestStructure(t *testing.T) {
	g := NewWithT(t)
	var got log
	decode := json.NewDecoder(bytes.NewReader(written(t, findings)))
	decode.DisallowUnknownFields()
	g.Expect(decode.Decode(&got)).To(Succeed())
	g.Expect(got.Version).To(Equal("2.1.0"))
	g.Expect(got.Runs).To(HaveLen(1))
	r := got.Runs[0]
	g.Expect(r.Tool.Driver.Name).NotTo(BeEmpty())
	ids := map[string]bool{}
	for _, known := range r.Tool.Driver.Rules {
		g.Expect(known.ID).To(MatchRegexp(`^[a-z-]+$`))
		g.Expect(ids).NotTo(HaveKey(known.ID))
		g.Expect(known.Short.Text).NotTo(BeEmpty())
		g.Expect(known.Help.Text).To(HavePrefix(known.Short.Text + " "))
		ids[known.ID] = true
	}
	g.Expect(r.Results).To(HaveLen(len(findings)))
	for i, found := range r.Results {
		g.Expect(r.Tool.Driver.Rules[found.RuleIndex].ID).To(Equal(found.RuleID))
		g.Expect(found.Level).To(BeElementOf("error", "warning"))
		g.Expect(found.Message.Text).To(Equal(findings[i].Message()))
		g.Expect(found.Locations).To(HaveLen(1))
		if line := findings[i].Line; line > 0 {
			g.Expect(found.Locations[0].Physical.Region.StartLine).To(Equal(line))
		} else {
			g.Expect(found.Locations[0].Physical.Region).To(BeNil())
		}
	}
	g.Expect(r.Results[0].Locations[0].Physical.Artifact.URI).To(Equal("my%20shop/service.yaml"))
	g.Expect(r.Results[2].Locations[0].Physical.Artifact.URI).To(Equal("file:///srv/shop/hagate.yaml"))
}

// A clean target has results, and none of them: without the list, it was not looked at.
func TestNothingFound(t *testing.T) {
	NewWithT(t).Expect(string(written(t, nil))).To(ContainSubstring(`"results": []`))
}
