package verdict_test

import (
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

// as is what changes a scenario's fault into another of the same shape.
func as(kind record.EffectKind, edit func(*record.Fault)) change {
	return func(e *record.Entry) bool {
		if e.Fault != nil {
			e.Fault.Name, e.Fault.Effect.Kind = "a fault", kind
			if edit != nil {
				edit(e.Fault)
			}
		}
		return true
	}
}

func both(a, b change) change {
	return func(e *record.Entry) bool { return a(e) && b(e) }
}

func restarted(e *record.Entry) bool {
	if e.Pod != nil && e.Pod.Terminating != nil {
		e.Pod.Restarts = 1
	}
	return true
}

// elsewhere has the Pods that came be on a node of their own.
func elsewhere(e *record.Entry) bool {
	if e.Pod != nil && strings.Contains(e.Pod.Name, "new") {
		e.Pod.Node = "worker9"
	}
	return true
}

// rejoined has the node that is drained leave and join again.
func rejoined(e *record.Entry) bool {
	if e.Node != nil && e.Node.Unschedulable {
		e.Node.Gone = true
	}
	return true
}

func notReady(e *record.Entry) bool {
	if e.Node != nil && e.Node.Unschedulable {
		e.Node.Ready = false
	}
	return true
}

// takenBack has the fault of the scene be taken back at 20 s.
func takenBack() []record.Entry {
	return append(verdicttest.PodDelete(), record.Entry{Time: verdicttest.Began.Add(20 * time.Second), Scenario: "pod-delete", Fault: &record.Fault{State: record.Reverting}})
}

// TestProofs has every effect proven by what it leaves behind, and not without it.
func TestProofs(t *testing.T) {
	noEvidence := func(f *record.Fault) { f.Evidence = nil }
	stays := drop(func(e *record.Entry) bool { return e.Pod != nil && e.Pod.Terminating != nil })
	inService := drop(func(e *record.Entry) bool { return e.Endpoints != nil && sinceBegin(e) > 1 && sinceBegin(e) < 39 })
	noNewPod := drop(func(e *record.Entry) bool {
		return e.Pod != nil && strings.Contains(e.Pod.Name, "new")
	})
	scaled := func(to int) func(*record.Fault) {
		return func(f *record.Fault) { f.Replicas, f.Victims = to, nil }
	}
	shown := map[record.EffectKind]bool{}
	for _, c := range []struct {
		kind    record.EffectKind
		entries func() []record.Entry
		right   change
		wrong   change
	}{
		{record.PodsReplaced, verdicttest.PodDelete, keep, stays},
		{record.PodsKilled, verdicttest.Busy, keep, as(record.PodsKilled, noEvidence)},
		{record.PodsRestarted, verdicttest.PodDelete, restarted, keep},
		{record.PodsOutOfMemory, verdicttest.PodDelete, restarted, keep},
		{record.PodsHeld, verdicttest.PodDelete, keep, as(record.PodsHeld, noEvidence)},
		{record.PodsLate, takenBack, slowly(30, 300*time.Millisecond), keep},
		{record.PodsUnlisted, verdicttest.PodDelete, keep, inService},
		{record.PodsEvicted, verdicttest.NodeDrain, keep, stays},
		{record.NodesDrained, verdicttest.NodeDrain, keep, stays},
		{record.NodesNotReady, verdicttest.NodeDrain, notReady, keep},
		{record.NodesNotReady, verdicttest.NodeDrain, nil, both(notReady, as(record.NodesNotReady, noEvidence))},
		{record.NodesRebooted, verdicttest.NodeDrain, keep, stays},
		{record.NodesFull, verdicttest.PodDelete, elsewhere, both(elsewhere, stays)},
		{record.NodesFull, verdicttest.PodDelete, nil, keep}, // the new Pod is on the old one's node
		{record.NodesReplaced, verdicttest.NodeDrain, rejoined, keep},
		{record.VersionBroken, verdicttest.PodDelete, keep, noNewPod},
		{record.ReplicasScaled, verdicttest.PodDelete, as(record.ReplicasScaled, scaled(3)), as(record.ReplicasScaled, scaled(6))},
		{record.ComponentAway, verdicttest.PodDelete, keep, as(record.ComponentAway, noEvidence)},
		{"of another world", verdicttest.PodDelete, nil, keep},
	} {
		if c.right != nil {
			if got := find(t, scenario(c.entries(), both(as(c.kind, nil), c.right)), "fault-proven"); got.Result != verdict.Pass {
				t.Errorf("%s: %+v", c.kind, got)
			}
			shown[c.kind] = true
		}
		if got := find(t, scenario(c.entries(), both(as(c.kind, nil), c.wrong)), "fault-proven"); got.Result != verdict.Invalid {
			t.Errorf("%s without its proof: %+v", c.kind, got)
		}
	}
	for _, kind := range verdict.Effects() {
		if !shown[kind] {
			t.Errorf("nothing shows here what proves %s", kind)
		}
	}
}

// A rollout that made no Pod is the service's FAIL where it was blocked: it is tried on Pods
// that served, and nothing was to take their place.
func TestBlockedFaultNeedsNoEffect(t *testing.T) {
	quota := record.Refusal{Whose: record.WhoseService, Asked: "creating a Pod of Deployment shop/web", Said: "exceeded quota: team", Objects: []string{"ResourceQuota shop/team"}}
	before := func(e *record.Entry) bool { // nothing changes from the fault on
		late := sinceBegin(e) > 8
		return !(late && (e.Pod != nil || e.Endpoints != nil || e.Workload != nil)) && (e.Phase == nil || e.Phase.Name != record.Recovery)
	}
	for state, want := range map[string]verdict.Result{record.Blocked: verdict.Fail, record.Injected: verdict.Invalid} {
		s := scenario(verdicttest.PodDelete(), both(before, as(record.PodsReplaced, func(f *record.Fault) {
			f.Name = "rollout"
			if f.State == record.Injected {
				f.State, f.Refusals, f.Error = state, []record.Refusal{quota}, record.Words(quota.String())
			}
		})))
		if s.Result != want {
			t.Errorf("%s: %s: %s", state, s.Result, s.Reason)
		}
		if got := find(t, s, "fault-proven"); (got.Result == verdict.Pass) != (state == record.Blocked) {
			t.Errorf("%s: %+v", state, got)
		}
		if state != record.Blocked {
			continue
		}
		if got := find(t, s, "fault-finished"); got.Result != verdict.Fail || got.Got.String() != "the service blocked rollout: creating a Pod of Deployment shop/web: exceeded quota: team (ResourceQuota shop/team)" {
			t.Errorf("%+v", got)
		}
		for _, check := range []string{"recovery-time", "replicas-back"} {
			if got := find(t, s, check); got.Result == verdict.Fail && !strings.Contains(got.Got.String(), "never answered") {
				t.Errorf("%s: %+v", check, got)
			}
		}
	}
}

// What keeps the service from recovering is quoted, where it did not.
func TestStalledIsQuoted(t *testing.T) {
	quota := record.Refusal{Whose: record.WhoseService, Asked: "creating a Pod of Deployment shop/web", Said: "exceeded quota: team"}
	stalled := record.Entry{Time: verdicttest.Began.Add(20 * time.Second), Scenario: "pod-delete", Fault: &record.Fault{Name: "pod-delete", State: record.Stalled, Refusals: []record.Refusal{quota}}}
	short := drop(func(e *record.Entry) bool { return e.Workload != nil && sinceBegin(e) > 12 })
	s := scenario(append(verdicttest.PodDelete(), stalled), short)
	for _, check := range []string{"recovery-time", "replicas-back"} {
		if got := find(t, s, check); got.Result != verdict.Fail || !strings.HasSuffix(got.Got.String(), ": creating a Pod of Deployment shop/web: exceeded quota: team") {
			t.Errorf("%+v", got)
		}
	}
	silent := scenario(verdicttest.PodDelete(), short)
	if got := find(t, silent, "recovery-time"); got.Got.String() != "the declared 3 replicas were never all ready again" {
		t.Errorf("%+v", got)
	}
}

// What was hit may serve on at the end where it lives on, and only there.
func TestVictimsThatReturn(t *testing.T) {
	returned := func(returns bool) change {
		return func(e *record.Entry) bool {
			if e.Fault != nil {
				e.Fault.Effect.Kind, e.Fault.Returns = record.PodsUnlisted, returns
			}
			if e.Endpoints != nil && sinceBegin(e) > 12 {
				e.Endpoints.List[2].UID, e.Endpoints.List[2].Pod = "pod-delete-old-1", "nginx01-7d9c-old1"
			}
			return true
		}
	}
	for returns, want := range map[bool]verdict.Result{true: verdict.Pass, false: verdict.Fail} {
		s := scenario(verdicttest.PodDelete(), returned(returns))
		got := find(t, s, "replicas-back")
		if returns && strings.Contains(got.Got.String(), "never answered") {
			continue // the scene's traffic goes to the Pod that came
		}
		if got.Result != want {
			t.Errorf("returns %t: %+v", returns, got)
		}
	}
}

// A fault that was taken back before recovery is recovered from from there on; not so
// where the victims come back by themselves.
func TestRecoveryCountsFromTheHealing(t *testing.T) {
	began := verdicttest.Began.Add(8400 * time.Millisecond)
	for kind, want := range map[record.EffectKind]time.Duration{record.PodsHeld: 4200 * time.Millisecond, record.PodsRestarted: 4340 * time.Millisecond, record.PodsOutOfMemory: 4340 * time.Millisecond, record.NodesRebooted: 4340 * time.Millisecond} {
		entries := append(verdicttest.PodDelete(), record.Entry{Time: began, Scenario: "pod-delete", Fault: &record.Fault{State: record.Reverting}})
		s := scenario(entries, both(as(kind, func(f *record.Fault) { f.Returns = true }), func(e *record.Entry) bool {
			if e.Fault != nil && e.Fault.State == record.Injected {
				e.Time = began
			}
			return true
		}))
		if !s.Recovered || s.TimeToRecover != want {
			t.Errorf("%s: recovered %t after %s, want %s", kind, s.Recovered, s.TimeToRecover, want)
		}
	}
}

// A Pod that went while the controllers were away is in its EndpointSlice when they are
// back: nothing has recovered until they have taken it out.
func TestStaleEndpointsAreNoRecovery(t *testing.T) {
	healed := record.Entry{Time: verdicttest.Began.Add(8400 * time.Millisecond), Scenario: "pod-delete", Fault: &record.Fault{State: record.Reverting}}
	var before *record.Endpoints
	s := scenario(append(verdicttest.PodDelete(), healed), both(as(record.PodsReplaced, nil), func(e *record.Entry) bool {
		if e.Endpoints != nil && before == nil {
			before = e.Endpoints
		}
		if e.Endpoints != nil && sinceBegin(e) < 12 {
			e.Endpoints = before
		}
		return e.Workload == nil || sinceBegin(e) < 8 || sinceBegin(e) > 12
	}))
	if want := 4200 * time.Millisecond; !s.Recovered || s.TimeToRecover != want {
		t.Errorf("recovered %t after %s, want %s", s.Recovered, s.TimeToRecover, want)
	}
}

func TestFindings(t *testing.T) {
	with := func(f record.Finding) verdict.Check {
		f.Want, f.Got = record.Words("a budget"), record.Words("web has one")
		entries := append(verdicttest.PodDelete(), record.Entry{Scenario: "pod-delete", Finding: &f})
		return find(t, scenario(entries, func(*record.Entry) bool { return true }), "findings")
	}
	for _, f := range []record.Finding{{Value: 2, Bounds: record.AtLeast(2)}, {Value: 0, Bounds: record.AtMost(0)}, {Value: 1, Bounds: record.Exactly(1)}, {OK: true}} {
		if got := with(f); got.Result != verdict.Pass || got.Want.String() != "a budget" {
			t.Errorf("%+v: %+v", f, got)
		}
	}
	for _, f := range []record.Finding{{Value: 1, Bounds: record.AtLeast(2)}, {Value: 1, Bounds: record.AtMost(0)}, {Value: 2, Bounds: record.Exactly(1)}, {Value: 0, Bounds: record.Exactly(1)}, {}} {
		if got := with(f); got.Result != verdict.Fail || got.Got.String() != "web has one" {
			t.Errorf("%+v: %+v", f, got)
		}
	}
}

// slowly has a share of each stream's requests take so long while the fault is in, which
// is taken back at 20 s.
func slowly(share int, took time.Duration) change {
	return func(e *record.Entry) bool {
		if e.Second == nil || sinceBegin(e) < 10 || sinceBegin(e) > 18 {
			return true
		}
		h := record.NewLatency()
		for i := range e.Second.Due {
			if i%100 < share {
				record.AddLatency(h, took)
			} else {
				record.AddLatency(h, time.Millisecond)
			}
		}
		e.Second.Latency, _ = record.EncodeLatency(h)
		return true
	}
}

func TestLateShare(t *testing.T) {
	with := func(c change, check string) verdict.Check {
		return find(t, scenario(takenBack(), both(as(record.PodsLate, nil), c)), check)
	}
	third, most := slowly(30, 300*time.Millisecond), slowly(60, 300*time.Millisecond)
	if got := with(third, "late-share"); got.Result != verdict.Pass || !strings.Contains(got.Want.String(), "at most 43 %") {
		t.Errorf("%+v", got)
	}
	if got := with(most, "late-share"); got.Result != verdict.Fail {
		t.Errorf("%+v", got)
	}
	slow := func(c change) change { // a service whose every answer takes 3 s
		return both(func(e *record.Entry) bool {
			if e.Second != nil {
				took(e.Second, 3000*time.Millisecond, 3020*time.Millisecond)
			}
			return true
		}, c)
	}
	if got := with(slow(func(*record.Entry) bool { return true }), "late-share"); got.Result != verdict.Pass {
		t.Errorf("%+v", got)
	}
	if got := with(slow(slowly(60, 4*time.Second)), "late-share"); got.Result != verdict.Fail {
		t.Errorf("%+v", got)
	}
	if got := with(third, "fault-proven"); got.Result != verdict.Pass {
		t.Errorf("%+v", got)
	}
	if got := with(slowly(30, 90*time.Millisecond), "fault-proven"); got.Result != verdict.Invalid || !strings.Contains(got.Got.String(), "no request was slow") {
		t.Errorf("%+v", got)
	}
}

// In the scene's traffic the Pod that came answers from 13 s on.
func TestLoadShare(t *testing.T) {
	with := func(c change) verdict.Check {
		return find(t, scenario(takenBack(), both(as(record.ReplicasScaled, func(f *record.Fault) { f.Replicas = 3 }), c)), "load-share")
	}
	if got := with(func(*record.Entry) bool { return true }); got.Result != verdict.Pass || !strings.Contains(got.Got.String(), "chi-square") {
		t.Errorf("%+v", got)
	}
	silent := with(func(e *record.Entry) bool {
		if e.Second != nil {
			delete(e.Second.Pods, "nginx01-7d9c-new0")
		}
		return true
	})
	if silent.Result != verdict.Fail || !strings.Contains(silent.Got.String(), "new0 was sent 0 of") {
		t.Errorf("%+v", silent)
	}
	few := with(func(e *record.Entry) bool {
		if e.Second != nil {
			for pod := range e.Second.Pods {
				e.Second.Pods[pod] = 1
			}
		}
		return true
	})
	if few.Result != verdict.Skipped || !strings.Contains(few.Got.String(), "too few requests") {
		t.Errorf("%+v", few)
	}
}
