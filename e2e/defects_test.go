//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"hagate/record"
	"hagate/reports"
	"hagate/verdict"
)

func TestServiceBuiltRightPasses(t *testing.T) {
	r := start(t, "gate").finish(t)
	if r.code != 0 || r.verdict.Result != verdict.Pass {
		t.Fatalf("exit code %d, %s: %s", r.code, r.verdict.Result, r.verdict.Reason)
	}
	for _, s := range r.verdict.Scenarios {
		t.Logf("%s %s: %s", s.Result, s.Name, s.Reason)
	}
	for _, name := range []string{"pod-delete", "pod-kill", "node-drain", "node-down", "rollout", "kube-apiserver-down"} {
		r.scenario(t, name)
	}
	for _, file := range []string{reports.HTMLFile, reports.JUnitFile, reports.VerdictFile, record.FileName} {
		if info, err := os.Stat(filepath.Join(r.dir, file)); err != nil || info.Size() == 0 {
			t.Errorf("%s was not written: %v", file, err)
		}
	}
}

func TestWithoutPreStopFails(t *testing.T) {
	r := start(t, "pod-delete || node-drain", "TARGET=e2e/targets/no-prestop").finish(t)
	for _, name := range []string{"pod-delete", "node-drain"} {
		s := failed(t, r, name)
		n := 0
		for _, st := range s.Streams {
			t.Logf("%s %s: %d failed %v", name, st.Name, st.Failed, st.ByClass)
			n += st.Failed
		}
		if n == 0 {
			t.Errorf("%s: no request failed; the reason was: %s", name, s.Reason)
		}
	}
}

func TestWithOneReplicaFails(t *testing.T) {
	r := start(t, "quick", "TARGET=e2e/targets/one-replica").finish(t)
	failed(t, r, "pod-delete")
	failed(t, r, "pod-kill")
}

func TestWithoutPDBOnOneNodeFails(t *testing.T) {
	r := start(t, "node-drain", "TARGET=e2e/targets/no-pdb").finish(t)
	failed(t, r, "node-drain")
}

func TestWithoutReadinessFails(t *testing.T) {
	r := start(t, "pod-delete", "TARGET=e2e/targets/no-readiness").finish(t)
	failed(t, r, "pod-delete")
}

// Each of these services has exactly the defect that the scenario is for.
func TestDefectsOfOneScenarioEach(t *testing.T) {
	for _, c := range []struct{ scenario, target string }{
		{"pod-delete-but-one", "no-prestop"},
		{"pod-delete-all", "slow-start"},
		{"replicaset-delete", "slow-start"},
		{"node-down", "no-pdb"}, // all its Pods are on one node
		{"rollout", "no-prestop"},
		{"rollout-broken", "no-readiness"},
		{"scale", "no-prestop"},
		{"pod-relabel", "one-replica"},
		{"pod-freeze", "no-readiness"},
		{"kube-apiserver-down", "asks-api"},
		{"drain-blocked", "no-pdb"},
		{"pod-logs", "logs-to-file"},
		{"config-change || config-broken", "recreate"},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			failed(t, start(t, c.scenario, "TARGET=e2e/targets/"+c.target).finish(t), c.scenario)
		})
	}
}

// failed wants the run and the scenario to have FAILed, not to be INVALID.
func failed(t *testing.T, r result, scenario string) verdict.Scenario {
	t.Helper()
	s := r.scenario(t, scenario)
	if r.code != 1 || r.verdict.Result != verdict.Fail || s.Result != verdict.Fail {
		t.Errorf("exit code %d, run %s, %s %s: %s", r.code, r.verdict.Result, scenario, s.Result, s.Reason)
	}
	return s
}
