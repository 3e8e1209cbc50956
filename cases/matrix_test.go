package cases

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
)

var (
	bad = Case{Name: "bad", About: "stops at once", Scenarios: map[string]Expectation{
		"pod-delete": {Verdict: verdict.Fail, Cause: Causes{"stops-while-routed"}, Fails: []string{"failed-requests"}, Passes: []string{"replicas-back"}},
		"spread":     {Verdict: verdict.Pass},
	}}
	good    = Case{Name: "good", About: "as it should be", Sound: true, Scenarios: map[string]Expectation{"steady": {Verdict: verdict.Pass}}}
	refused = Case{Name: "refused", About: "names no port", Refused: true, Says: "no port"}
)

func TestRunsAreJudged(t *testing.T) {
	fails := []string{"failed-requests"}
	for _, c := range []struct {
		of    Case
		run   Run
		want  Outcome
		cause bool
	}{
		{bad, Run{Scenario: "pod-delete", Verdict: verdict.Fail, Failed: fails, Cause: "stops-while-routed"}, Right, true},
		{bad, Run{Scenario: "pod-delete", Verdict: verdict.Fail, Failed: fails, Cause: "no-budget"}, Right, false},
		{bad, Run{Scenario: "pod-delete", Verdict: verdict.Fail, Failed: fails}, Right, false},
		{bad, Run{Scenario: "pod-delete", Verdict: verdict.Fail, Failed: []string{"outage"}}, Wrong, false},
		{bad, Run{Scenario: "pod-delete", Verdict: verdict.Fail, Failed: []string{"failed-requests", "replicas-back"}}, Wrong, false},
		{bad, Run{Scenario: "pod-delete", Verdict: verdict.Pass}, Wrong, false},
		{bad, Run{Scenario: "pod-delete", Verdict: verdict.Invalid}, Abstained, false},
		{bad, Run{Scenario: "pod-delete", Verdict: Refused}, Wrong, false},
		{good, Run{Scenario: "steady", Verdict: verdict.Pass}, Right, false},
		{good, Run{Scenario: "steady", Verdict: verdict.Fail, Busy: true}, Wrong, false},
		{refused, Run{Verdict: Refused, Reason: "there is no port"}, Right, false},
		{refused, Run{Verdict: Refused, Reason: "no such file"}, Wrong, false},
		{refused, Run{Verdict: Accepted}, Wrong, false},
	} {
		if got, cause := c.of.Judge(c.run); got != c.want || cause != c.cause {
			t.Errorf("%s %+v: %s %t, want %s %t", c.of.Name, c.run, got, cause, c.want, c.cause)
		}
	}
}

func TestRunIsTakenFromAVerdict(t *testing.T) {
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	got := Of(verdict.Scenario{Name: "steady", Result: verdict.Fail, Reason: record.Words("80 failed"), Started: began, Ended: began.Add(3 * time.Second),
		Diagnoses: []verdict.Diagnosis{{Rule: "evicted"}, {Rule: "oom-killed"}},
		Checks:    []verdict.Check{{Name: "outage", Result: verdict.Fail}, {Name: "load-sent", Result: verdict.Invalid}, {Name: "latency", Result: verdict.Pass}}})
	if got.Cause != "evicted" || got.Seconds != 3 || !slices.Equal(got.Failed, []string{"outage", "load-sent"}) || got.Verdict != verdict.Fail {
		t.Errorf("%+v", got)
	}
}

