package verdict_test

import (
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

// slowed gives the second's requests a latency of their own.
func slowed(s *record.Second, latency time.Duration) {
	h := record.NewLatency()
	for range record.Sum(s.OK) {
		record.AddLatency(h, latency)
	}
	s.Latency, _ = record.EncodeLatency(h)
}

// unchanged leaves a record as it is.
func unchanged(*record.Entry) bool { return true }

func TestCapacity(t *testing.T) {
	rates := verdicttest.Rates
	on := func(rate int, do func(*record.Second)) func(int, *record.Entry) {
		return func(r int, e *record.Entry) {
			if r == rate && e.Second != nil && e.Second.Stream == "external/fresh" {
				do(e.Second)
			}
		}
	}
	refuse := func(s *record.Second) { fail(s, record.ClassRefused, 1) }
	full := func(rate int) func(int, *record.Entry) {
		return func(r int, e *record.Entry) {
			if r == rate && e.Health != nil {
				e.Health.Busy = 1
			}
		}
	}
	for _, c := range []struct {
		name    string
		rates   []int // that were played
		edit    func(int, *record.Entry)
		result  verdict.Result
		knee    int
		atLeast bool
		endedBy string
		says    string // of the scenario's reason
	}{
		{"all is carried", rates, nil, verdict.Pass, 338, true, verdict.EndedByBound, "sustained at least 1,352 requests/s, 338 on each of 4 streams; the load ramp reached its maximum"},
		{"requests fail beyond the promise", rates[:3], on(225, refuse), verdict.Pass, 150, false, verdict.EndedByFailures, "sustained 600 requests/s, 150 on each of 4 streams; at 900 requests/s 10 of 9,000 failed (10 refused)"},
		{"too slow beyond the promise", rates[:3], on(225, func(s *record.Second) { slowed(s, 150*time.Millisecond) }), verdict.Pass, 150, false, verdict.EndedByLatency, "external/fresh 150 ms, over 100 ms"},
		{"slower, and nobody would notice", rates, on(225, func(s *record.Second) { slowed(s, 95*time.Millisecond) }), verdict.Pass, 338, true, verdict.EndedByBound, ""},
		{"a slow service gets slower", rates, func(r int, e *record.Entry) {
			if e.Second != nil {
				slowed(e.Second, map[int]time.Duration{100: 50 * time.Millisecond, 150: 200 * time.Millisecond, 225: 240 * time.Millisecond, 338: 300 * time.Millisecond}[r])
			}
		}, verdict.Pass, 225, false, verdict.EndedByLatency, "over 250 ms"},
		{"the machine is full beyond the promise", rates[:3], full(225), verdict.Pass, 150, true, verdict.EndedByClient, "at 900 requests/s the client side was the bottleneck: the machine was saturated in 10 of 10 seconds"},
		{"requests fail on a machine that is full", rates[:3], func(r int, e *record.Entry) { full(225)(r, e); on(225, refuse)(r, e) }, verdict.Pass, 150, true, verdict.EndedByClient, ""},
		{"sent late beyond the promise", rates[:3], on(225, func(s *record.Second) { s.Late, s.MaxLate = s.Due/10, 80*time.Millisecond }), verdict.Pass, 150, true, verdict.EndedByClient, "external/fresh: 220 of 2,250 requests sent more than 50 ms late, up to 80 ms"},
		{"no port left beyond the promise", rates[:3], on(225, func(s *record.Second) { fail(s, record.ClassClient, 2) }), verdict.Pass, 150, true, verdict.EndedByClient, "20 requests failed inside the load agent"},
		{"not all sent beyond the promise", rates[:3], on(225, func(s *record.Second) { s.Due, s.OK = 100, s.OK[:0] }), verdict.Pass, 150, true, verdict.EndedByClient, "1,000 of 2,250 planned requests sent"},
		{"stopped before anything ended it", rates[:2], nil, verdict.Pass, 150, true, verdict.EndedByStop, ""},

		{"requests fail at what was promised", rates[:2], on(150, refuse), verdict.Fail, 100, false, verdict.EndedByFailures, "sustained 400 requests/s, 100 on each of 4 streams; at 600 requests/s 10 of 6,000 failed (10 refused); promised: 600 requests/s"},
		{"too slow at what was promised", rates[:2], on(150, func(s *record.Second) { slowed(s, 150*time.Millisecond) }), verdict.Fail, 100, false, verdict.EndedByLatency, "p99 was too high"},
		{"the machine is full at what was promised", rates[:2], full(150), verdict.Invalid, 100, true, verdict.EndedByClient, "not measured: "},
		{"the service fills the machine and fails what was promised", rates[:2], func(r int, e *record.Entry) {
			full(150)(r, e)
			on(150, refuse)(r, e)
			if e.CPU != nil {
				e.CPU.Service = 1.2
			}
		}, verdict.Fail, 100, false, verdict.EndedByFailures, "10 of 6,000 failed"},
		{"for three seconds of it", rates[:2], func(r int, e *record.Entry) {
			if r == 150 && e.Health != nil && e.Time.Second() < 17 {
				e.Health.Busy = 1
			}
		}, verdict.Invalid, 100, true, verdict.EndedByClient, "not measured: at 600 requests/s the client side was the bottleneck: the machine was saturated in 3 of 10 seconds"},
		{"sent late at what was promised", rates[:2], on(150, func(s *record.Second) { s.Late = s.Due / 10 }), verdict.Invalid, 100, true, verdict.EndedByClient, "not measured: "},
		{"too slow for a second, and the machine full in it", rates[:2], func(r int, e *record.Entry) {
			if r == 150 && e.Health != nil && e.Time.Second() == 17 {
				e.Health.Busy = 1
			}
			if r == 150 && e.Second != nil && e.Time.Second() == 17 {
				slowed(e.Second, 200*time.Millisecond)
			}
		}, verdict.Invalid, 100, true, verdict.EndedByClient, "only with the seconds in which the machine was saturated"},
		{"too slow for a second, with room", rates[:2], func(r int, e *record.Entry) {
			if r == 150 && e.Second != nil && e.Time.Second() == 17 {
				slowed(e.Second, 200*time.Millisecond)
			}
		}, verdict.Fail, 100, false, verdict.EndedByLatency, "p99 was too high"},
		{"too slow all the time, and the machine full in a second", rates[:2], func(r int, e *record.Entry) {
			if r == 150 && e.Health != nil && e.Time.Second() == 17 {
				e.Health.Busy = 1
			}
			if r == 150 && e.Second != nil {
				slowed(e.Second, 200*time.Millisecond)
			}
		}, verdict.Fail, 100, false, verdict.EndedByLatency, "p99 was too high"},
		{"stopped before the promise", rates[:1], nil, verdict.Invalid, 0, false, "", "not measured: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scenario(verdicttest.Raised(c.rates, c.edit), unchanged)
			if s.Result != c.result || !strings.Contains(s.Reason.String(), c.says) {
				t.Errorf("%s: %s; want %s, %q", s.Result, s.Reason, c.result, c.says)
				for _, check := range s.Checks {
					if check.Result != verdict.Pass && check.Result != verdict.Skipped {
						t.Logf("%+v", check)
					}
				}
			}
			if c.endedBy == "" {
				if s.Capacity != nil {
					t.Errorf("%+v", s.Capacity)
				}
				return
			}
			if got := s.Capacity; got == nil || got.Knee != c.knee || got.AtLeast != c.atLeast || got.EndedBy != c.endedBy || got.Promised != 150 || len(got.Steps) != len(c.rates) {
				t.Errorf("%+v, want a knee at %d, at least %t, ended by %s", got, c.knee, c.atLeast, c.endedBy)
			}
		})
	}
}

// What comes after the promise is explored: it is in no figure that is judged.
func TestCapacityJudgesThePromise(t *testing.T) {
	s := scenario(verdicttest.Raised(verdicttest.Rates[:3], func(r int, e *record.Entry) {
		if r == 225 && e.Second != nil {
			fail(e.Second, record.ClassRefused, 20)
		}
	}), unchanged)
	if s.Result != verdict.Pass {
		t.Errorf("%s: %s", s.Result, s.Reason)
	}
	for _, st := range s.Streams {
		if st.Due != 2500 || st.Failed != 0 || st.LongestOutage != 0 {
			t.Errorf("%+v: want the 1,000 requests of the baseline and the 1,500 of the promise", st)
		}
	}
	for i, want := range []verdict.LoadStep{{Rate: 100, Due: 4000}, {Rate: 150, Due: 6000}, {Rate: 225, Due: 9000, Failed: 800, EndedBy: verdict.EndedByFailures}} {
		got := s.Capacity.Steps[i]
		if got.Rate != want.Rate || got.Due != want.Due || got.Failed != want.Failed || got.EndedBy != want.EndedBy || got.Busy != 0.55 || got.Latency.P99 == 0 {
			t.Errorf("step %d: %+v", i, got)
		}
	}
}
