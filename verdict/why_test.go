package verdict_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

// TestCauses has each cause come first where the service has it, and in no other scene;
// none where the scenario passes.
// The golden table shows what else fits, and how well.
func TestCauses(t *testing.T) {
	var table strings.Builder
	table.WriteString("# Which causes fit which scenes\n\nScores are what is for a cause, less of what is against it. Written by `go test ./verdict -run TestCauses -update`.\n\n| what is broken | result | cause | what else fits |\n| --- | --- | --- | --- |\n")
	for _, c := range verdicttest.Causes() {
		s := judge(verdicttest.Run(c.Entries)).Scenarios[0]
		var fit []string
		for _, d := range s.Diagnoses {
			fit = append(fit, fmt.Sprintf("%s %d", d.Rule, d.Score))
		}
		rule, want := "", verdict.Fail
		if len(fit) > 0 {
			rule = s.Diagnoses[0].Rule
		}
		if c.Cause == "" {
			want = verdict.Pass
		}
		if s.Result != want || rule != c.Cause {
			t.Errorf("%s: %s (%s): %q, want %s", c.Name, s.Result, s.Reason, fit, c.Cause)
			for _, d := range s.Diagnoses {
				t.Logf("%s\n for: %q\n against: %q", d.Rule, d.Evidence, d.Against)
			}
		}
		if want == verdict.Fail && (s.Cause.String() == "" || s.Fix.String() == "") {
			t.Errorf("%s: no cause or no change in one sentence", c.Name)
		}
		best, others, _ := strings.Cut(strings.Join(fit, ", "), ", ")
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", c.Name, s.Result, best, others)
	}
	keepTable(t, "causes.md", table.String())
}

// keepTable holds a golden table in testdata up to what it is now.
func keepTable(t *testing.T, name, now string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || string(want) != now {
		t.Errorf("%s differs (%v); run with -update and look at the difference", path, err)
	}
}

// TestRecordedRuns judges the records of real runs in testdata/runs. Beside each
// <name>.jsonl.gz is <name>.want: a line "scenario RESULT cause" for each scenario that is
// looked at, without a cause where it passes, or "run" where the service did not come up.
// The golden table shows for each cause which of the runs it fits, best or beside a better
// one; it fits none of the others.
func TestRecordedRuns(t *testing.T) {
	runs, err := filepath.Glob(filepath.Join("testdata", "runs", "*.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	best, beside := map[string][]string{}, map[string][]string{}
	looked := 0
	for _, run := range runs {
		t.Run(filepath.Base(run), func(t *testing.T) {
			found := map[string]verdict.Scenario{}
			v := recorded(t, run)
			addsUp(t, v)
			if len(v.Scenarios) == 0 {
				found["run"] = v.Whole()
			}
			for _, s := range v.Scenarios {
				found[s.Name] = s
			}
			want, err := os.ReadFile(strings.TrimSuffix(run, ".jsonl.gz") + ".want")
			if err != nil {
				t.Fatal(err)
			}
			for lines := bufio.NewScanner(strings.NewReader(string(want))); lines.Scan(); {
				f := append(strings.Fields(lines.Text()), "", "")
				if f[0] == "" || strings.HasPrefix(f[0], "#") {
					continue
				}
				s, rule := found[f[0]], ""
				if s.Result == verdict.Fail {
					rule = s.Diagnoses[0].Rule
				}
				looked++
				at := strings.TrimSuffix(filepath.Base(run), ".jsonl.gz") + " " + f[0]
				for i, d := range s.Diagnoses {
					if i == 0 {
						best[d.Rule] = append(best[d.Rule], at)
					} else if d.Rule != rule {
						beside[d.Rule] = append(beside[d.Rule], at)
					}
				}
				if string(s.Result) != f[1] || f[2] != "" && rule != f[2] {
					t.Errorf("%s: %s %s, want %s %s: %s", f[0], s.Result, rule, f[1], f[2], s.Reason)
				}
			}
		})
	}
	var table strings.Builder
	fmt.Fprintf(&table, "# Which causes fit which recorded runs\n\n%d scenarios of %d runs on a real cluster. A cause fits none of those that it does not name. Written by `go test ./verdict -run TestRecordedRuns -update`.\n\n| cause | best explains | fits beside a better one |\n| --- | --- | --- |\n", looked, len(runs))
	for _, id := range append(verdict.CauseIDs(), "unexplained") {
		fmt.Fprintf(&table, "| %s | %s | %s |\n", id, strings.Join(best[id], ", "), strings.Join(beside[id], ", "))
	}
	keepTable(t, "runs.md", table.String())
}

func recorded(t *testing.T, path string) verdict.Verdict {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var j verdict.Judge
	if err := record.Read(text, func(e record.Entry) error {
		j.Add(e)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return j.Verdict()
}

// The change is of the container that stops first, not of the one that has the port; but where
// that answers wrongly only once its own hook has ended, it does so by itself.
func TestWhatStopsFirstIsChanged(t *testing.T) {
	all := verdicttest.Causes()
	i := slices.IndexFunc(all, func(c verdicttest.Cause) bool { return c.Name == "a container beside the server that stops first" })
	first := judge(verdicttest.Run(all[i].Entries)).Scenarios[0].Diagnoses[0]
	want := "spec:\n  template:\n    spec:\n      containers:\n      - name: app\n        lifecycle:\n          preStop:\n            sleep: {seconds: 7}\n"
	if len(first.Patch) != 1 || first.Patch[0].Merge != want {
		t.Errorf("%+v, want\n%s", first.Patch, want)
	}
	for j, e := range all[i].Entries {
		if e.Answer != nil && e.Answer.Status == 502 {
			all[i].Entries[j].Time = e.Time.Add(6 * time.Second)
		}
	}
	itself := judge(verdicttest.Run(all[i].Entries)).Scenarios[0].Diagnoses[0]
	if itself.Rule != first.Rule || itself.What.String() == first.What.String() {
		t.Errorf("%s: %s", itself.Rule, itself.What)
	}
}
