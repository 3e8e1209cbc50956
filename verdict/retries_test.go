package verdict_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
	"hagate/verdict/words"
)

// What clients save by trying again is no failure, and stands in the verdict's first line;
// what is known of the first tries still names the cause.
func TestRetriesThatSave(t *testing.T) {
	drain := func() []record.Entry {
		entries := verdicttest.NodeDrain()
		for _, e := range entries {
			if e.Start != nil {
				e.Start.SLO.MinServesOn = 0 // the target's own word: its clients try again
			}
		}
		return verdicttest.Run(entries)
	}
	plain, v := judge(drain()), judge(verdicttest.Retried(drain()))
	n := plain.Requests.Failed + plain.Requests.Closed
	if plain.Result != verdict.Fail || plain.Requests.Retried != 0 || n == 0 {
		t.Fatalf("without retries it is %s: %s", plain.Result, plain.Reason)
	}
	s := v.Scenarios[0]
	const first = " requests needed a retry, so the service's clients must retry as well"
	if v.Result != verdict.Pass || !strings.Contains(v.Reason.String(), "; "+words.Count(n)+first) || !strings.Contains(s.Reason.String(), "; "+words.Count(n)+first) {
		t.Errorf("%s: %s; %s", v.Result, v.Reason, s.Reason)
	}
	if v.Requests.Retried != n || v.Requests.Failed != 0 || v.Requests.OK != v.Requests.Due {
		t.Errorf("%+v, want %d retried", v.Requests, n)
	}
	by := map[string]int{}
	for i, st := range s.Streams {
		saved := 0
		for class, n := range st.Saved {
			by[class] += n
			saved += n
		}
		if was := plain.Scenarios[0].Streams[i]; st.Retried != was.Failed+was.ClosedInFlight || saved != st.Retried || st.Failed != 0 {
			t.Errorf("%s: %d retried, %d saved; without retries %d failed", st.Name, st.Retried, saved, was.Failed)
		}
	}
	if by[record.ClassRefused] == 0 || by[record.ClassClosed] == 0 || by[record.ClassReset] == 0 {
		t.Errorf("saved, by the class of the first try: %v", by)
	}
	if len(s.Diagnoses) == 0 || s.Diagnoses[0].Rule != "stops-while-routed" || !s.Diagnoses[0].Retried || s.Diagnoses[0].Failed != n || s.Cause.String() != "" {
		t.Errorf("%q, %+v", s.Cause, s.Diagnoses)
	}
	got := find(t, s, "failed-requests")
	if got.Want.String() != "at most 0 on each stream; retries of each: at most 1" || got.Got.String() != "none failed; "+words.Count(n)+" needed a retry" {
		t.Errorf("%+v", got)
	}
}

// That clients may try again stands in every report, also where none had to.
func TestRetriesAreToldAsTolerance(t *testing.T) {
	told := func(v verdict.Verdict) bool {
		return slices.ContainsFunc(v.Tolerances, func(s record.Setting) bool {
			return s.Name.String() == "retries" && s.Value.String() == "≤ 1 for a request"
		})
	}
	without, with := judge(verdicttest.Run(verdicttest.PodDelete())), judge(verdicttest.Run(verdicttest.Retried(verdicttest.PodDelete())))
	if told(without) || !told(with) {
		t.Errorf("without retries %v, with some %v", without.Tolerances, with.Tolerances)
	}
	if with.Result != verdict.Pass || with.Reason.String() != without.Reason.String() {
		t.Errorf("%s: %s", with.Result, with.Reason)
	}
}

// A request whose last try failed is a failure, however many others were saved, and what
// explains it is not told a second time for those.
func TestRetriesThatDoNotSave(t *testing.T) {
	entries := verdicttest.Retried(verdicttest.NodeDrain())
	lost := 0
	for _, e := range entries {
		if s := e.Second; s != nil && s.Stream == "external/fresh" && len(s.Saved[record.ClassRefused]) > 0 && lost == 0 {
			s.Failed = map[string][]int{record.ClassRefused: s.Saved[record.ClassRefused]}
			delete(s.Saved, record.ClassRefused)
			for i, n := range s.Failed[record.ClassRefused] {
				s.OK[i] -= n
				lost += n
			}
		}
	}
	v := judge(verdicttest.Run(entries))
	s := v.Scenarios[0]
	if v.Result != verdict.Fail || v.Requests.Failed != lost || v.Requests.Retried <= lost || !strings.Contains(s.Reason.String(), "needed a retry") {
		t.Errorf("%s: %s; %+v", v.Result, s.Reason, v.Requests)
	}
	rules := map[string]int{}
	for _, d := range s.Diagnoses {
		rules[d.Rule]++
	}
	if d := s.Diagnoses[0]; rules["stops-while-routed"] != 1 || d.Rule != "stops-while-routed" || d.Retried || d.Failed != lost || s.Cause.String() != d.What.String() {
		t.Errorf("%+v", s.Diagnoses)
	}
}

// Each cause that failures show is named by first tries as well that another one saved, but
// for what is one only where it exceeds what the scenario allows.
func TestRetriesNameCauses(t *testing.T) {
	for _, c := range verdicttest.Causes() {
		failed := 0
		for _, d := range judge(verdicttest.Run(c.Entries)).Scenarios[0].Diagnoses {
			if d.Rule == c.Cause {
				failed = max(failed, d.Failed)
			}
		}
		s := judge(verdicttest.Run(verdicttest.Retried(c.Entries))).Scenarios[0]
		named := slices.ContainsFunc(s.Diagnoses, func(d verdict.Diagnosis) bool { return d.Rule == c.Cause })
		if failed > 0 && c.Cause != "unexplained" && c.Cause != "noticed-late" && !named {
			t.Errorf("%s: %s (%s): %+v", c.Name, s.Result, s.Reason, s.Diagnoses)
		}
	}
}

// How long clients leave connections idle is told with a race of idle timeouts, where the
// target says it.
func TestPausesAreToldOfAnIdleTimeoutRace(t *testing.T) {
	for _, pause := range []time.Duration{0, 5 * time.Second} {
		for _, c := range verdicttest.Causes() {
			if c.Cause != "idle-timeout-race" {
				continue
			}
			for _, e := range c.Entries {
				if e.Start != nil {
					e.Start.Plan.ThinkTime = pause
				}
			}
			d := judge(verdicttest.Run(c.Entries)).Scenarios[0].Diagnoses[0]
			if told := strings.Contains(fmt.Sprint(d.Evidence), "clients leave each connection idle for 5 s or a little more"); d.Rule != c.Cause || told != (pause > 0) {
				t.Errorf("%s: %+v", pause, d)
			}
		}
	}
}
