package verdict_test

import (
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
)

func TestWaits(t *testing.T) {
	began := time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)
	phase := func(name string, at int) verdict.Phase {
		return verdict.Phase{Time: began.Add(time.Duration(at) * time.Second), Phase: record.Phase{Name: name}}
	}
	v := verdict.Verdict{Started: began, Ended: began.Add(60 * time.Second), Scenarios: []verdict.Scenario{
		{Ended: began.Add(40 * time.Second), Phases: []verdict.Phase{phase(record.Baseline, 10), phase(record.FaultIn, 15), phase(record.Recovery, 20), phase(record.FaultIn, 22), phase(record.Settled, 30), phase(record.Done, 38)}},
		{Ended: began.Add(55 * time.Second), Phases: []verdict.Phase{phase(record.Baseline, 45)}}, // cut short
	}, Timings: []record.Timing{{Step: record.Words("images"), Took: 3 * time.Second}, {Step: record.Words("cluster"), Took: 5 * time.Second, Kubernetes: true}}}
	want := verdict.Waits{Whole: 60 * time.Second, Kubernetes: (5 + 15) * time.Second, Clean: (5 + 8 + 10) * time.Second}
	if got := v.Waits(); got != want || got.Ratio() != 3 {
		t.Errorf("%+v, ratio %g; want %+v, 3", got, got.Ratio(), want)
	}
	// the clean seconds that end one scenario begin the next
	v.Scenarios[1].Phases = []verdict.Phase{phase(record.Baseline, 33), phase(record.FaultIn, 41), phase(record.Settled, 43), phase(record.Done, 48)}
	want = verdict.Waits{Whole: 60 * time.Second, Kubernetes: (5 + 15 + 2) * time.Second, Clean: (5 + 8 + 3 + 5) * time.Second}
	if got := v.Waits(); got != want {
		t.Errorf("%+v; want %+v", got, want)
	}
	if got := (verdict.Verdict{}).Waits().Ratio(); got != 0 {
		t.Errorf("nothing was waited for, and the ratio is %g", got)
	}
}
