package attack

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/load/transport"
	"hagate/record"
)

func TestTally(t *testing.T) {
	g := NewWithT(t)
	var got []record.Entry
	s := newSchedule(record.Plan{Rate: 4}, time.Hour)
	began := time.Unix(1000, int64(500*time.Millisecond)) // two requests in this second, four in the next
	s.began.Store(&began)
	ta := tally{stream: "external/fresh", slowAfter: 250 * time.Millisecond, schedule: s, open: map[int64]*second{},
		emit: func(e record.Entry) { got = append(got, e) }}
	call := record.Call{Method: "GET", Path: "/", Status: 200}
	add := func(seq uint64, late, took time.Duration, o transport.Outcome) {
		start := s.due(seq).Add(late)
		ta.add(result{Outcome: o, seq: seq, call: call, start: start, done: start.Add(took)})
	}
	ok := transport.Outcome{Status: 200, Pod: "web-1", Opened: 1, Noticed: 2}

	add(1, 0, time.Millisecond, ok)
	g.Expect(got).To(BeEmpty())
	add(0, 60*time.Millisecond, time.Millisecond, ok)
	g.Expect(got).To(HaveLen(1))
	first := got[0]
	g.Expect(first.Time).To(BeTemporally("==", time.Unix(1000, 0)))
	g.Expect(first.Second.Due).To(Equal(2))
	g.Expect(first.Second.OK[50]).To(Equal(1))
	g.Expect(first.Second.OK[75]).To(Equal(1))
	g.Expect(first.Second.Late).To(Equal(1))
	g.Expect(first.Second.MaxLate).To(Equal(60 * time.Millisecond))
	g.Expect(first.Second.Pods).To(Equal(map[string]int{"web-1": 2}))
	g.Expect(first.Second.Status).To(Equal(map[string]int{"200": 2}))
	g.Expect([]int{first.Second.Opened, first.Second.Noticed}).To(Equal([]int{2, 4}))
	h, err := record.DecodeLatency(first.Second.Latency)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(h.TotalCount()).To(BeEquivalentTo(2))
	g.Expect(h.Max()).To(BeNumerically("~", 61000, 61), "latency counts from the due time")

	got = nil
	add(2, 0, 300*time.Millisecond, ok)
	add(3, 0, time.Millisecond, transport.Outcome{Status: 503, Pod: "web-2"})
	add(4, 0, 2*time.Second, transport.Outcome{Class: record.ClassTimeout, Error: "connect: no end within the timeout"})
	ta.flush()
	g.Expect(got).To(HaveLen(4))
	g.Expect(got[0].Request.Class).To(BeEmpty())
	g.Expect(got[0].Request.Latency).To(Equal(300 * time.Millisecond))
	g.Expect(got[1].Request.Class).To(Equal(record.ClassStatus5))
	g.Expect(got[1].Request.Pod).To(Equal("web-2"))
	g.Expect(got[1].Time).To(BeTemporally("==", s.due(3)))
	g.Expect(got[2].Request.Class).To(Equal(record.ClassTimeout))
	last := got[3].Second
	g.Expect(last.Due).To(Equal(3))
	g.Expect(record.Sum(last.OK) + last.FailedTotal()).To(Equal(3))
	g.Expect(last.Failed).To(HaveKey(record.ClassStatus5))
	g.Expect(last.Failed[record.ClassTimeout][50]).To(Equal(1))
	g.Expect(last.Pods).To(Equal(map[string]int{"web-1": 1}))
}

// A request that was tried again counts once: as what became of it in the end, from the first
// try on. What the tries before taught stays.
func TestTallyOfTries(t *testing.T) {
	g := NewWithT(t)
	var got []record.Entry
	s := newSchedule(record.Plan{Rate: 2}, time.Hour)
	began := time.Unix(1000, 0)
	s.began.Store(&began)
	ta := tally{stream: "external/reused", slowAfter: time.Second, schedule: s, open: map[int64]*second{},
		emit: func(e record.Entry) { got = append(got, e) }}
	call := record.Call{Method: "GET", Path: "/", Status: 200}
	closed := transport.Outcome{Class: record.ClassClosed, Error: "wait for response: closed", Pod: "web-1", Reused: true, Took: 3 * time.Millisecond, Noticed: 1}
	away := transport.Outcome{Status: 503, Pod: "web-2", Took: 4 * time.Millisecond, Opened: 1, Ended: 1}
	add := func(seq uint64, last transport.Outcome, before ...transport.Outcome) {
		last.Before = before
		start := s.due(seq).Add(time.Millisecond)
		ta.add(result{Outcome: last, seq: seq, call: call, start: start, done: start.Add(20 * time.Millisecond)})
	}
	add(0, transport.Outcome{Status: 200, Pod: "web-3", Opened: 1}, closed, away)
	add(1, transport.Outcome{Class: record.ClassRefused, Error: "connect: refused"}, away)

	g.Expect(got).To(HaveLen(3))
	saved := got[0].Request
	g.Expect(saved.Class).To(BeEmpty())
	g.Expect(saved.Pod).To(Equal("web-3"))
	g.Expect(saved.Latency).To(Equal(21 * time.Millisecond))
	g.Expect(saved.Tries).To(Equal([]record.Try{
		{At: 4 * time.Millisecond, Class: record.ClassClosed, Error: "wait for response: closed", Pod: "web-1", Reused: true},
		{At: 8 * time.Millisecond, Status: 503, Class: record.ClassStatus5, Error: "unexpected status", Pod: "web-2"},
	}))
	g.Expect(got[1].Request.Class).To(Equal(record.ClassRefused))
	g.Expect(got[1].Request.Tries).To(HaveLen(1))
	sec := got[2].Second
	g.Expect([]int{sec.Due, sec.Retried, sec.Opened, sec.Noticed, sec.Ended}).To(Equal([]int{2, 2, 3, 1, 2}))
	g.Expect(sec.Status).To(Equal(map[string]int{"200": 1, "503": 2}))
	g.Expect(sec.Pods).To(Equal(map[string]int{"web-3": 1}))
	g.Expect(sec.Failed).To(HaveLen(1))
	g.Expect(sec.Failed[record.ClassRefused][50]).To(Equal(1))
	g.Expect(sec.Saved).To(HaveLen(1))
	g.Expect(sec.Saved[record.ClassClosed][0]).To(Equal(1))
	h, err := record.DecodeLatency(sec.Latency)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(h.Max()).To(BeNumerically("~", 21000, 21), "latency counts from the first try")
}

func TestUnexpected(t *testing.T) {
	for status, want := range map[int]string{404: record.ClassStatus4, 429: record.ClassStatus4, 500: record.ClassStatus5, 503: record.ClassStatus5, 204: record.ClassBad, 302: record.ClassBad} {
		if got := unexpected(status); got != want {
			t.Errorf("%d: got %s, want %s", status, got, want)
		}
	}
}
