package verdict_test

import (
	"bytes"
	"encoding/json"
	"flag"
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

var update = flag.Bool("update", false, "write the golden files anew")

func judge(entries []record.Entry) verdict.Verdict {
	var j verdict.Judge
	for _, e := range entries {
		j.Add(e)
	}
	return j.Verdict()
}

func TestGolden(t *testing.T) {
	dir := t.TempDir()
	if err := verdicttest.Write(dir, verdicttest.Run(verdicttest.PodDelete(), verdicttest.NodeDrain(), verdicttest.Busy())); err != nil {
		t.Fatal(err)
	}
	v, err := verdict.File(filepath.Join(dir, record.FileName))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "verdict.json")
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got)+"\n" {
		t.Errorf("the verdict differs from %s; run with -update and look at the difference", path)
	}
}

// again has entries be those of a scenario that measures another one again.
func again(of string, entries []record.Entry) []record.Entry {
	entries = slices.Clone(entries)
	for i, e := range entries {
		if entries[i].Scenario = of + "-again"; e.Start != nil {
			start := *e.Start
			start.Name, start.Again = of+"-again", of
			entries[i].Start = &start
		}
	}
	return entries
}

// later is the same a few minutes later.
func later(entries []record.Entry) []record.Entry {
	entries = slices.Clone(entries)
	for i := range entries {
		entries[i].Time = entries[i].Time.Add(5 * time.Minute)
	}
	return entries
}

func TestRun(t *testing.T) {
	good, bad, busy := verdicttest.PodDelete(), verdicttest.NodeDrain(), verdicttest.Busy()
	cutShort := verdicttest.Run(good)
	interrupted := verdicttest.Run(good)
	interrupted[len(interrupted)-1].End = &record.End{Interrupted: true}
	broken := append([]record.Entry{{Problem: &record.Problem{What: record.Words("the API server went away")}}}, verdicttest.Run(good)...)
	for _, c := range []struct {
		name    string
		entries []record.Entry
		want    verdict.Result
	}{
		{"every scenario passed", verdicttest.Run(good), verdict.Pass},
		{"one failed", verdicttest.Run(good, bad), verdict.Fail},
		{"one is INVALID", verdicttest.Run(good, busy), verdict.Invalid},
		{"measured again", verdicttest.Run(busy, again("pod-kill", good)), verdict.Pass},
		{"measured again, and failed", verdicttest.Run(busy, again("pod-kill", bad)), verdict.Fail},
		{"measured again, and could not be", verdicttest.Run(busy, again("pod-kill", later(busy))), verdict.Invalid},
		{"another measured again", verdicttest.Run(busy, again("node-drain", good)), verdict.Invalid},
		{"a FAIL is not taken back", verdicttest.Run(bad, again("node-drain", good)), verdict.Fail},
		{"a FAIL outweighs an INVALID", verdicttest.Run(busy, bad), verdict.Fail},
		{"none ran", verdicttest.Run(), verdict.Invalid},
		{"nothing recorded", nil, verdict.Invalid},
		{"no end", cutShort[:len(cutShort)-1], verdict.Invalid},
		{"interrupted", interrupted, verdict.Invalid},
		{"a problem outside scenarios", broken, verdict.Invalid},
		{"no run entry", verdicttest.Run(good)[1:], verdict.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			if v := judge(c.entries); v.Result != c.want || v.Reason.String() == "" {
				t.Errorf("%s: %s, want %s", v.Result, v.Reason, c.want)
			}
		})
	}
}

// Whoever compares runs gets what counts.
func TestCounted(t *testing.T) {
	v := judge(verdicttest.Run(verdicttest.NodeDrain(), verdicttest.Busy(), again("pod-kill", verdicttest.PodDelete())))
	all := v.Counted()
	if len(all) != 2 || all[0].Name != "node-drain" || all[1].Name != "pod-kill" || all[1].Result != verdict.Pass {
		t.Errorf("%v", all)
	}
	if first := v.Scenarios[1]; first.Result != verdict.Invalid || !strings.HasSuffix(first.Reason.String(), "; it was measured again as pod-kill-again, whose verdict counts") {
		t.Errorf("%s: %s", first.Result, first.Reason)
	}
}

func TestScenarioAsItEnds(t *testing.T) {
	var j verdict.Judge
	for _, e := range verdicttest.PodDelete() {
		j.Add(e)
	}
	if s := j.Scenario("pod-delete"); s.Result != verdict.Pass {
		t.Errorf("%s: %s", s.Result, s.Reason)
	}
	if s := j.Scenario("never-played"); s.Result != verdict.Invalid {
		t.Errorf("a scenario without entries: %s: %s", s.Result, s.Reason)
	}
}

func TestReasonOfAFail(t *testing.T) {
	var j verdict.Judge
	for _, e := range verdicttest.NodeDrain() {
		j.Add(e)
	}
	const want = "32 requests failed: in-cluster/fresh 15, external/fresh 15, external/reused 2 (30 refused, 2 reset); allowed: 0 (also not met: outage, blackout, serves-on)"
	if s := j.Scenario("node-drain"); s.Result != verdict.Fail || s.Reason.String() != want {
		t.Errorf("%s: %s", s.Result, s.Reason)
	}
}

// TestInShort reads verdicts as verdict.json has them, in English, and has them say anew what
// they are.
func TestInShort(t *testing.T) {
	good, bad := verdicttest.PodDelete(), verdicttest.NodeDrain()
	for _, c := range []struct {
		entries []record.Entry
		want    string
	}{
		{verdicttest.Run(good), "1 of 1 scenarios kept their promise"},
		{verdicttest.Run(good, bad), "1 of 2 scenarios failed: node-drain: not met: failed-requests, outage, blackout, serves-on"},
		{verdicttest.Run(good, verdicttest.Busy()), "1 of 2 scenarios could not be measured: pod-kill: not met: machine-headroom"},
		{verdicttest.Run(verdicttest.Busy(), again("pod-kill", good)), "1 of 1 scenarios kept their promise; 1 of them were measured again"},
		{verdicttest.Run(), "no scenario ran"},
	} {
		text, err := json.Marshal(judge(c.entries))
		if err != nil || bytes.Contains(text, []byte(`"say"`)) {
			t.Errorf("%v: %s", err, text)
		}
		var v verdict.Verdict
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		if got := v.InShort(); got.String() != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
		if len(v.Scenarios) > 0 && v.Scenarios[0].Result == verdict.Pass && v.Scenarios[0].InShort().String() != v.Scenarios[0].Reason.String() {
			t.Errorf("%q, want %q", v.Scenarios[0].InShort(), v.Scenarios[0].Reason)
		}
	}
}
