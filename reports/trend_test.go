package reports

import (
	"testing"
	"time"

	"hagate/verdict"
)

func TestTrend(t *testing.T) {
	run := func(r verdict.Result, failed int, outage time.Duration, recovered bool, after time.Duration) trendRun {
		return trendRun{Scenario: verdict.Scenario{Result: r, Recovered: recovered, TimeToRecover: after, Faults: []verdict.Fault{{}}}, Failed: failed, Outage: outage}
	}
	for _, c := range []struct {
		runs []trendRun
		want [4]string
	}{
		{[]trendRun{run(verdict.Pass, 5, time.Second, true, 2*time.Second)}, [4]string{"1 PASS", "5 / 5", "1 s / 1 s", "2 s / 2 s"}},
		{[]trendRun{
			run(verdict.Pass, 5, time.Second, true, 3*time.Second),
			run(verdict.Fail, 9000, time.Minute, false, 0),
			run(verdict.Invalid, 77777, time.Hour, false, 0),
			run(verdict.Pass, 7, 0, true, 2*time.Second),
		}, [4]string{"2 PASS, 1 FAIL, 1 INVALID", "7 / 9,000", "1 s / 1 min", "3 s / never"}},
		{[]trendRun{{Scenario: verdict.Scenario{Result: verdict.Pass}}}, [4]string{"1 PASS", "0 / 0", "0 s / 0 s", "–"}},
		{[]trendRun{run(verdict.Invalid, 1, 0, false, 0)}, [4]string{"1 INVALID", "–", "–", "–"}},
	} {
		of := trend{Runs: c.runs}
		if got := [4]string{of.Results(), of.Failed(), of.Outage(), of.Recovery()}; got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
