package verdict_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

func keep(*record.Entry) bool { return true }

func TestRequestsRefusedByATerminatingPod(t *testing.T) {
	s := scenario(verdicttest.NodeDrain(), keep)
	if len(s.Diagnoses) != 1 {
		t.Fatalf("%+v", s.Diagnoses)
	}
	d := s.Diagnoses[0]
	failed := 0
	for _, st := range s.Streams {
		failed += st.Failed
	}
	if d.Rule != "stops-while-routed" || d.Failed != failed || !strings.Contains(d.Change, "sleep: {seconds: 5}") {
		t.Errorf("%+v, %d failed", d, failed)
	}
	for _, part := range []string{"old2 on worker3 began to terminate", "until the EndpointSlice no longer marked it ready, 500 ms later"} {
		if !strings.Contains(fmt.Sprint(d.Evidence), part) {
			t.Errorf("no %q in %q", part, d.Evidence)
		}
	}
}

// What the same change mends is explained once, however often it happened.
func TestBurstsOfOneRuleAreExplainedTogether(t *testing.T) {
	refused := second("external/fresh", 52, func(s *record.Second) { fail(s, record.ClassRefused, 3) })
	once, twice := scenario(verdicttest.NodeDrain(), keep).Diagnoses[0], scenario(verdicttest.NodeDrain(), refused).Diagnoses
	if len(twice) != 1 || twice[0].Failed != once.Failed+3 || !twice[0].From.Equal(once.From) || twice[0].To.Sub(once.To) < verdict.OutageGap {
		t.Errorf("%+v\nafter\n%+v", twice, once)
	}

	var entries []record.Entry
	var all *record.Endpoints
	for _, e := range verdicttest.NodeDrain() {
		if e.Endpoints != nil && all == nil {
			all = e.Endpoints
		} else if sinceBegin(&e) == 48.8 && e.Endpoints != nil { // none, all, none
			e.Endpoints = &record.Endpoints{}
			again, none := e, e
			again.Time, again.Endpoints = e.Time.Add(time.Second), all
			none.Time = e.Time.Add(3 * time.Second)
			entries = append(entries, e, again)
			e = none
		}
		entries = append(entries, e)
	}
	d := scenario(entries, both(updating, refused)).Diagnoses
	if strings.Count(fmt.Sprint(d[0].Evidence), "no ready endpoint") != 2 {
		t.Errorf("two times without a ready endpoint: %+v", d)
	}
}

// The same failures, without a Pod that terminates, or of another kind, are not
// explained.
func TestNothingIsExplainedThatNoRuleFits(t *testing.T) {
	for name, c := range map[string]change{
		"no Pod terminates": drop(func(e *record.Entry) bool { return e.Pod != nil && e.Pod.Terminating != nil }),
		"killed at once": func(e *record.Entry) bool {
			if e.Pod != nil {
				e.Pod.Grace = 0
			}
			return true
		},
		"the controllers were away": as(record.PodsReplaced, func(f *record.Fault) { f.Effect.Away = "kube-controller-manager" }),
		"the Pod that terminates had never served": func(e *record.Entry) bool {
			if e.Endpoints != nil {
				for i := range e.Endpoints.List {
					e.Endpoints.List[i].Ready = e.Endpoints.List[i].Node != "worker3"
				}
			}
			return true
		},
		"answers of the wrong kind": func(e *record.Entry) bool {
			if e.Second != nil && e.Second.Failed != nil {
				all := map[string][]int{record.ClassStatus5: make([]int, record.SlotsPerSecond)}
				for _, slots := range e.Second.Failed {
					for i, n := range slots {
						all[record.ClassStatus5][i] += n
					}
				}
				e.Second.Failed = all
			}
			return true
		},
	} {
		if s := scenario(verdicttest.NodeDrain(), c); s.Result != verdict.Invalid && (len(s.Diagnoses) != 1 || s.Diagnoses[0].Rule != "unexplained" || s.Cause.String() == "") {
			t.Errorf("%s: %+v", name, s.Diagnoses)
		}
	}
	if s := scenario(verdicttest.PodDelete(), keep); len(s.Diagnoses) != 0 {
		t.Errorf("nothing failed: %+v", s.Diagnoses)
	}
}

// updating has the scenario's fault be an update of the workload.
func updating(e *record.Entry) bool {
	return as(record.PodsReplaced, func(f *record.Fault) { f.Effect.Updates = true })(e)
}

func TestNobodyReady(t *testing.T) {
	empty := func(e *record.Entry) bool {
		if e.Endpoints != nil && sinceBegin(e) > 48 && sinceBegin(e) < 52 {
			e.Endpoints.List = nil
		}
		return true
	}
	for want, c := range map[string]change{
		"+  replicas: 3": func(e *record.Entry) bool {
			if e.Start != nil {
				e.Start.Replicas = 1
			}
			return empty(e)
		},
		"maxUnavailable: 0": both(updating, empty),
	} {
		s := scenario(verdicttest.NodeDrain(), c)
		if s.Diagnoses[0].Rule != "nobody-left" || !strings.Contains(s.Diagnoses[0].Change, want) {
			t.Errorf("%s: %+v", want, s.Diagnoses)
		}
	}
}
