package attack

import (
	"testing"
	"time"
)

func TestScheduleDue(t *testing.T) {
	for _, rate := range []int{1, 3, 7, 200, 300, 500, 999, 100_000} {
		s := newSchedule(rate, time.Hour, 0)
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
	s := newSchedule(100, time.Minute, 2*time.Second)
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
