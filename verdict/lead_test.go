package verdict_test

import (
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

// patient gives requests a timeout.
func patient(timeout time.Duration) change {
	return func(e *record.Entry) bool {
		if e.Start != nil {
			e.Start.Plan.Timeout = timeout
		}
		return true
	}
}

// Requests that were due up to a timeout before the fault may be its victims: they are
// charged to it, and the clean seconds before them are the baseline.
func TestLead(t *testing.T) {
	cut := second("in-cluster/fresh", 5, func(s *record.Second) { fail(s, record.ClassReset, 1) }) // the fault goes in at 8
	for timeout, want := range map[time.Duration]verdict.Result{2 * time.Second: verdict.Fail, 3 * time.Second: verdict.Fail, 4 * time.Second: verdict.Pass, 10 * time.Second: verdict.Pass} {
		entries := scenario(verdicttest.PodDelete(), both(patient(timeout), cut))
		if got := find(t, entries, "baseline-clean"); got.Result != want {
			t.Errorf("timeout %s: %s: %s; want %s", timeout, got.Result, got.Got, want)
		}
		if want == verdict.Pass {
			if got := find(t, entries, "failed-requests"); got.Result != verdict.Fail {
				t.Errorf("timeout %s: the failure is not judged: %s", timeout, got.Got)
			}
		}
	}
}
