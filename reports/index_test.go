package reports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hagate/reports"
	"hagate/verdict/verdicttest"
)

func TestIndex(t *testing.T) {
	dir := t.TempDir()
	for _, run := range []string{"20261124-140000-aaaa", "20261124-150000-bbbb"} {
		folder := filepath.Join(dir, run)
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		scenarios := verdicttest.Run(verdicttest.PodDelete())
		if strings.HasSuffix(run, "bbbb") {
			scenarios = verdicttest.Run(verdicttest.PodDelete(), verdicttest.NodeDrain())
		}
		if err := verdicttest.Write(folder, scenarios); err != nil {
			t.Fatal(err)
		}
		if _, err := reports.Render(folder, "", nil); err != nil {
			t.Fatal(err)
		}
	}
	os.Symlink("20261124-150000-bbbb", filepath.Join(dir, "latest"))
	os.MkdirAll(filepath.Join(dir, "empty"), 0o755)
	os.MkdirAll(filepath.Join(dir, "broken"), 0o755)
	os.WriteFile(filepath.Join(dir, "broken", reports.VerdictFile), []byte("{"), 0o644)
	if err := reports.Index(dir, nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, reports.HTMLFile))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for part, n := range map[string]int{
		`<a href="20261124-140000-aaaa/index.html">`:        1,
		`<a href="20261124-150000-bbbb/index.html">`:        1,
		`href="20261124-150000-bbbb/index.html#node-drain"`: 1,
		`<strong>pod-delete</strong>`:                       1,
		`index.html#pod-delete"`:                            2,
		"latest/":                                           0, "broken/": 0,
	} {
		if got := strings.Count(page, part); got != n {
			t.Errorf("%d times %s, want %d", got, part, n)
		}
	}
}

func TestIndexOfNothing(t *testing.T) {
	dir := t.TempDir()
	if err := reports.Index(dir, nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, reports.HTMLFile))
	if err != nil || !strings.Contains(string(text), "None yet") {
		t.Errorf("%v: %s", err, text)
	}
}
