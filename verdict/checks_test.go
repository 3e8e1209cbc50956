package verdict_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

// change edits every entry and leaves out those for which it returns false.
type change func(e *record.Entry) bool

func sinceBegin(e *record.Entry) float64 { return e.Time.Sub(verdicttest.Began).Seconds() }

// second edits the Second of stream that begins at seconds after the beginning.
func second(stream string, at float64, edit func(*record.Second)) change {
	return func(e *record.Entry) bool {
		if e.Second != nil && e.Second.Stream == stream && sinceBegin(e) == at {
			edit(e.Second)
		}
		return true
	}
}

// fail turns n successful requests of s into failures of class.
func fail(s *record.Second, class string, n int) {
	s.Failed = map[string][]int{class: make([]int, record.SlotsPerSecond)}
	for i := range n {
		s.OK[i*3]--
		s.Failed[class][i*3]++
	}
}

// externalOnly has the external streams reach the Pods of one node alone, and be answered
// by one Pod alone.
func externalOnly(node, pod string) change {
	return func(e *record.Entry) bool {
		if e.Start != nil {
			for i, st := range e.Start.Plan.Streams {
				if st.Vantage == record.External {
					e.Start.Plan.Streams[i].Node = node
				}
			}
		}
		if e.Second != nil && e.Clock == record.External {
			e.Second.Pods = map[string]int{pod: e.Second.Due}
		}
		return true
	}
}

// With externalTrafficPolicy Local the Pods of other nodes owe the vantage nothing.
func TestOnlyOneNodeIsReached(t *testing.T) {
	got := find(t, scenario(verdicttest.PodDelete(), externalOnly("worker1", "nginx01-7d9c-old0")), "every-endpoint-served")
	if got.Result != verdict.Pass || !strings.Contains(got.Want.String(), "from external only those on node worker1") {
		t.Errorf("%+v", got)
	}
}

func slo(edit func(*record.SLO)) change {
	return func(e *record.Entry) bool {
		if e.Start != nil {
			edit(&e.Start.SLO)
		}
		return true
	}
}

func drop(which func(*record.Entry) bool) change {
	return func(e *record.Entry) bool { return !which(e) }
}

