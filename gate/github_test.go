package gate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"hagate/record"
	"hagate/reports"
	"hagate/verdict"
)

func TestGitHubIsTold(t *testing.T) {
	v := verdict.Verdict{Scenarios: []verdict.Scenario{
		{Name: "pod-kill", Result: verdict.Pass, Reason: record.Words("fine")},
		{Name: "a,b:c", Result: verdict.Fail, Reason: record.Words("50% failed\n::error::injected")},
	}}
	for _, there := range []bool{true, false} {
		g := NewWithT(t)
		dir := t.TempDir()
		g.Expect(os.WriteFile(filepath.Join(dir, reports.SummaryFile), []byte("## mine\n"), 0o644)).To(Succeed())
		summary := filepath.Join(dir, "step")
		g.Expect(os.WriteFile(summary, []byte("of another step\n"), 0o644)).To(Succeed())
		t.Setenv("GITHUB_ACTIONS", "")
		t.Setenv("GITHUB_STEP_SUMMARY", "")
		if there {
			t.Setenv("GITHUB_ACTIONS", "true")
			t.Setenv("GITHUB_STEP_SUMMARY", summary)
		}
		var out strings.Builder
		g.Expect(tellGitHub(&out, dir, v)).To(Succeed())
		text, err := os.ReadFile(summary)
		g.Expect(err).NotTo(HaveOccurred())
		if !there {
			g.Expect(out.String()).To(BeEmpty())
			g.Expect(string(text)).To(Equal("of another step\n"))
			continue
		}
		g.Expect(out.String()).To(Equal("::error title=hagate FAIL%3A a%2Cb%3Ac::50%25 failed%0A::error::injected\n"))
		g.Expect(string(text)).To(Equal("of another step\n## mine\n"))
	}
}

func TestASummaryThatCannotBeWrittenIsAnError(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(dir, "no", "folder"))
	g := NewWithT(t)
	g.Expect(os.WriteFile(filepath.Join(dir, reports.SummaryFile), nil, 0o644)).To(Succeed())
	g.Expect(tellGitHub(new(strings.Builder), dir, verdict.Verdict{})).To(MatchError(ContainSubstring("writing the job's summary")))
}
