package attack

import (
	"testing"
	"time"

	"hagate/record"
)

func TestScheduleDue(t *testing.T) {
	for _, rate := range []int{1, 3, 7, 200, 300, 500, 999, 100_000} {
		s := newSchedule(record.Plan{Rate: rate}, time.Hour)
		if wait, stop := s.Pace(0, 0); wait != 0 || stop {
			t.Fatalf("rate %d: first request: wait %s, stop %t; want at once", rate, wait, stop)
		}
		began := *s.began.Load()
		// Every whole second has exactly rate due times; before is the count of due.
		first := began.Unix() + 1
		for sec := first; sec < first+4; sec++ {
			if n := s.dueIn(sec); n != rate {
				t.Errorf("rate %d: %d due in a second", rate, n)
			}
		}
		counts := map[int64]int{}
		for n := range uint64(rate * 2) {
			counts[s.due(n).Unix()]++
			if got := s.before(s.offset(n)); got != n {
				t.Fatalf("rate %d: %d before request %d", rate, got, n)
			}
			if got := s.before(s.offset(n) + 1); got != n+1 {
				t.Fatalf("rate %d: %d before just after request %d", rate, got, n)
			}
		}
		for _, sec := range []int64{began.Unix(), first} {
			if counts[sec] != s.dueIn(sec) {
				t.Errorf("rate %d: %d due in a second, dueIn says %d", rate, counts[sec], s.dueIn(sec))
			}
		}
	}
}

func TestSchedulePace(t *testing.T) {
	s := newSchedule(record.Plan{Rate: 100, Timeout: 2 * time.Second}, time.Minute)
	s.Pace(0, 0)
	tests := []struct {
		name    string
		elapsed time.Duration
		hits    uint64
		wait    time.Duration
		stop    bool
	}{
		{"on time", 15 * time.Millisecond, 2, 5 * time.Millisecond, false},
		{"behind", 100 * time.Millisecond, 2, -80 * time.Millisecond, false},
		{"last", 59 * time.Second, 6000, time.Second, false},
		{"due after the end", time.Minute, 6001, 0, true},
		{"due before the end, within the grace", 61 * time.Second, 6000, -time.Second, false},
		{"due before the end, not within the grace", 63 * time.Second, 6000, 0, true},
	}
	for _, tt := range tests {
		if wait, stop := s.Pace(tt.elapsed, tt.hits); wait != tt.wait || stop != tt.stop {
			t.Errorf("%s: got %s, %t; want %s, %t", tt.name, wait, stop, tt.wait, tt.stop)
		}
	}
	if got := s.total(); got != 6001 {
		t.Errorf("total: got %d, want 6001", got)
	}
	s.stop()
	if s.total() > 6000 {
		t.Error("stop did not end the schedule")
	}
}

// The load is raised at whole seconds, whenever Pace is first called.
func TestScheduleInSteps(t *testing.T) {
	for _, lead := range []time.Duration{1700 * time.Millisecond, 0, -300 * time.Millisecond} {
		plan := record.Plan{Rate: 3, From: time.Now().Add(lead).Truncate(time.Second).Add(time.Second), Timeout: 2 * time.Second,
			Steps: []record.Step{{Rate: 3, Seconds: 2}, {Rate: 7, Seconds: 3}, {Rate: 500, Seconds: 1}}}
		s := newSchedule(plan, time.Minute)
		if wait, stop := s.Pace(0, 0); stop || wait != s.lead || !s.due(0).Equal(plan.From) {
			t.Fatalf("first request: wait %s, stop %t, due %s; want it due at %s", wait, stop, s.due(0), plan.From)
		}
		counts := map[int64]int{}
		for n := range uint64(2*3 + 3*7 + 3*500) {
			counts[s.due(n).Unix()-plan.From.Unix()]++
			if got := s.before(s.offset(n)); got != n {
				t.Fatalf("%d before request %d", got, n)
			}
			if got := s.before(s.offset(n) + 1); got != n+1 {
				t.Fatalf("%d before just after request %d", got, n)
			}
		}
		for sec, want := range []int{3, 3, 7, 7, 7, 500, 500, 500} { // the last goes on
			at := plan.From.Unix() + int64(sec)
			if counts[int64(sec)] != want || s.dueIn(at) != want || plan.RateAt(at) != want {
				t.Errorf("second %d: %d due, dueIn says %d, the plan %d; want %d", sec, counts[int64(sec)], s.dueIn(at), plan.RateAt(at), want)
			}
		}
		// the second of the second step
		if wait, _ := s.Pace(time.Second, 7); wait != s.lead+time.Second+time.Second/7 {
			t.Errorf("request 7: wait %s, began %s after it was asked", wait, s.lead)
		}
	}
}
