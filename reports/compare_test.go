package reports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hagate/record"
	"hagate/reports"
	"hagate/verdict/verdicttest"
)

// against renders the record of entries beside that of before and returns the part of
// the page that compares them.
func against(t *testing.T, before, entries []record.Entry) string {
	t.Helper()
	out := t.TempDir()
	for name, e := range map[string][]record.Entry{"earlier": before, "now": entries} {
		dir := filepath.Join(out, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := verdicttest.Write(dir, e); err != nil {
			t.Fatal(err)
		}
		if _, err := reports.Render(dir, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := reports.Render(filepath.Join(out, "now"), filepath.Join(out, "earlier")); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(out, "now", reports.HTMLFile))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), `<div class="against">`)
	part, _, _ := strings.Cut(rest, "<section")
	return part
}

// spoilt adds n failures of each stream to the scenario's settled seconds.
func spoilt(entries []record.Entry, n int) []record.Entry {
	for _, e := range entries {
		if s := e.Second; s != nil && s.Failed == nil && e.Time.Second()%60 == 11 {
			s.Failed = map[string][]int{record.ClassRefused: make([]int, record.SlotsPerSecond)}
			s.Failed[record.ClassRefused][0], s.OK[0] = n, s.OK[0]-n
		}
	}
	return entries
}

func TestComparison(t *testing.T) {
	for _, c := range []struct {
		how         string
		before, now []record.Entry
		want, not   []string
	}{
		{"the same", verdicttest.Run(verdicttest.PodDelete()), verdicttest.Run(verdicttest.PodDelete()), []string{"All 6 figures"}, []string{"badge"}},
		{"a few more of many failures", spoilt(verdicttest.Run(verdicttest.NodeDrain()), 0), verdicttest.Run(verdicttest.NodeDrain()), []string{"All 6 figures"}, []string{"badge"}},
		{"worse", verdicttest.Run(verdicttest.PodDelete()), spoilt(verdicttest.Run(verdicttest.PodDelete()), 1), []string{"worse", "verdict", "failed requests"}, []string{"better", "latency</td>"}},
		{"better", spoilt(verdicttest.Run(verdicttest.PodDelete()), 1), verdicttest.Run(verdicttest.PodDelete()), []string{"better"}, []string{"worse"}},
		{"other scenarios", verdicttest.Run(verdicttest.PodDelete()), verdicttest.Run(verdicttest.NodeDrain()), []string{"Not played before: node-drain", "Not played this time: pod-delete"}, []string{"badge"}},
	} {
		got := against(t, c.before, c.now)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in %s", c.how, want, got)
			}
		}
		for _, not := range c.not {
			if strings.Contains(got, not) {
				t.Errorf("%s: %q in %s", c.how, not, got)
			}
		}
	}
}

func TestNothingToCompareWith(t *testing.T) {
	other := verdicttest.Run(verdicttest.PodDelete())
	for _, e := range other {
		if e.Run != nil {
			e.Run.Target = "shop"
		}
	}
	dir, base := t.TempDir(), t.TempDir()
	for folder, entries := range map[string][]record.Entry{dir: verdicttest.Run(verdicttest.PodDelete()), base: other} {
		if err := verdicttest.Write(folder, entries); err != nil {
			t.Fatal(err)
		}
	}
	for base, want := range map[string]string{t.TempDir(): "holds no earlier run", base: "compare runs of one target"} {
		if _, err := reports.Render(base, ""); err != nil && strings.Contains(want, "target") {
			t.Fatal(err)
		}
		if _, err := reports.Render(dir, base); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
