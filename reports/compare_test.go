package reports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
		if _, err := reports.Render(dir, "", nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := reports.Render(filepath.Join(out, "now"), filepath.Join(out, "earlier"), nil); err != nil {
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

// spoilt adds n failures of each stream in the third second after the fault, which the
// scenes have 40 s apart.
func spoilt(entries []record.Entry, n int) []record.Entry {
	for _, e := range entries {
		if s := e.Second; s != nil && s.Failed == nil && e.Time.Second()%40 == 11 {
			s.Failed = map[string][]int{record.ClassRefused: make([]int, record.SlotsPerSecond)}
			s.Failed[record.ClassRefused][0], s.OK[0] = n, s.OK[0]-n
		}
	}
	return entries
}

// slower has the same sent for a plan of one request/second less.
func slower(entries []record.Entry) []record.Entry {
	for _, e := range entries {
		if e.Start != nil {
			e.Start.Plan.Rate--
		}
	}
	return entries
}

// stuck never has the workload's replicas back.
func stuck(entries []record.Entry) []record.Entry {
	for _, e := range entries {
		if e.Workload != nil && e.Time.After(verdicttest.Began.Add(8400*time.Millisecond)) {
			e.Workload.Ready = 2
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
		{"a few more of many failures", verdicttest.Run(verdicttest.NodeDrain()), spoilt(verdicttest.Run(verdicttest.NodeDrain()), 1), []string{"All 6 figures"}, []string{"badge"}},
		{"many more of many failures", verdicttest.Run(verdicttest.NodeDrain()), spoilt(verdicttest.Run(verdicttest.NodeDrain()), 100), []string{"worse", "failed requests"}, []string{"better"}},
		{"many more, at another rate", slower(verdicttest.Run(verdicttest.NodeDrain())), spoilt(verdicttest.Run(verdicttest.NodeDrain()), 100), nil, []string{"worse", "better"}},
		{"recovered where it never did", stuck(verdicttest.Run(verdicttest.PodDelete())), verdicttest.Run(verdicttest.PodDelete()), []string{"better", "time to recover", "never"}, []string{"worse"}},
		{"never recovered where it did", verdicttest.Run(verdicttest.PodDelete()), stuck(verdicttest.Run(verdicttest.PodDelete())), []string{"worse", "time to recover", "never"}, []string{"better"}},
		{"never recovered, then or now", stuck(verdicttest.Run(verdicttest.PodDelete())), stuck(verdicttest.Run(verdicttest.PodDelete())), []string{"All 6 figures"}, []string{"badge"}},
		{"worse", verdicttest.Run(verdicttest.PodDelete()), spoilt(verdicttest.Run(verdicttest.PodDelete()), 1), []string{"worse", "verdict", "failed requests"}, []string{"better", "latency</td>"}},
		{"better", spoilt(verdicttest.Run(verdicttest.PodDelete()), 1), verdicttest.Run(verdicttest.PodDelete()), []string{"better"}, []string{"worse"}},
		{"other scenarios", verdicttest.Run(verdicttest.PodDelete()), verdicttest.Run(verdicttest.NodeDrain()), []string{"Not run before: node-drain", "Not run this time: pod-delete"}, []string{"badge"}},
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
	refuses := func(base, want string) {
		t.Helper()
		if _, err := reports.Render(dir, base, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	refuses(t.TempDir(), "holds no earlier run")
	refuses(base, "hagate report "+base)
	if _, err := reports.Render(base, "", nil); err != nil {
		t.Fatal(err)
	}
	refuses(base, "compare runs of one target")
	if err := os.WriteFile(filepath.Join(base, reports.VerdictFile), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	refuses(base, "not a verdict of schema")
}
