package verdict_test

import (
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

// waits is a minute in which a scenario waits for a clean baseline and does nothing.
func waits(c change) []record.Entry {
	var entries []record.Entry
	for _, e := range verdicttest.Steady(time.Minute, func(string, float64) time.Duration { return time.Millisecond }) {
		if e.Start != nil {
			e.Start.NoFault = false
		}
		if (e.Phase == nil || e.Phase.Name != record.Settled) && c(&e) {
			entries = append(entries, e)
		}
	}
	return entries
}

// late has entries come later.
func late(by time.Duration, entries []record.Entry) []record.Entry {
	for i := range entries {
		entries[i].Time = entries[i].Time.Add(by)
	}
	return entries
}

// seconds edits every Second.
func seconds(edit func(at float64, stream string, s *record.Second)) change {
	return func(e *record.Entry) bool {
		if e.Second != nil {
			edit(sinceBegin(e), e.Second.Stream, e.Second)
		}
		return true
	}
}

// A service that is not right with nothing done to it FAILs where the harness is healthy,
// and nothing is said of it where the harness is not.
func TestNothingDone(t *testing.T) {
	const old = "nginx01-7d9c-old1"
	for how, c := range map[string]struct {
		change change
		want   verdict.Result
		reason string
	}{
		"clean all the while, and no fault": {func(*record.Entry) bool { return true }, verdict.Invalid, "the scenario stopped before its fault phase"},
		"every request fails": {seconds(func(_ float64, _ string, s *record.Second) {
			s.Failed, s.OK = map[string][]int{record.ClassTimeout: s.OK}, make([]int, record.SlotsPerSecond)
		}), verdict.Fail, "with no fault injected"},
		"one in a hundred, every other second": {seconds(func(at float64, _ string, s *record.Second) {
			if int(at)%2 == 0 {
				fail(s, record.ClassStatus5, 1)
			}
		}), verdict.Fail, "132 of 26,800 requests failed (132 5xx)"},
		"kept-alive connections close as they are used": {seconds(func(at float64, stream string, s *record.Second) {
			if strings.HasSuffix(stream, record.Reused) && int(at)%3 == 0 {
				fail(s, record.ClassClosed, 1)
			}
		}), verdict.Fail, "closed"},
		"a ready Pod answers nobody": {seconds(func(_ float64, _ string, s *record.Second) { delete(s.Pods, old) }), verdict.Fail, "ready but never answered: " + old},
		"a replica is not there": {func(e *record.Entry) bool {
			if e.Workload != nil {
				e.Workload.Ready, e.Workload.Available = 2, 2
			}
			return true
		}, verdict.Fail, "3 of 3 replicas exist, 3 are of the newest version, 2 ready"},
		"the client has no ports": {seconds(func(_ float64, _ string, s *record.Second) { fail(s, record.ClassClient, 1) }), verdict.Invalid, "inside the load agent"},
		"the client is late": {seconds(func(_ float64, _ string, s *record.Second) {
			fail(s, record.ClassTimeout, 1)
			s.MaxLate = 700 * time.Millisecond
		}), verdict.Invalid, "a request was sent 700 ms late"},
		"the harness failed": {func(e *record.Entry) bool {
			if e.Second != nil {
				fail(e.Second, record.ClassTimeout, 1)
			}
			if e.PDB != nil {
				e.PDB, e.Problem = nil, &record.Problem{What: record.Words("node worker1 is no longer ready or schedulable")}
			}
			return true
		}, verdict.Invalid, "node worker1"},
	} {
		t.Run(how, func(t *testing.T) {
			s := scenario(waits(c.change), func(*record.Entry) bool { return true })
			if s.Result != c.want || !strings.Contains(s.Reason.String(), c.reason) {
				t.Errorf("%s: %s; want %s, %q", s.Result, s.Reason, c.want, c.reason)
			}
		})
	}
}

// Every request is charged to a scenario: what fails before one's fault to the one whose
// fault came last, and to itself where none had.
func TestNoTimeIsNobodys(t *testing.T) {
	failing := func(from, to float64, entries []record.Entry) []record.Entry {
		c := seconds(func(at float64, _ string, s *record.Second) {
			if at >= from && at < to {
				fail(s, record.ClassRefused, 10)
			}
		})
		for i := range entries {
			c(&entries[i])
		}
		return entries
	}
	steady := func() []record.Entry {
		return verdicttest.Steady(10*time.Second, func(string, float64) time.Duration { return time.Millisecond })
	}
	if v := verdictOf(verdicttest.PodDelete()); v.Result != verdict.Pass || v.Requests.Due == 0 || v.Requests.Due != v.Requests.OK {
		t.Fatalf("%s: %s: %+v", v.Result, v.Reason, v.Requests)
	}
	after := verdicttest.PodDelete()
	last := after[len(after)-1]
	s := record.Second{Stream: "external/fresh", Due: 1, OK: make([]int, record.SlotsPerSecond), Failed: map[string][]int{record.ClassRefused: {1}}}
	after = append(after, record.Entry{Time: last.Time.Truncate(time.Second).Add(3 * time.Second), Clock: record.External, Scenario: last.Scenario, Second: &s})
	v := verdictOf(after)
	if addsUp(t, v); v.Result != verdict.Fail || !strings.Contains(v.Reason.String(), "after the scenario's end, before the next fault") {
		t.Errorf("a failure between scenarios: %s: %s", v.Result, v.Reason)
	}
	next := failing(23, 25, late(21*time.Second, steady()))
	v = verdictOf(verdicttest.PodDelete(), next)
	addsUp(t, v)
	if v.Scenarios[0].Result != verdict.Fail || v.Scenarios[1].Result != verdict.Pass || v.Scenarios[0].Streams[0].FailedAfter != 20 {
		t.Errorf("failures before the next one's baseline: %s: %s, %s: %s", v.Scenarios[0].Result, v.Scenarios[0].Reason, v.Scenarios[1].Result, v.Scenarios[1].Reason)
	}
	nobodys := verdicttest.PodDelete()
	nobodys = append(nobodys, record.Entry{Time: last.Time, Second: &s})
	if v := verdictOf(nobodys); v.Result != verdict.Invalid || !strings.Contains(v.Reason.String(), "belong to no scenario") {
		t.Errorf("a request that no scenario sent: %s: %s", v.Result, v.Reason)
	}
}

// A planned disruption owes the latency of before, too.
func TestLatencyOfPlannedDisruptions(t *testing.T) {
	const lost = 1001 * time.Millisecond
	// every request of a second takes so long, or one alone where that is a lost packet's second
	takes := func(slow func(at float64) time.Duration) []record.Entry {
		entries := verdicttest.PodDelete()
		for i := range entries {
			s, at := entries[i].Second, sinceBegin(&entries[i])
			if s == nil {
				continue
			}
			h := record.NewLatency()
			for n := range record.Sum(s.OK) {
				d := time.Millisecond
				if slow(at) > 0 && (n == 0 || slow(at) != lost) {
					d = slow(at)
				}
				record.AddLatency(h, d)
			}
			s.Latency, _ = record.EncodeLatency(h)
		}
		return entries
	}
	for how, c := range map[string]struct {
		slow func(at float64) time.Duration
		want map[string]verdict.Result
	}{
		"as before":                {func(float64) time.Duration { return 0 }, map[string]verdict.Result{"latency": verdict.Pass, "latency-p99": verdict.Pass}},
		"1.9 s from the fault on":  {func(at float64) time.Duration { return map[bool]time.Duration{true: 1900 * time.Millisecond}[at > 8] }, map[string]verdict.Result{"latency": verdict.Fail, "latency-p99": verdict.Fail}},
		"one that lost a packet":   {func(at float64) time.Duration { return map[bool]time.Duration{true: lost}[at == 9] }, map[string]verdict.Result{"latency": verdict.Fail, "latency-p99": verdict.Pass}},
		"1.5 s, before and during": {func(float64) time.Duration { return 1500 * time.Millisecond }, map[string]verdict.Result{"latency": verdict.Pass, "latency-p99": verdict.Pass}},
	} {
		t.Run(how, func(t *testing.T) {
			s := scenario(takes(c.slow), func(*record.Entry) bool { return true })
			for check, want := range c.want {
				if got := find(t, s, check); got.Result != want {
					t.Errorf("%+v, want %s", got, want)
				}
			}
		})
	}
	set := scenario(takes(func(float64) time.Duration { return 0 }), slo(func(s *record.SLO) { s.MaxP99 = 100 * time.Microsecond }))
	if got := find(t, set, "latency-p99"); got.Result != verdict.Fail {
		t.Errorf("the target's own limit: %+v", got)
	}
}

// A baseline of Pods that have just started excuses no latency: the run's first one counts
// then, of the stream that was worst.
func TestLatencyOfAColdBaseline(t *testing.T) {
	const cold, rare = 1200 * time.Millisecond, 2 * time.Second
	takes := func(entries []record.Entry, slow func(at float64, stream string) time.Duration) []record.Entry {
		for i := range entries {
			if s := entries[i].Second; s != nil {
				h := record.NewLatency()
				for n := range record.Sum(s.OK) {
					d := slow(sinceBegin(&entries[i]), s.Stream)
					if d == rare && n > 0 {
						d = time.Millisecond
					}
					record.AddLatency(h, d)
				}
				s.Latency, _ = record.EncodeLatency(h)
			}
		}
		return entries
	}
	quick := func(float64, string) time.Duration { return time.Millisecond }
	slow := func(float64, string) time.Duration { return cold }
	rarely := func(when func(at float64, stream string) bool) func(float64, string) time.Duration {
		return func(at float64, stream string) time.Duration {
			if when(at, stream) {
				return rare
			}
			return time.Millisecond
		}
	}
	for how, c := range map[string]struct {
		first, second func(at float64, stream string) time.Duration
		want          verdict.Result // of the second
	}{
		"as quick as the first":      {quick, quick, verdict.Pass},
		"slow from the beginning":    {quick, slow, verdict.Fail},
		"as slow as the first":       {slow, slow, verdict.Pass},
		"quicker than the first":     {slow, quick, verdict.Pass},
		"now and then slow, like it": {rarely(func(at float64, stream string) bool { return at == 5 && stream == "external/fresh" }), rarely(func(at float64, _ string) bool { return at == 115 }), verdict.Pass},
	} {
		second := late(100*time.Second, verdicttest.PodDelete())
		for i := range second {
			second[i].Scenario = "pod-delete-all"
		}
		var j verdict.Judge
		for _, e := range verdicttest.Run(takes(verdicttest.PodDelete(), c.first), takes(second, c.second)) {
			j.Add(e)
		}
		whole, one := j.Verdict().Scenarios[1], j.Scenario("pod-delete-all")
		if whole.Result != c.want || one.Result != c.want {
			t.Errorf("%s: %s: %s; alone %s: %s", how, whole.Result, whole.Reason, one.Result, one.Reason)
		}
	}
}

// A service that does not come up has its causes looked for like a failed scenario.
func TestNotUp(t *testing.T) {
	var j verdict.Judge
	add := func(e record.Entry) {
		e.Time = verdicttest.Began
		j.Add(e)
	}
	add(record.Entry{Run: &record.Run{Schema: record.SchemaVersion, Target: "web"}})
	add(record.Entry{Pod: &record.Pod{Name: "web-1", UID: "1", Node: "worker1", Phase: "Running", Reason: "CrashLoopBackOff",
		Message: "back-off 20s restarting failed container=web", Exits: []record.Exit{{Container: "web", Code: 1, Reason: "Error"}}}})
	add(record.Entry{Problem: &record.Problem{What: record.Words("the service did not come up"), Whose: record.WhoseService}})
	add(record.Entry{End: &record.End{}})
	v := j.Verdict()
	if v.Result != verdict.Fail || len(v.Diagnoses) == 0 || v.Diagnoses[0].Rule != "crash-loop" || v.Cause.String() == "" || v.Fix.String() == "" {
		t.Errorf("%s %s, cause %q, %+v", v.Result, v.Reason, v.Cause, v.Diagnoses)
	}
	if all := v.Headlines(); len(all) != 1 || all[0].Cause.String() != v.Cause.String() || len(all[0].Scenarios) > 0 {
		t.Errorf("headlines %+v", all)
	}

	var harness verdict.Judge
	harness.Add(record.Entry{Time: verdicttest.Began, Problem: &record.Problem{What: record.Words("no engine")}})
	if v := harness.Verdict(); v.Result != verdict.Invalid || v.Cause.String() != "" || len(v.Diagnoses) > 0 {
		t.Errorf("what is the harness's: %s, cause %q, %+v", v.Result, v.Cause, v.Diagnoses)
	}
}
