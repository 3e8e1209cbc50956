package verdict_test

import (
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

// kept changes every second of the kept-alive streams, in their order.
func kept(edit func(nth int, s *record.Second)) change {
	nth := map[string]int{}
	return func(e *record.Entry) bool {
		if s := e.Second; s != nil && strings.HasSuffix(s.Stream, "/"+record.Reused) {
			edit(nth[s.Stream], s)
			nth[s.Stream]++
		}
		return true
	}
}

// took has every answer of a second take from least to most.
func took(s *record.Second, least, most time.Duration) {
	h := record.NewLatency()
	n := record.Sum(s.OK)
	for i := range n {
		record.AddLatency(h, least+(most-least)*time.Duration(i)/time.Duration(max(1, n-1)))
	}
	s.Latency, _ = record.EncodeLatency(h)
}

func TestConnectionsReused(t *testing.T) {
	const ms = time.Millisecond
	each := func(s *record.Second) { s.Opened = s.Due }
	for name, c := range map[string]struct {
		edit func(nth int, s *record.Second)
		want verdict.Result
		got  string
	}{
		"what is kept, and then nothing": {func(nth int, s *record.Second) {
			s.Opened = 0
			if nth == 0 {
				s.Opened = 8
			}
		}, verdict.Pass, "connections opened: "},
		"a new one for each":              {func(_ int, s *record.Second) { each(s) }, verdict.Invalid, "in-cluster/reused opened"},
		"a new one for each, slow":        {func(_ int, s *record.Second) { each(s); took(s, 590*ms, 610*ms) }, verdict.Invalid, "were not simulated"},
		"a new one for each, very uneven": {func(_ int, s *record.Second) { each(s); took(s, 10*ms, 400*ms) }, verdict.Invalid, "were not simulated"},
		"slow: as many as are in flight": {func(nth int, s *record.Second) {
			if took(s, 590*ms, 610*ms); nth == 0 {
				s.Opened = 61
			}
		}, verdict.Pass, ""},
		"slow, renewed in its midst": {func(nth int, s *record.Second) {
			if took(s, 590*ms, 610*ms); nth == 5 || nth == 15 {
				s.Opened = 69
			}
		}, verdict.Pass, ""},
		"in waves, all at the end of each second": {func(_ int, s *record.Second) { s.Opened = s.Due - 8; took(s, 0, 990*ms) }, verdict.Pass, ""},
		"one each, as the server ends it":         {func(_ int, s *record.Second) { each(s); s.Ended = s.Due }, verdict.Pass, "the service closes each connection after one response"},
		"one each, as it closes behind it":        {func(_ int, s *record.Second) { each(s); s.Noticed = s.Due }, verdict.Pass, "the service closes each connection after one response"},
		"each third ends":                         {func(_ int, s *record.Second) { s.Opened, s.Ended = s.Due/3, s.Due/3 }, verdict.Pass, ""},
		"a fault breaks all of a second": {func(nth int, s *record.Second) {
			switch nth {
			case 10:
				*s = record.Second{Stream: s.Stream, Due: s.Due, OK: make([]int, record.SlotsPerSecond), Failed: map[string][]int{record.ClassReset: oneEach()}, Opened: s.Due}
			case 11:
				s.Opened = 8
			}
		}, verdict.Pass, ""},
		"answers with 503, and a new one each": {func(_ int, s *record.Second) { each(s); fail(s, record.ClassStatus5, 1) }, verdict.Invalid, "were not simulated"},
	} {
		t.Run(name, func(t *testing.T) {
			got := find(t, scenario(verdicttest.PodDelete(), kept(c.edit)), "connections-reused")
			if got.Result != c.want || !strings.Contains(got.Got.String(), c.got) {
				t.Errorf("got %s: %s; want %s with %q", got.Result, got.Got, c.want, c.got)
			}
		})
	}
}

// Where clients pause, those that do are no spare ones: what is in flight may rise and fall
// by no more than the rest without a new connection.
func TestConnectionsReusedWherePaused(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		pause, retries int // seconds; times
		edit           func(nth int, s *record.Second)
		want           verdict.Result
	}{
		"filled as clients pause, and then nothing": {1, 0, func(nth int, s *record.Second) {
			s.Opened = 0
			if nth == 0 {
				s.Opened = 100
			}
		}, verdict.Pass},
		"a new one for each":                {1, 0, func(_ int, s *record.Second) { s.Opened = s.Due }, verdict.Invalid},
		"uneven by more than is spare":      {1, 0, func(_ int, s *record.Second) { s.Opened = 30; took(s, ms, 500*ms) }, verdict.Pass},
		"the same where all are spare":      {0, 0, func(_ int, s *record.Second) { s.Opened = 30; took(s, ms, 500*ms) }, verdict.Invalid},
		"the same, and as even as can be":   {1, 0, func(_ int, s *record.Second) { s.Opened = 30; took(s, 3*ms, 4*ms) }, verdict.Invalid},
		"one more for each that is retried": {0, 1, func(_ int, s *record.Second) { s.Opened, s.Retried = 30, 30 }, verdict.Pass},
		"as many, and fewer retried":        {0, 1, func(_ int, s *record.Second) { s.Opened, s.Retried = 30, 3 }, verdict.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			patient := func(e *record.Entry) bool {
				if e.Start != nil {
					p := &e.Start.Plan
					p.ThinkTime, p.Retries, p.Connection = time.Duration(c.pause)*time.Second, c.retries, 108
				}
				return true
			}
			got := find(t, scenario(verdicttest.PodDelete(), both(patient, kept(c.edit))), "connections-reused")
			if got.Result != c.want || strings.Contains(got.Want.String(), "been idle for 1 s") != (c.pause > 0) {
				t.Errorf("%+v, want %s", got, c.want)
			}
		})
	}
}

// A server that hangs up behind each answer does so where clients try again as well.
func TestConnectionsThatEndEachAndAreTriedAgain(t *testing.T) {
	got := find(t, scenario(verdicttest.PodDelete(), kept(func(_ int, s *record.Second) {
		s.Opened, s.Retried, s.Saved = s.Due, s.Due, map[string][]int{record.ClassClosed: oneEach()}
	})), "connections-reused")
	if got.Result != verdict.Pass || got.Got.String() != "the service closes each connection after one response" {
		t.Errorf("%+v", got)
	}
}

// oneEach is one request in each slot.
func oneEach() []int {
	slots := make([]int, record.SlotsPerSecond)
	for i := range slots {
		slots[i] = 1
	}
	return slots
}
