package verdict_test

import (
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

// A Pod that is started again in place has not recovered before it is ready again, though
// the Service and the workload have not heard of its crash yet.
func TestRecoveryInPlace(t *testing.T) {
	for again, want := range map[time.Duration]time.Duration{12400 * time.Millisecond: 4340 * time.Millisecond, 13 * time.Second: 4740 * time.Millisecond} {
		s := scenario(verdicttest.PodDelete(), func(e *record.Entry) bool {
			as(record.PodsRestarted, func(f *record.Fault) { f.Returns = true })(e)
			if p := e.Pod; p != nil && sinceBegin(e) > 8 {
				if strings.Contains(p.Name, "new") {
					return false
				}
				p.Terminating, p.Restarts = nil, 1
				p.Ready = p.Gone
				if p.Gone {
					e.Time = verdicttest.Began.Add(again)
				}
				p.Gone = false
			}
			if e.Endpoints != nil && len(e.Endpoints.List) == 3 {
				for i := range e.Endpoints.List {
					if of := &e.Endpoints.List[i]; strings.Contains(of.Pod, "new") {
						of.Pod, of.UID = "nginx01-7d9c-old1", "pod-delete-old-1"
					}
				}
			}
			return true
		})
		if s.TimeToRecover != want || find(t, s, "recovery-time").Result != verdict.Pass {
			t.Errorf("ready again at %s: recovered after %s, want %s (%s)", again, s.TimeToRecover, want, s.Reason)
		}
	}
}
