package verdict_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

// before has each stream have sent for so many seconds more before the first that is
// recorded, as edit has them. It begins at 0.
func before(seconds int, entries []record.Entry, edit func(at int, s *record.Second)) []record.Entry {
	var more []record.Entry
	for _, e := range entries {
		if e.Second == nil || sinceBegin(&e) != 5 {
			continue
		}
		for at := range seconds {
			again, s := e, *e.Second
			again.Time, again.Second = e.Time.Add(time.Duration(at-seconds-5)*time.Second), &s
			s.OK, s.Failed = append([]int{}, e.Second.OK...), nil
			edit(at, &s)
			more = append(more, again)
		}
	}
	return append(entries, more...)
}

// dark has every request of a second fail.
func dark(s *record.Second, class string) {
	s.Failed, s.OK, s.Latency = map[string][]int{class: s.OK}, make([]int, record.SlotsPerSecond), ""
}

func verdictOf(scenarios ...[]record.Entry) verdict.Verdict {
	var j verdict.Judge
	for _, e := range verdicttest.Run(scenarios...) {
		j.Add(e)
	}
	return j.Verdict()
}

// addsUp wants every request that was sent in the verdict once.
func addsUp(t *testing.T, v verdict.Verdict) {
	t.Helper()
	failed, closed, unmade := 0, 0, 0
	for _, s := range v.Scenarios {
		for _, st := range s.Streams {
			failed += st.Charged()
			closed += st.ClosedInFlight
			unmade += st.Unmade
		}
	}
	if r := v.Requests; r.Due != r.OK+r.Failed+r.Closed+r.Client+r.Unmade || r.Failed != failed || r.Closed != closed || r.Unmade != unmade {
		t.Errorf("%+v does not add up: the scenarios have %d failed, %d closed in flight and %d before a way was made", r, failed, closed, unmade)
	}
}

// A second that two scenarios have is one where both have the same of it, and two where it
// is of two loads.
func TestASecondOfTwoScenarios(t *testing.T) {
	first := verdicttest.PodDelete()
	last := first[slices.IndexFunc(first, func(e record.Entry) bool { return e.Second != nil && sinceBegin(&e) == 21 })]
	other := record.Second{Stream: last.Second.Stream, Due: 3, OK: []int{1}, Failed: map[string][]int{record.ClassRefused: {2}}}
	for how, c := range map[string]struct {
		again       record.Second
		due, failed int // more than without it
	}{"the same": {*last.Second, 0, 0}, "of another load": {other, 3, 2}} {
		next := verdicttest.Steady(10*time.Second, func(string, float64) time.Duration { return time.Millisecond })
		next = late(100*time.Second, next)
		alone := verdictOf(verdicttest.PodDelete(), next)
		e := last
		e.Scenario, e.Second = next[0].Scenario, &c.again
		both := verdictOf(verdicttest.PodDelete(), append(next, e))
		if due, failed := both.Requests.Due-alone.Requests.Due, both.Requests.Failed-alone.Requests.Failed; due != c.due || failed != c.failed {
			t.Errorf("%s: %d requests more, %d failed more; want %d, %d", how, due, failed, c.due, c.failed)
		}
		addsUp(t, both)
	}
}

func external(s *record.Second) bool { return strings.HasPrefix(s.Stream, record.External) }

// What fails before the clean baseline is the service's, unless it found no connection on a
// way that had not carried an answer yet, and later did.
func TestWaysThatAreMade(t *testing.T) {
	for how, c := range map[string]struct {
		seconds int
		edit    func(at int, s *record.Second)
		unmade  int // on each external stream
		failed  int // likewise, the service's
	}{
		"nothing fails": {5, func(int, *record.Second) {}, 0, 0},
		"no way from outside for a while": {5, func(at int, s *record.Second) {
			if external(s) && at < 3 {
				dark(s, record.ClassRefused)
			}
		}, 300, 0},
		"no way at all, for a while": {5, func(at int, s *record.Second) {
			if at < 3 {
				dark(s, record.ClassTimeout)
			}
		}, 300, 0},
		"no way at all, for long": {50, func(at int, s *record.Second) {
			if at < 40 {
				dark(s, record.ClassRefused)
			}
		}, 1000, 3000},
		"no way from outside for long, and one from inside": {50, func(at int, s *record.Second) {
			if external(s) && at < 40 {
				dark(s, record.ClassNetwork)
			}
		}, 4000, 0},
		"answers that are errors": {5, func(at int, s *record.Second) {
			if external(s) && at < 3 {
				dark(s, record.ClassStatus5)
			}
		}, 0, 300},
		"the way is there, and then not": {5, func(at int, s *record.Second) {
			if external(s) && (at == 0 || at == 2) {
				dark(s, record.ClassRefused)
			}
		}, 100, 100},
		"some of a second": {5, func(at int, s *record.Second) {
			if external(s) && at == 1 {
				fail(s, record.ClassRefused, 7)
			}
		}, 0, 7},
		"the way is made within a second": {5, func(at int, s *record.Second) {
			if external(s) && at == 0 {
				s.Failed = map[string][]int{record.ClassRefused: append(append([]int{}, s.OK[:40]...), make([]int, 60)...)}
				s.OK = append(make([]int, 40), s.OK[40:]...)
			}
		}, 40, 0},
	} {
		t.Run(how, func(t *testing.T) {
			v := verdictOf(before(c.seconds, verdicttest.PodDelete(), c.edit))
			addsUp(t, v)
			for _, st := range v.Scenarios[0].Streams {
				if strings.HasPrefix(st.Name, record.External) && (st.Unmade != c.unmade || st.FailedBefore != c.failed) {
					t.Errorf("%s: %d before the way was made, %d of the service; want %d and %d", st.Name, st.Unmade, st.FailedBefore, c.unmade, c.failed)
				}
			}
			if want := map[bool]verdict.Result{true: verdict.Pass, false: verdict.Fail}[c.failed == 0]; v.Result != want {
				t.Errorf("%s: %s; want %s", v.Result, v.Reason, want)
			}
		})
	}
}

