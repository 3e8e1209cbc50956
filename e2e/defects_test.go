//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"hagate/cases"
	"hagate/record"
	"hagate/reports"
	"hagate/verdict"
)

// played are scenarios of each kind, and the one that examples/pod-evict adds. A run that is
// not short plays the gate's beside them, and those with a check or a deed of their own.
// docs/runs.md has the rest.
var (
	played = []string{"spread", "pod-delete", "pod-kill", "pod-evict", "node-drain", "node-down", "rolling-update", "scale", "config-change", "kube-apiserver-down"}
	beyond = []string{"gate", "capacity", "node-join", "node-pressure", "pod-oom"}
)

// known are the cases that a short run plays: a defect, one that the API refuses, and a
// service that only looks as if it had one.
var known = []string{"no-prestop", "two-pdbs", "worker-no-port"}

// It is played by a program with a scenario of one's own beside the built-in ones.
func TestServiceBuiltRightPasses(t *testing.T) {
	build := exec.Command("go", "build", "-o", "bin/pod-evict", "./examples/pod-evict")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program = "pod-evict"
	defer func() { program = "hagate" }()
	labels := played
	if !testing.Short() {
		labels = append(labels, beyond...)
	}
	r := play(t, strings.Join(labels, " || "), "RATE=50") // a quarter of the default: it is the harness that is tested, also where a core is slow
	if r.code != 0 || r.verdict.Result != verdict.Pass {
		broken(t, "exit code %d, %s: %s", r.code, r.verdict.Result, r.verdict.Reason)
	}
	for _, s := range r.verdict.Counted() {
		t.Logf("%s %s: %s", s.Result, s.Name, s.Reason)
		if s.Result != verdict.Pass {
			broken(t, "%s: %s", s.Name, looked(s))
		}
	}
	for _, name := range slices.DeleteFunc(labels, func(l string) bool { return l == "gate" }) {
		r.scenario(t, name)
	}
	for _, file := range []string{reports.HTMLFile, reports.JUnitFile, reports.VerdictFile, record.FileName} {
		if info, err := os.Stat(filepath.Join(r.dir, file)); err != nil || info.Size() == 0 {
			t.Errorf("%s was not written: %v", file, err)
		}
	}
}

// Of the corpus those are played that case.yaml marks with gate: each a kind of its own,
// with its right verdict and its cause. `make trust` plays all.
func TestDefectsAreFound(t *testing.T) {
	all, err := cases.Load(filepath.Join(root, "cases"), must(cases.Scenarios(filepath.Join(root, "docs", "scenarios.md"))))
	if err != nil {
		t.Fatal(err)
	}
	played, abstained := 0, 0
	for _, c := range all {
		names := c.Gated()
		if len(names) == 0 || testing.Short() && !slices.Contains(known, c.Name) {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			env := []string{"TARGET=cases/" + c.Name}
			if c.Rate > 0 {
				env = append(env, fmt.Sprintf("RATE=%d", c.Rate))
			}
			if c.Duration > 0 {
				env = append(env, "DURATION="+c.Duration.String())
			}
			r := start(t, strings.Join(names, " || "), env...).finish(t)
			for _, name := range names {
				s := r.scenario(t, name)
				t.Logf("%s %s: %s", s.Result, name, s.Reason)
				for _, st := range s.Streams {
					t.Logf("%s %s: %d failed %v", name, st.Name, st.Failed, st.ByClass)
				}
				played++
				if s.Result == verdict.Invalid {
					abstained++
				}
				judge(t, c, r, s)
			}
		})
	}
	if 4*abstained > played {
		broken(t, "%d of %d verdicts abstained: either this machine is too small to test a judge on, or the judge excuses too much", abstained, played)
	}
}

// judge wants the verdict and the cause that are right of the case; or, where the machine
// was full, the defect found all the same.
func judge(t *testing.T, c cases.Case, r result, s verdict.Scenario) {
	t.Helper()
	want := c.Scenarios[s.Name]
	if want.Verdict == verdict.Fail {
		failed(t, r, s.Name)
	}
	run := cases.Of(s)
	outcome, named := c.Judge(run)
	switch {
	case outcome == cases.Wrong:
		broken(t, "%s %s, want %s, with %v failing and %v not: %s%s", s.Result, s.Name, want.Verdict, want.Fails, want.Passes, s.Reason, looked(s))
	case outcome == cases.Right && len(want.Cause) > 0 && !named:
		broken(t, "%s %s: the cause is said to be %q, want %s: %s", s.Result, s.Name, run.Cause, strings.Join(want.Cause, " or "), s.Reason)
	case outcome == cases.Abstained && want.Verdict == verdict.Pass:
		surprises = append(surprises, fmt.Sprintf("%s: %s: not measured: %s", t.Name(), s.Name, s.Reason))
	}
}

// A StatefulSet whose Pods have volumes keeps what they acknowledged, and comes back from a
// version that never serves, for which it waits by itself.
func TestStatefulSetPasses(t *testing.T) {
	labels, want := "storage || rollout-broken || pod-logs", 5
	if testing.Short() {
		labels, want = "data-delete", 1
	}
	r := play(t, labels, "TARGET=cases/stateful")
	if r.code != 0 || len(r.verdict.Counted()) != want {
		broken(t, "exit code %d, %d scenarios, %s: %s", r.code, len(r.verdict.Scenarios), r.verdict.Result, r.verdict.Reason)
	}
}

// What hangs for good is started again where there is a liveness probe.
func TestLivenessProbeStartsAgain(t *testing.T) {
	notShort(t)
	r := play(t, "pod-liveness || spread", "TARGET=cases/liveness")
	if r.code != 0 || len(r.verdict.Counted()) != 2 {
		broken(t, "exit code %d, %d scenarios, %s: %s", r.code, len(r.verdict.Scenarios), r.verdict.Result, r.verdict.Reason)
	}
}

// The cluster's DNS can have a defect, too: one replica, which goes before the next comes.
func TestFragileDNSIsFound(t *testing.T) {
	notShort(t)
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
		surprises = append(surprises, fmt.Sprintf("%s: %s: the defect was found, and the machine was saturated: %s", t.Name(), scenario, s.Reason))
	}
	return s
}
