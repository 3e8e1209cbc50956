package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"hagate/target"
)

func linted(args ...string) (string, error) {
	var out bytes.Buffer
	all := commands()
	all.SetOut(&out)
	all.SetArgs(append([]string{"lint"}, args...))
	err := all.Execute()
	return out.String(), err
}

func TestLint(t *testing.T) {
	t.Chdir(t.TempDir()) // no checkout around it, and no environment
	t.Setenv("RATE", "none")
	g := NewWithT(t)
	g.Expect(os.Mkdir("shop", 0o700)).To(Succeed())
	g.Expect(os.WriteFile(filepath.Join("shop", "hagate.yaml"), []byte("apiVersion: hagate/v1alpha1\nkind: Targte\n"), 0o600)).To(Succeed())

	out, err := linted("shop")
	g.Expect(err).To(MatchError(ContainSubstring("shop cannot be tested")))
	g.Expect(out).To(And(ContainSubstring(`shop/hagate.yaml:2: kind: "Targte" is not known: write Target`), ContainSubstring("errors: ")))

	out, err = linted("--output=json", "shop")
	g.Expect(err).To(HaveOccurred())
	var findings []target.Finding
	g.Expect(json.Unmarshal([]byte(out), &findings)).To(Succeed())
	g.Expect(findings).To(ContainElement(And(HaveField("Rule", "target-file"), HaveField("Line", 2))))

	out, err = linted("--output", "sarif", "shop")
	g.Expect(err).To(HaveOccurred())
	g.Expect(out).To(ContainSubstring(`"ruleId": "target-file"`))
}

func TestLintOfASoundTarget(t *testing.T) {
	g := NewWithT(t)
	nginx := filepath.Join("..", "..", "target", "nginx")
	out, err := linted(nginx)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(out).To(Equal(nginx + ": errors: 0, warnings: 0\n"))
	out, err = linted("--output", "json", nginx)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(out).To(Equal("[]\n"))
}

func TestLintSaysHowItIsCalled(t *testing.T) {
	for want, args := range map[string][]string{
		"accepts 1 arg":             {},
		`"xml" is not known`:        {"--output", "xml", filepath.Join("..", "..", "target", "nginx")},
		"unknown flag: --format":    {"--format", "json", "x"},
		"opening the target's fold": {"none"},
	} {
		_, err := linted(args...)
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(want)))
	}
}

// What init writes, lint takes, and a file that is there is left alone.
func TestInit(t *testing.T) {
	g := NewWithT(t)
	dir := filepath.Join(t.TempDir(), "shop")
	g.Expect(os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "target", "nginx")))).To(Succeed())
	initialized := func() (string, error) {
		var out bytes.Buffer
		all := commands()
		all.SetOut(&out)
		all.SetArgs([]string{"init", dir})
		err := all.Execute()
		return out.String(), err
	}
	_, err := initialized()
	g.Expect(err).To(MatchError(ContainSubstring("hagate.yaml already exists")))
	g.Expect(os.Remove(filepath.Join(dir, target.FileName))).To(Succeed())
	out, err := initialized()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(out).To(And(ContainSubstring("errors: 0, warnings: 0"), ContainSubstring("hagate test --target "+dir)))
}