// A request that was taken and not answered in time had a way.
func TestAWayThatTakesAndDoesNotAnswer(t *testing.T) {
	for phase, want := range map[string]verdict.Result{"connect": verdict.Pass, "lookup": verdict.Pass, "wait for response": verdict.Fail} {
		entries := before(5, verdicttest.PodDelete(), func(at int, s *record.Second) {
			if external(s) && at == 0 {
				dark(s, record.ClassTimeout)
			}
		})
		first := entries[0]
		for _, stream := range []string{"external/fresh", "external/reused"} {
			entries = append(entries, record.Entry{Time: verdicttest.Began.Add(-5 * time.Second), Clock: record.External, Scenario: first.Scenario,
				Request: &record.Request{Stream: stream, Class: record.ClassTimeout, Error: phase + ": no end within the timeout"}})
		}
		if v := verdictOf(entries); v.Result != want {
			t.Errorf("%s: %s: %s", phase, v.Result, v.Reason)
		}
	}
}

// What a load finds on a way that an earlier scenario used is charged to the one whose fault
// came last; on one of its own to its own scenario.
func TestAnotherWay(t *testing.T) {
	for how, c := range map[string]struct {
		url, stream, class string
		want               [2]verdict.Result
	}{
		"the same way":                                {"http://nginx-svc.nginx:80", record.External, record.ClassRefused, [2]verdict.Result{verdict.Fail, verdict.Pass}},
		"another one, before it was made":             {"http://10.0.0.9:80", record.External, record.ClassRefused, [2]verdict.Result{verdict.Pass, verdict.Pass}},
		"another one, on which it answers badly":      {"http://10.0.0.9:80", record.External, record.ClassStatus5, [2]verdict.Result{verdict.Pass, verdict.Fail}},
		"another one, while an old one fails as well": {"http://10.0.0.9:80", record.InCluster, record.ClassRefused, [2]verdict.Result{verdict.Fail, verdict.Pass}},
	} {
		second := late(100*time.Second, before(50, verdicttest.PodDelete(), func(at int, s *record.Second) {
			if strings.HasPrefix(s.Stream, c.stream) && at < 40 {
				dark(s, c.class)
			}
		}))
		for i := range second {
			second[i].Scenario = "lb-local"
			if start := second[i].Start; start != nil {
				for j, st := range start.Plan.Streams {
					if st.Vantage == record.External {
						start.Plan.Streams[j].URL = c.url
					}
				}
			}
		}
		v := verdictOf(verdicttest.PodDelete(), second)
		addsUp(t, v)
		if got := [2]verdict.Result{v.Scenarios[0].Result, v.Scenarios[1].Result}; got != c.want {
			t.Errorf("%s: %v, want %v: %s", how, got, c.want, v.Reason)
		}
		var j verdict.Judge
		for _, e := range verdicttest.Run(verdicttest.PodDelete(), second) {
			j.Add(e)
		}
		if one := j.Scenario("lb-local"); one.Result != c.want[1] {
			t.Errorf("%s: alone %s: %s", how, one.Result, one.Reason)
		}
	}
}

// What met a closing connection before the clean baseline is judged as well.
func TestClosedBeforeTheBaseline(t *testing.T) {
	closing := func(each int) verdict.Verdict {
		return verdictOf(before(5, verdicttest.PodDelete(), func(at int, s *record.Second) {
			if s.Stream == "external/reused" && at == 2 {
				fail(s, record.ClassClosed, each)
			}
		}))
	}
	for each, want := range map[int]verdict.Result{2: verdict.Pass, 20: verdict.Fail} {
		v := closing(each)
		addsUp(t, v)
		if got := v.Scenarios[0].Streams[3].ClosedInFlight; v.Result != want || got != each {
			t.Errorf("%d: %d, %s: %s", each, got, v.Result, v.Reason)
		}
	}
}

// What a PASS says of failures within the budget counts those before the clean baseline.
func TestAPassCountsWhatFailedBefore(t *testing.T) {
	entries := before(5, verdicttest.PodDelete(), func(at int, s *record.Second) {
		if s.Stream == "external/fresh" && at == 1 {
			fail(s, record.ClassRefused, 7)
		}
	})
	for _, e := range entries {
		if e.Start != nil {
			e.Start.SLO.MaxFailed = 10
		}
	}
	if v := verdictOf(entries); v.Result != verdict.Pass || !strings.Contains(v.Scenarios[0].Reason.String(), "7 failed, within the budget") {
		t.Errorf("%s: %s", v.Result, v.Scenarios[0].Reason)
	}
}
