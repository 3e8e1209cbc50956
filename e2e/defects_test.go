//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"hagate/record"
	"hagate/reports"
	"hagate/verdict"
)

// beyond are the scenarios that are played here beside the gate's: those with a check or a
// deed of their own. docs/runs.md has the rest.
var beyond = []string{"capacity", "node-join", "node-pressure", "pod-oom"}

func TestServiceBuiltRightPasses(t *testing.T) {
	r := play(t, strings.Join(append(beyond, "gate"), " || "), "RATE=50") // a quarter of the default: it is the harness that is tested, also where a core is slow
	if r.code != 0 || r.verdict.Result != verdict.Pass {
		broken(t, "exit code %d, %s: %s", r.code, r.verdict.Result, r.verdict.Reason)
	}
	for _, s := range r.verdict.Scenarios {
		t.Logf("%s %s: %s", s.Result, s.Name, s.Reason)
		if s.Result != verdict.Pass {
			broken(t, "%s: %s", s.Name, looked(s))
		}
	}
	for _, name := range append(beyond, "pod-delete", "pod-kill", "node-drain", "node-down", "rolling-update", "kube-apiserver-down") {
		r.scenario(t, name)
	}
	for _, file := range []string{reports.HTMLFile, reports.JUnitFile, reports.VerdictFile, record.FileName} {
		if info, err := os.Stat(filepath.Join(r.dir, file)); err != nil || info.Size() == 0 {
			t.Errorf("%s was not written: %v", file, err)
		}
	}
}

// Each of these services has exactly the defect that the scenarios are for. docs/runs.md
// has those that are not played here.
func TestDefectsAreFound(t *testing.T) {
	played, abstained := 0, 0
	for target, scenarios := range map[string][]string{
		"no-prestop":     {"pod-delete", "node-drain", "rolling-update", "lb-local"},
		"slow-start":     {"pod-delete-all"},
		"no-pdb":         {"node-drain", "drain-blocked", "spread"}, // all its Pods are on one node as well
		"no-readiness":   {"pod-delete", "rollout-broken"},
		"one-replica":    {"pod-delete", "pod-liveness", "spread", "node-pressure", "pod-oom", "pod-slow", "rollout-kill"},
		"ephemeral":      {"data-delete", "data-reboot"},
		"asks-api":       {"kube-apiserver-down"},
		"asks-dns":       {"dns-slow"},
		"logs-to-file":   {"pod-logs"},
		"by-host":        {"service-names"},
		"no-headroom":    {"capacity"},
		"recreate":       {"config-broken"},
		"rigid":          {"node-full"},
		"sealed":         {"pod-exec"},
		"wrong-liveness": {"steady"},
	} {
		t.Run(target, func(t *testing.T) {
			r := start(t, strings.Join(scenarios, " || "), "TARGET=e2e/targets/"+target, "DURATION=45s").finish(t)
			for _, name := range scenarios {
				s := failed(t, r, name)
				t.Logf("%s %s: %s", s.Result, name, s.Reason)
				played++
				if s.Result == verdict.Invalid {
					abstained++
				}
				for _, st := range s.Streams {
					t.Logf("%s %s: %d failed %v", name, st.Name, st.Failed, st.ByClass)
				}
			}
			if target == "no-prestop" && !slices.ContainsFunc(r.verdict.Scenarios, stopsAtOnce) { // however lucky its clients were
				broken(t, "nobody noticed that its Pods stop at once: %s", looked(r.scenario(t, "pod-delete")))
			}
		})
	}
	if 4*abstained > played {
		broken(t, "%d of %d verdicts abstained: either this machine is too small to test a judge on, or the judge excuses too much", abstained, played)
	}
}

// A StatefulSet whose Pods have volumes keeps what they acknowledged, and comes back from a
// version that never serves, for which it waits by itself.
func TestStatefulSetPasses(t *testing.T) {
	r := play(t, "storage || rollout-broken || pod-logs", "TARGET=e2e/targets/stateful")
	if r.code != 0 || len(r.verdict.Scenarios) != 5 {
		broken(t, "exit code %d, %d scenarios, %s: %s", r.code, len(r.verdict.Scenarios), r.verdict.Result, r.verdict.Reason)
	}
}

// What hangs for good is started again where there is a liveness probe.
func TestLivenessProbeStartsAgain(t *testing.T) {
	r := play(t, "pod-liveness || spread", "TARGET=e2e/targets/liveness")
	if r.code != 0 || len(r.verdict.Scenarios) != 2 {
		broken(t, "exit code %d, %d scenarios, %s: %s", r.code, len(r.verdict.Scenarios), r.verdict.Result, r.verdict.Reason)
	}
}

// The cluster's DNS can have a defect, too: one replica, which goes before the next comes.
func TestFragileDNSIsFound(t *testing.T) {
	deployments := kept(t).AppsV1().Deployments("kube-system")
	patch := func(replicas int, strategy string) {
		text := fmt.Sprintf(`{"spec":{"replicas":%d,"strategy":%s}}`, replicas, strategy)
		if _, err := deployments.Patch(context.Background(), "coredns", types.StrategicMergePatchType, []byte(text), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	patch(1, `{"type":"Recreate","rollingUpdate":null}`)
	defer patch(2, `{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":1}}`)
	r := start(t, "dns-kill || dns-rollout", "RATE=50").finish(t)
	for _, name := range []string{"dns-kill", "dns-rollout"} {
		t.Logf("%s: %s", name, failed(t, r, name).Reason)
	}
}

// stopsAtOnce says whether Pods were seen to take no connections once they were told to go.
func stopsAtOnce(s verdict.Scenario) bool {
	return slices.ContainsFunc(s.Checks, func(c verdict.Check) bool { return c.Name == "serves-on" && c.Result == verdict.Fail })
}

// failed wants the scenario to have FAILed; or a check of the service to have, and the
// verdict to be INVALID for nothing but a full machine, which is said.
func failed(t *testing.T, r result, scenario string) verdict.Scenario {
	t.Helper()
	s := r.scenario(t, scenario)
	found, unmeasured := false, false
	for _, c := range s.Checks {
		found = found || c.Kind == verdict.Service && c.Result == verdict.Fail
		unmeasured = unmeasured || c.Result == verdict.Invalid && c.Name != "machine-headroom"
	}
	switch {
	case r.code != 1 || !found || unmeasured:
		broken(t, "exit code %d, run %s, %s %s: %s%s", r.code, r.verdict.Result, scenario, s.Result, s.Reason, looked(s))
	case s.Result == verdict.Invalid:
		surprises = append(surprises, fmt.Sprintf("%s: %s: the defect was found, and the machine was full: %s", t.Name(), scenario, s.Reason))
	}
	return s
}
