package verdict_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

// Each stream is looked at by itself: the one that gets slower is the one that drifts.
func TestDrift(t *testing.T) {
	const slower = "in-cluster/reused"
	const length = 6 * time.Minute
	s := scenario(verdicttest.Steady(length, func(stream string, at float64) time.Duration {
		median := 700.0
		if stream == slower {
			median *= 1 + 0.5*at/length.Seconds()
		}
		return time.Duration(median * 1e3)
	}), unchanged)
	if s.Result != verdict.Pass || !strings.HasSuffix(s.Reason.String(), "none failed; in-cluster/reused drifts with time") {
		t.Errorf("%s: %s", s.Result, s.Reason)
	}
	for _, st := range s.Streams {
		d := st.Drift
		if d == nil || d.Block != 10*time.Second || len(d.Blocks) != 36 {
			t.Fatalf("%s: %+v", st.Name, d)
		}
		if d.P50.Drifts != (st.Name == slower) || d.P99.Drifts != (st.Name == slower) || d.Failed.Drifts {
			t.Errorf("%s: p50 %+v, p99 %+v, failed %+v", st.Name, d.P50, d.P99, d.Failed)
		}
		want := 0.0 // of the median at the beginning, an hour
		if st.Name == slower {
			want = 0.5 * 10 * 700e-6
		}
		if math.Abs(d.P50.PerHour-want) > 0.0005 {
			t.Errorf("%s: p50 moves by %.6f s/h (%.6f to %.6f), want %.6f", st.Name, d.P50.PerHour, d.P50.Low, d.P50.High, want)
		}
	}
}

func TestDriftOfFailures(t *testing.T) {
	s := scenario(verdicttest.Steady(5*time.Minute, quick), func(e *record.Entry) bool {
		if at := int(sinceBegin(e)); e.Second != nil && e.Second.Stream == "external/fresh" && at > 20 {
			fail(e.Second, record.ClassStatus5, at/10) // from 2 to 30 of 100
		}
		return true
	})
	for _, st := range s.Streams {
		if d := st.Drift; d == nil || d.Failed.Drifts != (st.Name == "external/fresh") {
			t.Errorf("%s: %+v", st.Name, d)
		}
	}
}

func quick(string, float64) time.Duration { return 700 * time.Microsecond }

// Short traffic, and traffic that a fault or more load changes, has no drift.
func TestNoDrift(t *testing.T) {
	for name, entries := range map[string][]record.Entry{
		"too short":     verdicttest.Steady(4*time.Minute, quick),
		"a fault":       verdicttest.PodDelete(),
		"a raised load": verdicttest.Raised(verdicttest.Rates, nil),
	} {
		for _, st := range scenario(entries, unchanged).Streams {
			if st.Drift != nil {
				t.Errorf("%s: %s has a drift", name, st.Name)
			}
		}
	}
}

// A rare request has longer blocks, so that a p99 is one of enough of them.
func TestDriftAtALowRate(t *testing.T) {
	thin := func(e *record.Entry) bool {
		if e.Start != nil {
			e.Start.Plan.Rate = 20
		}
		return true
	}
	for _, st := range scenario(verdicttest.Steady(10*time.Minute, quick), thin).Streams {
		if st.Drift != nil {
			t.Errorf("%s: %d blocks of %s", st.Name, len(st.Drift.Blocks), st.Drift.Block)
		}
	}
}