// TestChecksNotMet breaks a good record in one place each time. That every check is
// met by the good one is TestChecksMet.
func TestChecksNotMet(t *testing.T) {
	const fresh = "external/fresh"
	for _, c := range []struct {
		check, how string
		change     change
		result     verdict.Result
	}{
		{"problems", "a problem", func(e *record.Entry) bool {
			if e.Lookup == nil && e.Event != nil {
				e.Event, e.Problem = nil, &record.Problem{What: record.Words("watch lost")}
			}
			return true
		}, verdict.Invalid},
		{"phases", "stopped before it settled", drop(func(e *record.Entry) bool { return e.Phase != nil && e.Phase.Name == record.Settled }), verdict.Invalid},
		{"phases", "settled for a moment only", func(e *record.Entry) bool {
			if e.Phase != nil && e.Phase.Name == record.Done {
				e.Time = e.Time.Add(-5 * time.Second)
			}
			return true
		}, verdict.Invalid},
		{"accounted", "a request lost", second(fresh, 5, func(s *record.Second) { s.OK[0]-- }), verdict.Invalid},
		{"accounted", "a second recorded twice", func(e *record.Entry) bool {
			if e.Second != nil && e.Second.Stream == fresh && sinceBegin(e) == 5 {
				e.Time = e.Time.Add(time.Second)
			}
			return true
		}, verdict.Invalid},
		{"accounted", "latencies that cannot be read", second(fresh, 5, func(s *record.Second) { s.Latency = "!" }), verdict.Invalid},
		{"client-own-failures", "no port left", second(fresh, 16, func(s *record.Second) { fail(s, record.ClassClient, 1) }), verdict.Invalid},
		{"load-sent", "a second missing", drop(func(e *record.Entry) bool {
			return e.Second != nil && e.Second.Stream == fresh && sinceBegin(e) == 10
		}), verdict.Invalid},
		{"load-sent", "too few sent", second(fresh, 10, func(s *record.Second) { s.Due, s.OK = 50, append(s.OK[:50], make([]int, 50)...) }), verdict.Invalid},
		{"load-sent", "stood still", second(fresh, 10, func(s *record.Second) { s.MaxLate = 501 * time.Millisecond }), verdict.Invalid},
		{"load-sent", "too many late", second(fresh, 10, func(s *record.Second) { s.Late = 100 }), verdict.Invalid},
		{"agent-health", "an agent falls silent", drop(func(e *record.Entry) bool {
			return e.Health != nil && e.Health.Vantage == record.External && sinceBegin(e) > 9
		}), verdict.Invalid},
		{"agent-health", "a stream ends early", drop(func(e *record.Entry) bool { return e.Second != nil && e.Second.Stream == fresh && sinceBegin(e) > 9 }), verdict.Invalid},
		{"clock-offset", "a clock is off", func(e *record.Entry) bool {
			if e.Health != nil {
				e.Health.Offset = -time.Second
			}
			return true
		}, verdict.Invalid},
		{"watched", "no endpoints", drop(func(e *record.Entry) bool { return e.Endpoints != nil }), verdict.Invalid},
		{"watched", "no workload", drop(func(e *record.Entry) bool { return e.Workload != nil }), verdict.Invalid},
		{"baseline-clean", "a failure two seconds before the fault", second(fresh, 6, func(s *record.Second) { fail(s, record.ClassTimeout, 1) }), verdict.Fail},
		{"baseline-clean", "no fault", drop(func(e *record.Entry) bool { return e.Phase != nil && e.Phase.Name == record.FaultIn }), verdict.Invalid},
		{"every-endpoint-served", "a Pod never answers", func(e *record.Entry) bool {
			if e.Second != nil && e.Clock == record.External {
				delete(e.Second.Pods, "nginx01-7d9c-old0")
			}
			return true
		}, verdict.Invalid},
		{"every-endpoint-served", "one Pod answers, of a node that has another Pod", externalOnly("worker1", "nginx01-7d9c-old1"), verdict.Invalid},
		{"every-endpoint-served", "one Pod answers, and the node has none", externalOnly("worker9", "nginx01-7d9c-old0"), verdict.Invalid},
		{"fault-proven", "not injected", drop(func(e *record.Entry) bool { return e.Fault != nil && e.Fault.State == record.Injected }), verdict.Invalid},
		{"fault-proven", "failed", func(e *record.Entry) bool {
			if e.Fault != nil && e.Fault.State == record.Reverted {
				e.Fault.State, e.Fault.Error = record.Failed, record.Words("forbidden")
			}
			return true
		}, verdict.Invalid},
		{"fault-proven", "no victim", func(e *record.Entry) bool {
			if e.Fault != nil {
				e.Fault.Victims = nil
			}
			return true
		}, verdict.Invalid},
		{"fault-proven", "the victim lives on", drop(func(e *record.Entry) bool { return e.Pod != nil && e.Pod.Terminating != nil }), verdict.Invalid},
		{"fault-proven", "the victim was not serving", func(e *record.Entry) bool {
			for i := range endpoints(e) {
				e.Endpoints.List[i].Ready = e.Endpoints.List[i].Pod != "nginx01-7d9c-old1"
			}
			return true
		}, verdict.Invalid},
		{"fault-proven", "the victim had not answered", func(e *record.Entry) bool {
			if e.Second != nil {
				delete(e.Second.Pods, "nginx01-7d9c-old1")
			}
			return true
		}, verdict.Invalid},
		{"failed-requests", "the victim had answered nobody, and requests failed meanwhile", func(e *record.Entry) bool {
			if e.Second != nil {
				delete(e.Second.Pods, "nginx01-7d9c-old1")
			}
			return second(fresh, 3, func(s *record.Second) { fail(s, record.ClassTimeout, 30) })(e)
		}, verdict.Fail},
		{"fault-proven", "the victim had answered nobody, and no more failed meanwhile than may", func(e *record.Entry) bool {
			if e.Second != nil {
				delete(e.Second.Pods, "nginx01-7d9c-old1")
			}
			slo(func(s *record.SLO) { s.MaxFailed = 50 })(e)
			return second(fresh, 3, func(s *record.Second) { fail(s, record.ClassTimeout, 30) })(e)
		}, verdict.Invalid},
		{"fault-proven", "a fault that nothing is known of", func(e *record.Entry) bool {
			if e.Fault != nil {
				e.Fault.Effect.Kind = "moon phase"
			}
			return true
		}, verdict.Invalid},
		{"fault-reverted", "not reverted", drop(func(e *record.Entry) bool { return e.Fault != nil && e.Fault.State == record.Reverted }), verdict.Invalid},
		{"failed-requests", "one", second(fresh, 9, func(s *record.Second) { fail(s, record.ClassRefused, 1) }), verdict.Fail},
		{"failed-requests", "one that was due just before the fault", second(fresh, 7, func(s *record.Second) { fail(s, record.ClassReset, 1) }), verdict.Fail},
		{"fault-finished", "blocked", func(e *record.Entry) bool {
			if e.Fault != nil && e.Fault.State == record.Injected {
				e.Fault.State, e.Fault.Error = record.Blocked, record.Words("disruption budget")
			}
			return true
		}, verdict.Fail},
		{"replicas-back", "a Pod short", drop(func(e *record.Entry) bool { return e.Workload != nil && sinceBegin(e) > 12 }), verdict.Fail},
		{"replicas-back", "an endpoint short", drop(func(e *record.Entry) bool { return e.Endpoints != nil && sinceBegin(e) > 12 }), verdict.Fail},
		{"replicas-back", "fewer asked for", func(e *record.Entry) bool {
			if e.Workload != nil {
				e.Workload.Replicas = 2
			}
			return true
		}, verdict.Fail},
		{"replicas-back", "the new Pod never answers", func(e *record.Entry) bool {
			if e.Second != nil {
				delete(e.Second.Pods, "nginx01-7d9c-new0")
			}
			return true
		}, verdict.Fail},
		{"replicas-back", "the Pod that was hit serves on", drop(func(e *record.Entry) bool {
			return e.Endpoints != nil && sinceBegin(e) > 8 || e.Workload != nil && sinceBegin(e) > 8
		}), verdict.Fail},
		{"recovery-time", "too long", slo(func(s *record.SLO) { s.MaxRecovery = time.Second }), verdict.Fail},
		{"recovery-time", "never", drop(func(e *record.Entry) bool { return e.Endpoints != nil && sinceBegin(e) > 12 }), verdict.Fail},
		{"ready-floor", "below", slo(func(s *record.SLO) { s.MinReady = 3 }), verdict.Fail},
		{"outage", "half a second", second(fresh, 9, func(s *record.Second) { fail(s, record.ClassRefused, 16) }), verdict.Fail},
		{"blackout", "a slot", second(fresh, 9, func(s *record.Second) { fail(s, record.ClassRefused, 1) }), verdict.Fail},
		{"closed-in-flight", "too many", second(fresh, 9, func(s *record.Second) { fail(s, record.ClassClosed, 4) }), verdict.Fail},
		{"serves-on", "50 ms", func(e *record.Entry) bool {
			if e.Answer != nil && e.Answer.Status == 0 {
				e.Time = verdicttest.Began.Add(8350 * time.Millisecond)
			}
			return true
		}, verdict.Fail},
		{"latency", "too slow", slo(func(s *record.SLO) { s.MaxLatency = time.Millisecond }), verdict.Fail},
		{"settled-clean", "a failure at the end", second(fresh, 20, func(s *record.Second) { fail(s, record.ClassStatus5, 1) }), verdict.Fail},
	} {
		t.Run(c.check+"/"+c.how, func(t *testing.T) {
			s := scenario(verdicttest.PodDelete(), c.change)
			got := find(t, s, c.check)
			if got.Result != c.result || got.Got.String() == "" || got.Want.String() == "" {
				t.Errorf("%+v, want %s", got, c.result)
			}
			if s.Result != verdict.Invalid && s.Result != c.result || s.Reason.String() == "" {
				t.Errorf("scenario is %s: %s", s.Result, s.Reason)
			}
		})
	}
}