func TestMatrix(t *testing.T) {
	right := Run{Commit: "b", Case: "bad", Scenario: "pod-delete", Verdict: verdict.Fail, Failed: []string{"failed-requests"}, Cause: "stops-while-routed"}
	other, wrong, abstained, onBusy, old := right, right, right, right, right
	other.Cause = "no-budget"
	wrong.Verdict, wrong.Reason = verdict.Pass, "nothing failed |\nat all"
	abstained.Verdict = verdict.Invalid
	onBusy.Verdict, onBusy.Busy = verdict.Invalid, true
	old.Commit, old.Verdict = "a", verdict.Pass
	runs := []Run{old, right, wrong, right, other, abstained, onBusy, {Commit: "b", Case: "refused", Verdict: Refused, Reason: "no port"}}
	m := NewMatrix([]Case{bad, good, refused}, runs)
	c := m.Cells[0]
	if c.Quiet != (Tally{Runs: 6, Right: 3, Wrong: 2, Abstained: 1, Named: 2, Asked: 3}) || c.Newest != (Tally{Runs: 5, Right: 3, Wrong: 1, Abstained: 1, Named: 2, Asked: 3}) ||
		c.Busy != (Tally{Runs: 1, Abstained: 1}) || len(c.Amiss) != 5 {
		t.Errorf("%+v", c)
	}
	totals := m.Totals()
	if totals[0].K != 4 || totals[0].N != 7 || totals[1].K != 4 || totals[1].N != 6 || totals[3].K != 2 || totals[3].N != 3 || totals[5].N != 0 || totals[7].K != 0 || totals[7].N != 1 {
		t.Errorf("%+v", totals)
	}
	text := m.Markdown()
	page, err := m.Page("p{}")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"3 services, 1 of them sound; of 4 scenarios with a known verdict 2 were played", "FAIL: stops-while-routed"} {
		if !strings.Contains(text, want) || !strings.Contains(string(page), want) {
			t.Errorf("no %q in\n%s\n%s", want, text, page)
		}
	}
	for _, want := range []string{
		"| bad | pod-delete | FAIL: stops-while-routed | 3 | 2 | 1 | 2 of 3 | 18.8 and 81.2 % | 0, 0, 1 | b |",
		"| good | steady | PASS | – | – | – | – | – | – |  |",
		"| refused | (before a cluster) | REFUSED | 1 | 0 | 0 | – | 20.7 and 100.0 % | – | b |",
		`nothing failed \| at all`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestWilson(t *testing.T) { // figures of R's binom.confint(…, methods = "wilson")
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{0, 0, 0, 1}, {20, 20, 0.8389, 1}, {0, 100, 0, 0.0370}, {5, 10, 0.2366, 0.7634}} {
		low, high := Wilson(c.k, c.n)
		if math.Abs(low-c.low) > 1e-4 || math.Abs(high-c.high) > 1e-4 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.k, c.n, low, high, c.low, c.high)
		}
	}
}

func TestPlanGoesOnWhereItStopped(t *testing.T) {
	all, commits := []Case{bad, good, refused}, map[string]string{"bad": "b", "good": "b", "refused": "b"}
	rounds := Rounds{Defect: 1, Sound: 3, Busy: 0.5}
	plays := Plan(all, nil, commits, rounds)
	busy := 0
	var runs []Run
	for _, p := range plays {
		if p.Busy {
			busy++
		}
		names := p.Scenarios
		if p.Case.Refused {
			names = []string{""}
		}
		for _, name := range names {
			runs = append(runs, Run{Commit: p.Commit, Case: p.Case.Name, Scenario: name, Round: p.Round})
		}
	}
	if len(plays) != 5 || busy == 0 || busy == len(plays) || plays[3].Case.Name != "good" || plays[3].Round != 2 {
		t.Errorf("%d plays, %d busy: %+v", len(plays), busy, plays)
	}
	if left := Plan(all, runs, commits, rounds); len(left) != 0 {
		t.Errorf("played, and planned again: %+v", left)
	}
	left := Plan(all, runs[1:], commits, rounds)
	if len(left) != 1 || !slices.Equal(left[0].Scenarios, []string{"pod-delete"}) {
		t.Errorf("without the first run: %+v", left)
	}
	rounds.Sound = 4
	if left := Plan(all, runs, commits, rounds); len(left) != 1 || left[0].Round != 4 {
		t.Errorf("once more of the sound one: %+v", left)
	}
}

func TestRunsAreKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "runs.jsonl")
	if runs, err := ReadRuns(file); runs != nil || err != nil {
		t.Errorf("%v %v before the first", runs, err)
	}
	for range 2 {
		if err := AppendRuns(file, Run{Case: "bad", Scenario: "spread"}); err != nil {
			t.Fatal(err)
		}
	}
	if runs, err := ReadRuns(file); len(runs) != 2 || err != nil || runs[1].Scenario != "spread" {
		t.Errorf("%v %v", runs, err)
	}
	os.WriteFile(file, []byte("{}\n{"), 0o644)
	if _, err := ReadRuns(file); err == nil || !strings.Contains(err.Error(), "runs.jsonl:2") {
		t.Errorf("%v", err)
	}
}

func TestMatrixIsKeptInItsDocument(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trust.md")
	os.WriteFile(file, []byte("# Trust\n"+Begin+"old\n"+End+"end\n"), 0o644)
	if err := Keep(file, "new\n"); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(file); string(text) != "# Trust\n"+Begin+"new\n"+End+"end\n" {
		t.Errorf("%s", text)
	}
	os.WriteFile(file, nil, 0o644)
	if err := Keep(file, ""); err == nil {
		t.Error("a document without the lines was written")
	}
}
