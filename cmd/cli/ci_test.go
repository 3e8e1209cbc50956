package cli

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"go.yaml.in/yaml/v3"
)

// What CI systems are told to set is what a run reads.
func TestCITemplates(t *testing.T) {
	var action struct {
		Inputs map[string]any
		Runs   struct {
			Steps []struct{ Env map[string]string }
		}
	}
	var gitlab struct {
		Hagate struct{ Variables map[string]string }
	}
	for path, into := range map[string]any{"action.yml": &action, "docs/gitlab-ci.yml": &gitlab} {
		text, err := os.ReadFile(filepath.Join("..", "..", path))
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		NewWithT(t).Expect(yaml.Unmarshal(text, into)).To(Succeed(), path)
	}
	var set []string
	for _, step := range action.Runs.Steps {
		for variable := range step.Env {
			set = append(set, variable)
		}
	}
	NewWithT(t).Expect(set).To(HaveLen(len(action.Inputs)-1), "an input for each variable, and the artifact")
	for variable := range gitlab.Hagate.Variables {
		if variable != "HAGATE" {
			set = append(set, variable)
		}
	}
	for _, variable := range set {
		NewWithT(t).Expect(slices.ContainsFunc(settings, func(s struct{ flag, env, does string }) bool { return s.env == variable })).To(BeTrue(), variable)
	}
}