func TestChecksMet(t *testing.T) {
	limit := slo(func(s *record.SLO) { s.MaxLatency = time.Second })
	for name, entries := range map[string][]record.Entry{"pod-delete": verdicttest.PodDelete(), "pod-kill": verdicttest.Busy(), "node-drain": verdicttest.NodeDrain()} {
		for _, c := range scenario(entries, limit).Checks {
			switch {
			case name == "pod-kill" && slices.Contains([]string{"machine-headroom", "failed-requests"}, c.Name), name == "node-drain" && slices.Contains([]string{"failed-requests", "outage", "blackout", "serves-on"}, c.Name):
			case slices.Contains([]string{"findings", "load-share", "capacity", "steps-sent", "late-share", "whole-before"}, c.Name): // of other scenarios
			case name != "node-drain" && c.Name == "pdb-respected", name == "pod-kill" && slices.Contains([]string{"serves-on", "latency-p99"}, c.Name): // only an eviction asks a budget, and who is killed is told nothing
				if c.Result != verdict.Skipped {
					t.Errorf("%s: %+v", name, c)
				}
			case c.Result != verdict.Pass:
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
}

// A Pod is heard on its own address from before it is told to go until it has left.
func TestServesOn(t *testing.T) {
	const victim = "pod-delete-old-1"
	answer := func(at float64, status int) record.Entry {
		return record.Entry{Time: verdicttest.Began.Add(time.Duration(at * float64(time.Second))), Clock: record.InCluster,
			Scenario: "pod-delete", Answer: &record.Answer{UID: victim, Status: status}}
	}
	for how, c := range map[string]struct {
		answers []record.Entry // told at 8.3, gone at 14.3
		want    verdict.Result
		got     string
	}{
		"as long as is owed":               {[]record.Entry{answer(8, 200), answer(9.3, 0)}, verdict.Pass, "1 s or longer, 1 asked to terminate"},
		"a moment less":                    {[]record.Entry{answer(8, 200), answer(9.2, 0)}, verdict.Fail, "nginx01-7d9c-old1 stopped accepting new connections 900 ms after"},
		"told by its answers":              {[]record.Entry{answer(8, 200), answer(8.4, 503), answer(8.6, 0)}, verdict.Fail, "100 ms after"},
		"not heard once, and then again":   {[]record.Entry{answer(8, 200), answer(8.4, 0), answer(8.5, 200), answer(13, 0)}, verdict.Pass, "4.7 s"},
		"until it has left":                {[]record.Entry{answer(8, 200)}, verdict.Pass, "6 s"},
		"another Pod has its address then": {[]record.Entry{answer(8, 200), answer(8.4, 0), answer(15, 200)}, verdict.Fail, "100 ms after"},
		"in another order":                 {[]record.Entry{answer(8.4, 0), answer(8, 200)}, verdict.Fail, "100 ms after"},
		"ceased before the watch knew":     {[]record.Entry{answer(8, 200), answer(8.2, 0)}, verdict.Fail, "nginx01-7d9c-old1 stopped accepting new connections 0 s after"},
		"ceased long before":               {[]record.Entry{answer(5, 200), answer(7, 0)}, verdict.Skipped, "no Pod"},
		"never heard":                      {nil, verdict.Skipped, "no Pod that had answered on its own address was asked to terminate"},
		"heard only afterwards":            {[]record.Entry{answer(8.4, 200), answer(8.5, 0)}, verdict.Skipped, "no Pod"},
		"not well before":                  {[]record.Entry{answer(8, 500), answer(8.5, 0)}, verdict.Skipped, "no Pod"},
	} {
		t.Run(how, func(t *testing.T) {
			entries := slices.DeleteFunc(verdicttest.PodDelete(), func(e record.Entry) bool { return e.Answer != nil })
			got := find(t, scenario(append(entries, c.answers...), func(*record.Entry) bool { return true }), "serves-on")
			if got.Result != c.want || !strings.Contains(got.Got.String(), c.got) {
				t.Errorf("%+v, want %s, %q", got, c.want, c.got)
			}
		})
	}
}

// Of a Pod that is there and answers when no more is asked, it is not known how long it
// would have.
func TestServesOnToTheEnd(t *testing.T) {
	entries := slices.DeleteFunc(verdicttest.PodDelete(), func(e record.Entry) bool {
		return e.Pod != nil && e.Pod.Gone || e.Answer != nil && e.Answer.Status == 0
	})
	if got := find(t, scenario(entries, func(*record.Entry) bool { return true }), "serves-on"); got.Result != verdict.Skipped {
		t.Errorf("%+v", got)
	}
}

// A full machine excuses what failed, and takes nothing from a service that was sent its
// load and kept its promise.
func TestFullMachine(t *testing.T) {
	failing := func(at float64, n int) change {
		return second("external/fresh", at, func(s *record.Second) { fail(s, record.ClassRefused, n) })
	}
	kept, broken := change(func(*record.Entry) bool { return true }), failing(9, 1)
	for name, c := range map[string]struct {
		busy   func(second int) float64 // share of all cores; 0: as recorded
		change change
		check  verdict.Result
		want   verdict.Result
	}{
		"room, and one failed":                {func(int) float64 { return 0 }, broken, verdict.Pass, verdict.Fail},
		"five full seconds, and one failed":   {from(10, 1, 1, 1, 1, 1), broken, verdict.Invalid, verdict.Invalid},
		"five full seconds, none failed":      {from(10, 1, 1, 1, 1, 1), kept, verdict.Pass, verdict.Pass},
		"four full seconds, and one failed":   {from(10, 1, 1, 1, 1), broken, verdict.Pass, verdict.Fail},
		"full as clock ticks count it":        {from(10, 0.974, 0.995, 0.968, 0.972, 0.991), broken, verdict.Invalid, verdict.Invalid},
		"nearly full":                         {from(10, 0.96, 0.96, 0.96, 0.96, 0.96, 0.96, 0.96), broken, verdict.Pass, verdict.Fail},
		"a second unknown among full ones":    {from(10, 1, 1, -1, 1, 1, 1), broken, verdict.Pass, verdict.Fail},
		"every other second full, one failed": {func(s int) float64 { return float64(1 - s%2) }, broken, verdict.Invalid, verdict.Invalid},
		"one failed just after it was full":   {from(0, 1, 1, 1, 1, 1), broken, verdict.Invalid, verdict.Invalid},
		"one failed long after it was full":   {from(0, 1, 1, 1, 1, 1), failing(10, 1), verdict.Pass, verdict.Fail},
		"one failed just before it was full":  {from(13, 1, 1, 1, 1, 1), failing(11, 1), verdict.Invalid, verdict.Invalid},
		"one failed long before it was full":  {from(13, 1, 1, 1, 1, 1), failing(10, 1), verdict.Pass, verdict.Fail},
		"two Pods told to go at once":         {from(10, 1, 1, 1, 1, 1), both(broken, othersLeave), verdict.Pass, verdict.Fail},
		"one failed long before, more near":   {from(13, 1, 1, 1, 1, 1), both(failing(10, 1), failing(14, 2)), verdict.Pass, verdict.Fail},
		"more failed long after, one near":    {from(0, 1, 1, 1, 1, 1), both(failing(9, 1), failing(10, 2)), verdict.Pass, verdict.Fail},
		"one failed long after, more near":    {from(0, 1, 1, 1, 1, 1), both(failing(9, 2), failing(10, 1)), verdict.Invalid, verdict.Invalid},
		"more failed far from it":             {from(13, 1, 1, 1, 1, 1), both(failing(9, 2), failing(14, 1)), verdict.Pass, verdict.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			s := scenario(verdicttest.PodDelete(), func(e *record.Entry) bool {
				if e.Health != nil {
					if share := c.busy(int(sinceBegin(e))); share != 0 {
						e.Health.Busy = share
					}
				}
				return c.change(e)
			})
			if got := find(t, s, "machine-headroom"); got.Result != c.check || s.Result != c.want {
				t.Errorf("scenario is %s: %s; %+v", s.Result, s.Reason, got)
			}
		})
	}
}

// One second of a full machine makes a request slow, and no request fail.
func TestFullForAMoment(t *testing.T) {
	const slow = 950 * time.Millisecond
	slowAt := func(stream string, at float64) change {
		return second(stream, at, func(s *record.Second) { slowed(s, slow) })
	}
	all := func(at float64) change {
		return func(e *record.Entry) bool {
			if e.Second != nil && sinceBegin(e) == at {
				slowed(e.Second, slow)
			}
			return true
		}
	}
	failed := second("external/fresh", 12, func(s *record.Second) { fail(s, record.ClassRefused, 1) })
	by := func(pod string) change {
		return func(e *record.Entry) bool {
			if e.Request != nil {
				e.Request.Pod = pod
			}
			return true
		}
	}
	waiting := func(long time.Duration, busy float64) change {
		return func(e *record.Entry) bool {
			if e.CPU != nil && int(sinceBegin(e)) == 12 {
				e.CPU.Cores, e.CPU.Busy, e.CPU.Threads, e.CPU.Waited = 2, busy, 8, long
			}
			return true
		}
	}
	always := func(int) float64 { return 1 }
	slowOn := change(func(e *record.Entry) bool {
		if e.Second != nil && e.Second.Stream == "external/fresh" && sinceBegin(e) >= 10 {
			slowed(e.Second, slow)
		}
		return true
	})
	timedOut := second("external/fresh", 12, func(s *record.Second) { fail(s, record.ClassTimeout, 3) })
	known := func(e *record.Entry, waited time.Duration) bool {
		if e.CPU != nil {
			e.CPU.Cores, e.CPU.Busy, e.CPU.Threads, e.CPU.Waited = 2, 2, 8, waited
		}
		return true
	}
	running := change(func(e *record.Entry) bool { return known(e, 100*time.Millisecond) })
	waitingFor := func(seconds ...int) change {
		return func(e *record.Entry) bool {
			return !slices.Contains(seconds, int(sinceBegin(e))) || known(e, 950*time.Millisecond)
		}
	}
	for name, c := range map[string]struct {
		busy   func(second int) float64
		change change
		want   verdict.Result
	}{
		"slow, with room":                       {from(0, 0.5), slowAt("external/fresh", 12), verdict.Fail},
		"slow in a full second":                 {from(12, 1), slowAt("external/fresh", 12), verdict.Invalid},
		"slow into a full second":               {from(14, 1), slowAt("external/fresh", 12), verdict.Invalid},
		"slow after a full second":              {from(11, 1), slowAt("external/fresh", 12), verdict.Invalid},
		"slow long before":                      {from(16, 1), slowAt("external/fresh", 12), verdict.Fail},
		"slow long after":                       {from(9, 1), slowAt("external/fresh", 12), verdict.Fail},
		"nearly full":                           {from(12, 0.96), slowAt("external/fresh", 12), verdict.Fail},
		"slow on two streams, full for one":     {from(12, 1), both(slowAt("external/fresh", 12), slowAt("in-cluster/fresh", 18)), verdict.Fail},
		"full for both":                         {from(12, 1, 0, 0, 0, 0, 0, 1), both(slowAt("external/fresh", 12), slowAt("in-cluster/fresh", 18)), verdict.Invalid},
		"all of a second slow, p99 too":         {from(12, 1), all(12), verdict.Invalid},
		"slow in a full second, and one failed": {from(12, 1), both(slowAt("external/fresh", 12), failed), verdict.Fail},
		"slow as the client was late":           {from(0, 0.5), both(slowAt("external/fresh", 12), second("in-cluster/reused", 12, func(s *record.Second) { s.MaxLate = 60 * time.Millisecond })), verdict.Invalid},
		"slow as the service had the client wait": {from(0, 0.5), both(slowAt("external/fresh", 12), func(e *record.Entry) bool {
			if e.CPU != nil {
				e.CPU.Cores, e.CPU.Service = 2, 1.2
			}
			if e.Second != nil && sinceBegin(e) == 12 {
				e.Second.MaxLate = 60 * time.Millisecond
			}
			return true
		}), verdict.Fail},
		"slow as the client was hardly late":    {from(0, 0.5), both(slowAt("external/fresh", 12), second("in-cluster/reused", 12, func(s *record.Second) { s.MaxLate = 40 * time.Millisecond })), verdict.Fail},
		"slow for longer than a second can do":  {from(12, 1), second("external/fresh", 12, func(s *record.Second) { slowed(s, 2200*time.Millisecond) }), verdict.Fail},
		"slow for as long as two can do":        {from(12, 1, 1), second("external/fresh", 12, func(s *record.Second) { slowed(s, 2200*time.Millisecond) }), verdict.Invalid},
		"slow from a Pod that has just begun":   {from(12, 1), both(slowAt("external/fresh", 12), by("nginx01-7d9c-new0")), verdict.Fail},
		"slow from one that had to wait":        {from(12, 1), both(both(slowAt("external/fresh", 12), by("nginx01-7d9c-new0")), waiting(950*time.Millisecond, 2)), verdict.Invalid},
		"slow from one that waited, with room":  {from(12, 1), both(both(slowAt("external/fresh", 12), by("nginx01-7d9c-new0")), waiting(950*time.Millisecond, 1.5)), verdict.Fail},
		"slow from one that hardly did":         {from(12, 1), both(both(slowAt("external/fresh", 12), by("nginx01-7d9c-new0")), waiting(850*time.Millisecond, 2)), verdict.Fail},
		"slow from a Pod that was there before": {from(12, 1), both(slowAt("external/fresh", 12), by("nginx01-7d9c-old0")), verdict.Invalid},
		"slow for a moment, full all along":     {always, both(slowAt("external/fresh", 12), running), verdict.Invalid},
		"slow to the end, full all along":       {always, both(slowOn, running), verdict.Fail},
		"timed out, full for as long":           {from(12, 1, 1), timedOut, verdict.Invalid},
		"timed out, full for half of it":        {from(12, 1), timedOut, verdict.Fail},
		"timed out, full before":                {from(10, 1, 1), timedOut, verdict.Fail},
		"timed out, and one was refused":        {from(12, 1, 1), both(timedOut, second("external/fresh", 15, func(s *record.Second) { fail(s, record.ClassRefused, 1) })), verdict.Fail},
		"timed out, busy and nobody waited":     {from(12, 1, 1, 1), both(timedOut, running), verdict.Fail},
		"timed out, and the client was late":    {from(0, 0.5), both(timedOut, both(second("in-cluster/reused", 12, func(s *record.Second) { s.MaxLate = 60 * time.Millisecond }), second("in-cluster/reused", 13, func(s *record.Second) { s.MaxLate = 60 * time.Millisecond }))), verdict.Fail},
		"timed out, and some may fail": {from(12, 1, 1), both(timedOut, func(e *record.Entry) bool {
			if e.Start != nil {
				e.Start.SLO.MaxFailed = 2
			}
			return true
		}), verdict.Fail},
		"timed out, and the service waited":  {from(12, 1, 1, 1), both(both(timedOut, running), waitingFor(12, 13)), verdict.Invalid},
		"within the limit, in a full second": {from(12, 1), change(func(*record.Entry) bool { return true }), verdict.Pass},
	} {
		t.Run(name, func(t *testing.T) {
			entries := append(verdicttest.PodDelete(), record.Entry{Time: verdicttest.Began.Add(12300 * time.Millisecond), Scenario: "pod-delete",
				Request: &record.Request{Stream: "external/fresh", Method: "GET", Path: "/", Latency: slow, Status: 200}})
			s := scenario(entries, func(e *record.Entry) bool {
				if e.Start != nil {
					e.Start.SLO.MaxLatency = 900 * time.Millisecond
				}
				if e.Health != nil {
					if share := c.busy(int(sinceBegin(e))); share != 0 {
						e.Health.Busy = share
					}
				}
				return c.change(e)
			})
			if s.Result != c.want {
				t.Errorf("%s: %s; %+v", s.Result, s.Reason, find(t, s, "machine-headroom"))
			}
		})
	}
}

// No machine has the API server refuse an eviction for good; a budget that waits for a Pod may
// wait for the machine.
func TestFullMachineExcusesNoRefusal(t *testing.T) {
	for name, c := range map[string]struct {
		allowed int // disruptions, while all are well
		want    verdict.Result
	}{
		"a budget that allows nothing":               {0, verdict.Fail},
		"two budgets on one Pod":                     {1, verdict.Fail},
		"a budget that selects a Job's Pods as well": {1, verdict.Fail},
		"a budget that allows one":                   {1, verdict.Invalid},
	} {
		all := verdicttest.Causes()
		i := slices.IndexFunc(all, func(one verdicttest.Cause) bool { return one.Name == name })
		if i < 0 {
			i = slices.IndexFunc(all, func(one verdicttest.Cause) bool { return one.Name == "a budget that allows nothing" })
		}
		busy := from(10, 1, 1, 1, 1, 1)
		s := scenario(all[i].Entries, func(e *record.Entry) bool {
			if e.Health != nil {
				e.Health.Busy = max(e.Health.Busy, busy(int(sinceBegin(e))))
			}
			if e.PDB != nil {
				e.PDB.Allowed = c.allowed
			}
			return true
		})
		if s.Result != c.want {
			t.Errorf("%s: %s: %s", name, s.Result, s.Reason)
		}
	}
	for _, c := range []struct {
		by, said string
		want     verdict.Result
	}{
		{"", `exceeded quota: team, requested: pods=1, used: pods=3, limited: pods=3`, verdict.Fail},
		{record.ByScheduler, "0/4 nodes are available: 4 Insufficient cpu.", verdict.Fail},
		{record.ByScheduler, "0/4 nodes are available: 4 node(s) had untolerated taint(s) {node.kubernetes.io/not-ready: }.", verdict.Invalid},
		{record.ByKubelet, "CrashLoopBackOff: back-off 20s restarting failed container", verdict.Invalid},
		{record.ByController, `ReplicaSet "web" has timed out progressing.`, verdict.Invalid},
	} {
		all := verdicttest.Causes()
		i := slices.IndexFunc(all, func(one verdicttest.Cause) bool { return one.Name == "a budget that allows nothing" })
		busy := from(10, 1, 1, 1, 1, 1)
		s := scenario(all[i].Entries, func(e *record.Entry) bool {
			if e.Health != nil {
				e.Health.Busy = max(e.Health.Busy, busy(int(sinceBegin(e))))
			}
			if e.Fault != nil && len(e.Fault.Refusals) > 0 {
				e.Fault.Refusals = []record.Refusal{{Whose: record.WhoseService, By: c.by, Asked: "a Pod", Said: c.said}}
			}
			return true
		})
		if s.Result != c.want {
			t.Errorf("%s %s: %s: %s", c.by, c.said, s.Result, s.Reason)
		}
	}
}

// What no machine does is found on a full one as well.
func TestFullMachineExcusesNoFinding(t *testing.T) {
	for _, c := range []struct {
		bounds record.Bounds
		value  int
		want   verdict.Result
	}{
		{record.AtMost(0), 1, verdict.Invalid},
		{record.AtMost(0).OnAnyMachine(), 1, verdict.Fail},
		{record.AtMost(0).OnAnyMachine(), 0, verdict.Pass},
	} {
		found := record.Entry{Time: verdicttest.Began.Add(15 * time.Second), Scenario: "pod-delete",
			Finding: &record.Finding{Want: record.Words("all writes"), Got: record.Words("some"), Value: c.value, Bounds: c.bounds}}
		busy := from(10, 1, 1, 1, 1, 1)
		s := scenario(append(verdicttest.PodDelete(), found), func(e *record.Entry) bool {
			if e.Health != nil {
				e.Health.Busy = max(e.Health.Busy, busy(int(sinceBegin(e))))
			}
			return true
		})
		if s.Result != c.want {
			t.Errorf("%+v, %d: %s: %s", c.bounds, c.value, s.Result, s.Reason)
		}
	}
}

// Agents that had to wait excuse what failed, whatever the CPU usage was.
func TestAgentsThatWaited(t *testing.T) {
	late := func(seconds ...int) change {
		return func(e *record.Entry) bool {
			if e.Second != nil && e.Second.Stream == "in-cluster/fresh" && slices.Contains(seconds, int(sinceBegin(e))) {
				e.Second.Late, e.Second.MaxLate = 1, 60*time.Millisecond
			}
			return true
		}
	}
	broken := second("external/fresh", 9, func(s *record.Second) { fail(s, record.ClassRefused, 1) })
	for name, c := range map[string]struct {
		late change
		want verdict.Result
	}{
		"in five seconds on end":      {late(8, 9, 10, 11, 12), verdict.Invalid},
		"in four":                     {late(8, 9, 10, 11), verdict.Fail},
		"in six of 21 seconds":        {late(3, 5, 7, 9, 11, 13), verdict.Invalid},
		"in five of 21 seconds":       {late(3, 5, 7, 9, 11), verdict.Fail},
		"long before anything failed": {late(0, 1, 2, 3, 4), verdict.Invalid},
		"and the service filled the machine at another time": {both(late(8, 9, 10, 11, 12), func(e *record.Entry) bool {
			if e.Health != nil && int(sinceBegin(e)) == 16 {
				e.Health.Busy = 1
			}
			if e.CPU != nil && int(sinceBegin(e)) == 16 {
				e.CPU.Service = 1.2
			}
			return true
		}), verdict.Invalid},
	} {
		if s := scenario(verdicttest.PodDelete(), both(c.late, broken)); s.Result != c.want {
			t.Errorf("%s: %s: %s", name, s.Result, s.Reason)
		}
	}
}

// A service that fills the machine by itself is not excused by that; it is by what others
// took.
func TestWhoFilledTheMachine(t *testing.T) {
	service := record.CPU{Cores: 2, Busy: 2, Service: 1.2, Cluster: 0.4, Harness: 0.3, Others: 0.1}
	neighbours := record.CPU{Cores: 2, Busy: 2, Service: 0.3, Cluster: 0.2, Harness: 0.1, Others: 1.4}
	ourselves := record.CPU{Cores: 2, Busy: 2, Service: 0.7, Cluster: 0.7, Harness: 0.5, Others: 0.1}
	waiting, running := neighbours, neighbours
	waiting.Waited, waiting.Threads = 940*time.Millisecond, 8
	running.Waited, running.Threads = 840*time.Millisecond, 8
	unknown := record.CPU{Cores: 2, Busy: 2, Service: -1, Cluster: -1, Harness: -1, Others: -1}
	all := func(c record.CPU) func(int) record.CPU { return func(int) record.CPU { return c } }
	mixed := func(second int) record.CPU {
		if second >= 15 {
			return neighbours
		}
		return service
	}
	allFail := func(e *record.Entry) bool {
		if e.Second != nil && sinceBegin(e) > 8.5 {
			e.Second.Failed, e.Second.OK, e.Second.Latency = map[string][]int{record.ClassTimeout: e.Second.OK}, nil, ""
		}
		return true
	}
	none := change(func(*record.Entry) bool { return true })
	one := second("external/fresh", 16, func(s *record.Second) { fail(s, record.ClassRefused, 1) })
	for name, c := range map[string]struct {
		busy   float64
		cpu    func(second int) record.CPU // nil: no entries, as in older records
		change change
		check  verdict.Result
		want   verdict.Result
		got    string
	}{
		"the service, and all fail":            {1, all(service), allFail, verdict.Pass, verdict.Fail, "by the service itself in 21; the service used 1.2, the cluster 0.4, the harness 0.3, others 0.1 of 2 cores"},
		"the service, and none fail":           {1, all(service), none, verdict.Pass, verdict.Pass, "by the service itself in 21"},
		"neighbours, and all fail":             {1, all(neighbours), allFail, verdict.Invalid, verdict.Invalid, "CPU usage on average; the service used 0.3, the cluster 0.2, the harness 0.1, others 1.4 of 2 cores"},
		"the service waited for them":          {1, all(waiting), allFail, verdict.Invalid, verdict.Invalid, "others 1.4 of 2 cores; the service waited up to 940 ms in a second for a core"},
		"the service waited for nobody":        {1, all(running), allFail, verdict.Pass, verdict.Fail, "21 of 21 seconds saturated, 100 % CPU usage on average; the service used 0.3, the cluster 0.2, the harness 0.1, others 1.4 of 2 cores; the service waited up to 840 ms"},
		"cluster and harness, and all fail":    {1, all(ourselves), allFail, verdict.Invalid, verdict.Invalid, "the harness 0.5"},
		"the service, neighbours at the end":   {1, mixed, allFail, verdict.Pass, verdict.Fail, "had failed before that"},
		"neighbours when the one failed":       {1, mixed, one, verdict.Invalid, verdict.Invalid, "in 6 of 21 seconds"},
		"somebody, and all fail":               {1, all(unknown), allFail, verdict.Invalid, verdict.Invalid, "21 of 21 seconds"},
		"nobody was asked, and all fail":       {1, nil, allFail, verdict.Invalid, verdict.Invalid, "21 of 21 seconds"},
		"the service, with room, and one":      {0.8, all(service), one, verdict.Pass, verdict.Fail, "80 % CPU usage on average; the service used 1.2"},
		"none, in a record of an older hagate": {0.5, nil, none, verdict.Pass, verdict.Pass, "0 of 21 seconds saturated, 50 % CPU usage on average"},
	} {
		t.Run(name, func(t *testing.T) {
			entries := slices.DeleteFunc(verdicttest.PodDelete(), func(e record.Entry) bool { return e.CPU != nil })
			for at := range 22 {
				if c.cpu != nil {
					used := c.cpu(at)
					entries = append(entries, record.Entry{Time: verdicttest.Began.Add(time.Duration(at)*time.Second + 600*time.Millisecond), Scenario: "pod-delete", CPU: &used})
				}
			}
			s := scenario(entries, func(e *record.Entry) bool {
				if e.Health != nil {
					e.Health.Busy = c.busy
				}
				return c.change(e)
			})
			got := find(t, s, "machine-headroom")
			if got.Result != c.check || s.Result != c.want || !strings.Contains(got.Got.String(), c.got) || c.cpu == nil && strings.Contains(got.Got.String(), "used") {
				t.Errorf("scenario is %s: %s; %+v", s.Result, s.Reason, got)
			}
		})
	}
}

// othersLeave has a Pod that nobody hit be on its way out as well.
func othersLeave(e *record.Entry) bool {
	if e.Pod != nil && e.Pod.UID == "pod-delete-old-0" {
		e.Pod.Terminating = &verdicttest.Began
	}
	return true
}

// from gives the shares to the seconds from first on, and 0 to the others.
func from(first int, shares ...float64) func(int) float64 {
	return func(second int) float64 {
		if i := second - first; i >= 0 && i < len(shares) {
			return shares[i]
		}
		return 0
	}
}

func TestEvictionsBelowABudget(t *testing.T) {
	s := scenario(verdicttest.NodeDrain(), func(e *record.Entry) bool {
		if e.PDB != nil {
			e.PDB.DesiredHealthy = 3
		}
		return true
	})
	if got := find(t, s, "pdb-respected"); got.Result != verdict.Fail {
		t.Errorf("%+v", got)
	}
}

func TestProofsOfOtherFaults(t *testing.T) {
	for name, c := range map[string]struct {
		entries []record.Entry
		change  change
	}{
		"a killed Pod that is only terminating": {verdicttest.Busy(), func(e *record.Entry) bool {
			if e.Pod != nil {
				e.Pod.Gone = false
			}
			return true
		}},
		"a kill without evidence": {verdicttest.Busy(), func(e *record.Entry) bool {
			if e.Fault != nil {
				e.Fault.Evidence = nil
			}
			return true
		}},
		"a drain without a cordon": {verdicttest.NodeDrain(), func(e *record.Entry) bool {
			if e.Node != nil {
				e.Node.Unschedulable = false
			}
			return true
		}},
		"a drain after which the Pod stays": {verdicttest.NodeDrain(), drop(func(e *record.Entry) bool { return e.Pod != nil && e.Pod.Terminating != nil })},
	} {
		if got := find(t, scenario(c.entries, c.change), "fault-proven"); got.Result != verdict.Invalid {
			t.Errorf("%s: %+v", name, got)
		}
	}
	cordoned := scenario(verdicttest.NodeDrain(), drop(func(e *record.Entry) bool { return e.Node != nil && !e.Node.Unschedulable && sinceBegin(e) > 50 }))
	if got := find(t, cordoned, "fault-reverted"); got.Result != verdict.Invalid {
		t.Errorf("a node that stays cordoned: %+v", got)
	}
	helped := scenario(verdicttest.NodeDrain(), func(e *record.Entry) bool {
		if e.Fault != nil && e.Fault.State == record.Reverted {
			e.Fault.Evidence = []record.Text{record.Words("the kubelet was restarted")}
		}
		return true
	})
	if got := find(t, helped, "fault-reverted"); got.Got.String() != "reverted; the kubelet was restarted" {
		t.Errorf("what reverting took: %+v", got)
	}
}

// A closed connection and the client's own failures are no failed requests; a blocked
// drain owes no recovery phases; a scenario without a fault owes no fault.
func TestNotHeldAgainstTheService(t *testing.T) {
	closed := scenario(verdicttest.PodDelete(), second("external/reused", 9, func(s *record.Second) { fail(s, record.ClassClosed, 3) }))
	if closed.Result != verdict.Pass {
		t.Errorf("three closed in flight: %s: %s", closed.Result, closed.Reason)
	}
	blocked := scenario(verdicttest.NodeDrain(), func(e *record.Entry) bool {
		if e.Fault != nil && e.Fault.State == record.Injected {
			e.Fault = &record.Fault{Name: e.Fault.Name, Effect: e.Fault.Effect, State: record.Blocked, Error: record.Words("the budget allows no eviction")}
		}
		return (e.Phase == nil || e.Phase.Name != record.Recovery && e.Phase.Name != record.Settled) && (e.Pod == nil || e.Pod.Terminating == nil)
	})
	if blocked.Result != verdict.Fail {
		t.Errorf("a blocked drain: %s: %s", blocked.Result, blocked.Reason)
	}
	steady := scenario(verdicttest.PodDelete(), func(e *record.Entry) bool {
		if e.Start != nil {
			e.Start.NoFault, e.Start.SLO.MinReady = true, 3
		}
		late := sinceBegin(e) > 8
		return e.Fault == nil && (e.Phase == nil || e.Phase.Name != record.FaultIn && e.Phase.Name != record.Recovery) &&
			!(late && (e.Pod != nil || e.Endpoints != nil || e.Workload != nil))
	})
	for _, c := range steady.Checks {
		if c.Result != verdict.Pass && c.Result != verdict.Skipped && c.Name != "replicas-back" {
			t.Errorf("without a fault: %+v", c)
		}
	}
}

// FuzzJudge has no traffic in a record but seconds without a latency: histograms have a
// fuzz target of their own, and decoding them here would leave no time for anything else.
func FuzzJudge(f *testing.F) {
	at := func(second int) time.Time { return verdicttest.Began.Add(time.Duration(second) * time.Second) }
	one := record.Victim{Kind: "Pod", Namespace: "a", Name: "a-1", UID: "u1"}
	start := record.Start{Name: "s", Planned: true, Replicas: 1, Plan: record.Plan{Rate: 2, Streams: []record.Stream{{Vantage: record.External, Mode: record.Fresh}}}}
	raised := start
	raised.Plan.From, raised.Plan.Steps = at(0), []record.Step{{Rate: 2, Seconds: 2}, {Rate: 4, Seconds: 2}}
	second := record.Entry{Time: at(2), Clock: record.External, Second: &record.Second{Stream: "external/fresh", Due: 2, OK: []int{1}, Failed: map[string][]int{record.ClassRefused: {0, 1}}}}
	for _, seed := range [][]record.Entry{
		{{Time: at(0), Start: &start}, {Time: at(1), Phase: &record.Phase{Name: record.Baseline}}, second, {Time: at(3), Fault: &record.Fault{Name: "pod-delete", State: record.Injecting, Victims: []record.Victim{one}}}},
		{{Time: at(0), Start: &raised}, {Time: at(2), Phase: &record.Phase{Name: record.StepUp}}, second, second},
		{{Time: at(0), Start: &start}, {Time: at(1), Pod: &record.Pod{UID: "u1", Phase: "Running", Terminating: new(at(3)), Grace: 1}}, {Time: at(2), Endpoints: &record.Endpoints{List: []record.Endpoint{{Pod: "a-1", UID: "u1", Ready: true}}}},
			{Time: at(3), Workload: &record.Workload{Replicas: 1}}, {Time: at(4), Answer: &record.Answer{UID: "u1", Status: 200}}, {Time: at(5), PDB: &record.PDB{Name: "a", DesiredHealthy: 1}}},
		{second, {Time: at(2), Health: &record.Health{Vantage: record.External, Busy: 1}}, {Time: at(2), CPU: &record.CPU{Cores: 2, Busy: 2, Service: 1}}, {Time: at(3), Finding: &record.Finding{OK: true}}, {Time: at(4), Node: &record.Node{Name: "n"}}},
	} {
		var text bytes.Buffer
		out := json.NewEncoder(&text)
		for _, e := range seed {
			e.Scenario = "s"
			if err := out.Encode(e); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(text.Bytes())
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var j verdict.Judge
		for line := range bytes.Lines(text) {
			var e record.Entry
			if json.Unmarshal(line, &e) != nil {
				continue
			}
			if e.Second != nil {
				e.Second.Latency = ""
			}
			j.Add(e)
		}
		if v := j.Verdict(); v.Result == verdict.Pass {
			t.Errorf("a record that does not end passed: %s", v.Reason)
		}
	})
}

func endpoints(e *record.Entry) []record.Endpoint {
	if e.Endpoints == nil {
		return nil
	}
	return e.Endpoints.List
}

func scenario(entries []record.Entry, c change) verdict.Scenario {
	var j verdict.Judge
	for _, e := range entries {
		if c(&e) {
			j.Add(e)
		}
	}
	return j.Scenario(entries[0].Scenario)
}

func find(t *testing.T, s verdict.Scenario, check string) verdict.Check {
	t.Helper()
	i := slices.IndexFunc(s.Checks, func(c verdict.Check) bool { return c.Name == check })
	if i < 0 {
		t.Fatalf("no check %s in %s", check, s.Name)
	}
	return s.Checks[i]
}
