package record

import (
	"testing"
	"time"
)

func TestPlanInSteps(t *testing.T) {
	begin := time.Unix(1000, 0)
	p := Plan{Rate: 100, From: begin, Steps: []Step{{Rate: 100, Seconds: 15}, {Rate: 150, Seconds: 10}, {Rate: 225, Seconds: 10}}}
	for i, want := range [][2]int64{{1000, 1015}, {1015, 1025}, {1025, 1035}} {
		if from, to := p.Span(i); from != want[0] || to != want[1] {
			t.Errorf("step %d lasts from %d to %d, want %v", i, from, to, want)
		}
	}
	for second, want := range map[int64]int{990: 100, 1000: 100, 1014: 100, 1015: 150, 1024: 150, 1025: 225, 2000: 225} {
		if got := p.RateAt(second); got != want {
			t.Errorf("%d requests/s at %d, want %d", got, second, want)
		}
	}
	if p.MaxRate() != 225 {
		t.Errorf("at most %d, want 225", p.MaxRate())
	}
	for want, p := range map[int]Plan{0: {Rate: 200}, 200: {Rate: 200, ThinkTime: time.Second}, 2: {Rate: 7, ThinkTime: 300 * time.Millisecond},
		450: {Rate: 100, ThinkTime: 2 * time.Second, Steps: p.Steps}} {
		if got := p.Thinking(); got != want {
			t.Errorf("%d connections are idle at %d requests/s and %s, want %d", got, p.MaxRate(), p.ThinkTime, want)
		}
	}
	if p := (Plan{Rate: 7}); p.RateAt(1000) != 7 || p.MaxRate() != 7 {
		t.Error("without steps the rate is the plan's")
	}
}
