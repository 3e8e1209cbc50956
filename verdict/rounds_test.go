package verdict_test

import (
	"slices"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

// twoRounds is a scenario in which a Pod is deleted, and a second one when the first
// had been replaced: between 14.55 s and 15.5 s only two are ready.
func twoRounds() []record.Entry {
	const old, fresh = "pod-delete-old-2", "pod-delete-new-1"
	var extra []record.Entry
	at := func(seconds float64, e record.Entry) {
		e.Time, e.Scenario = verdicttest.Began.Add(time.Duration(seconds*1e3)*time.Millisecond), "pod-delete"
		extra = append(extra, e)
	}
	victim := record.Victim{Kind: "Pod", Namespace: "nginx", Name: "nginx01-7d9c-old2", UID: old, Node: "worker3"}
	step := func(seconds float64, state string) {
		at(seconds, record.Entry{Fault: &record.Fault{Name: "pod-delete", Effect: record.Effect{Kind: record.PodsReplaced}, State: state, Victims: []record.Victim{victim}}})
	}
	endpoint := func(pod, uid string) record.Endpoint {
		return record.Endpoint{Pod: pod, UID: uid, IP: "10.244.3.7", Node: "worker3", Ready: true, Serving: true}
	}
	stay := []record.Endpoint{endpoint("nginx01-7d9c-old0", "pod-delete-old-0"), endpoint("nginx01-7d9c-new0", "pod-delete-new-0")}
	since := verdicttest.Began.Add(14600 * time.Millisecond)
	at(14.55, record.Entry{Phase: &record.Phase{Name: record.FaultIn}})
	step(14.56, record.Injecting)
	at(14.6, record.Entry{Pod: &record.Pod{Namespace: "nginx", Name: "nginx01-7d9c-old2", UID: old, Node: "worker3", Phase: "Running", Ready: true, Started: true, Terminating: &since, Grace: 30}})
	at(14.7, record.Entry{Endpoints: &record.Endpoints{Service: "nginx/nginx-svc", List: stay}})
	at(14.7, record.Entry{Workload: &record.Workload{Replicas: 3, Current: 3, Ready: 2, Updated: 3, Available: 2}})
	step(14.8, record.Injected)
	at(14.8, record.Entry{Phase: &record.Phase{Name: record.Recovery}})
	at(15.5, record.Entry{Pod: &record.Pod{Namespace: "nginx", Name: "nginx01-7d9c-new1", UID: fresh, Node: "worker3", Phase: "Running", Ready: true, Started: true}})
	at(15.5, record.Entry{Workload: &record.Workload{Replicas: 3, Current: 3, Ready: 3, Updated: 3, Available: 3}})
	at(15.5, record.Entry{Endpoints: &record.Endpoints{Service: "nginx/nginx-svc", List: append(stay, endpoint("nginx01-7d9c-new1", fresh))}})
	step(15.6, record.Reverted)

	entries := verdicttest.PodDelete()
	for i, e := range entries {
		switch seconds := sinceBegin(&e); {
		case e.Start != nil:
			e.Start.Rounds = 2
		case e.Phase != nil && e.Phase.Name == record.Settled:
			entries[i].Time = verdicttest.Began.Add(15700 * time.Millisecond)
		case e.Second != nil && seconds >= 16:
			e.Second.Pods["nginx01-7d9c-new1"] = e.Second.Pods["nginx01-7d9c-old2"]
			delete(e.Second.Pods, "nginx01-7d9c-old2")
		}
	}
	entries = append(entries, extra...)
	slices.SortStableFunc(entries, func(a, b record.Entry) int { return a.Time.Compare(b.Time) })
	return entries
}

func TestEveryRoundIsJudged(t *testing.T) {
	s := scenario(twoRounds(), func(*record.Entry) bool { return true })
	if s.Result != verdict.Pass || s.TimeToRecover != 4340*time.Millisecond {
		t.Errorf("two rounds: %s: %s, recovered after %s", s.Result, s.Reason, s.TimeToRecover)
	}
	secondRound := func(e *record.Entry) bool { return sinceBegin(e) > 14.52 && sinceBegin(e) < 15.65 }
	for _, c := range []struct {
		how, check string
		change     change
		result     verdict.Result
	}{
		{"the second never went in", "fault-proven", drop(func(e *record.Entry) bool {
			return secondRound(e) && e.Second == nil
		}), verdict.Invalid},
		{"the second never went in, as the first took too long", "fault-proven", func(e *record.Entry) bool {
			if e.Start != nil {
				e.Start.SLO.MaxRecovery = time.Second
			}
			return !secondRound(e) || e.Second != nil
		}, verdict.Pass},
		{"the second has no proof", "fault-proven", drop(func(e *record.Entry) bool {
			return e.Pod != nil && e.Pod.UID == "pod-delete-old-2" && e.Pod.Terminating != nil
		}), verdict.Invalid},
		{"the second hit a Pod that had left the Service", "fault-proven", func(e *record.Entry) bool {
			if e.Endpoints != nil && !secondRound(e) {
				e.Endpoints.List = slices.DeleteFunc(e.Endpoints.List, func(p record.Endpoint) bool { return p.UID == "pod-delete-old-2" })
			}
			return true
		}, verdict.Invalid},
		{"the second was not reverted", "fault-reverted", drop(func(e *record.Entry) bool {
			return secondRound(e) && e.Fault != nil && e.Fault.State == record.Reverted
		}), verdict.Invalid},
		{"the second was not recovered from", "recovery-time", drop(func(e *record.Entry) bool {
			return sinceBegin(e) == 15.5 && (e.Workload != nil || e.Endpoints != nil)
		}), verdict.Fail},
		{"a request failed in the second", "failed-requests", second("external/fresh", 14, func(s *record.Second) { fail(s, record.ClassRefused, 1) }), verdict.Fail},
	} {
		if got := find(t, scenario(twoRounds(), c.change), c.check); got.Result != c.result {
			t.Errorf("%s: %+v", c.how, got)
		}
	}
}

// A moment in which all are ready is no recovery, and a round that waits for one in vain is
// the service's.
func TestRecoveryThatDoesNotLast(t *testing.T) {
	entries := slices.DeleteFunc(twoRounds(), func(e record.Entry) bool {
		return sinceBegin(&e) > 14.52 && sinceBegin(&e) < 15.65 && e.Second == nil
	})
	lost := -1
	for i, e := range entries {
		if e.Endpoints != nil && e.Endpoints.Ready() == 3 {
			lost = i
		}
	}
	again := entries[lost]
	again.Time = again.Time.Add(100 * time.Millisecond)
	again.Endpoints = &record.Endpoints{Service: again.Endpoints.Service, List: again.Endpoints.List[:2]}
	s := scenario(slices.Insert(entries, lost+1, again), func(*record.Entry) bool { return true })
	if got := find(t, s, "fault-proven"); got.Result != verdict.Pass {
		t.Errorf("%+v", got)
	}
	if got := find(t, s, "recovery-time"); got.Result != verdict.Fail || s.Result != verdict.Fail {
		t.Errorf("%s: %+v", s.Result, got)
	}
}
