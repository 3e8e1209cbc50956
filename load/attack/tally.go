package attack

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"hagate/load/transport"
	"hagate/record"
)

// tally turns outcomes into record entries. It is used by one goroutine at a time.
type tally struct {
	stream    string
	slowAfter time.Duration
	schedule  *schedule
	emit      func(record.Entry)
	open      map[int64]*second // by unix second
}

// second is a record.Second in the making.
type second struct {
	record.Second
	latency *hdrhistogram.Histogram
}

// result is a request that is over.
type result struct {
	transport.Outcome
	seq         uint64
	call        record.Call
	start, done time.Time
}

// add counts r in the second that it was due in, and emits that second where r was
// the last of it. A failed or slow request is emitted on its own.
func (t *tally) add(r result) {
	due := t.schedule.due(r.seq)
	late, latency := max(0, r.start.Sub(due)), r.done.Sub(due)
	for i := range r.Before {
		hold(&r.Before[i], r.call)
	}
	hold(&r.Outcome, r.call)
	s := t.at(due.Unix())
	slot := due.Nanosecond() / int(time.Second/record.SlotsPerSecond)
	s.Due++
	if r.Class == "" {
		s.OK[slot]++
		if len(r.Before) > 0 {
			inSlot(&s.Saved, r.Before[0].Class, slot)
		}
		record.AddLatency(s.latency, latency)
		if r.Pod != "" {
			count(&s.Pods, r.Pod)
		}
	} else {
		inSlot(&s.Failed, r.Class, slot)
	}
	if len(r.Before) > 0 {
		s.Retried++
	}
	if late > record.LateAfter {
		s.Late++
	}
	s.MaxLate = max(s.MaxLate, late)
	for _, o := range append(slices.Clip(r.Before), r.Outcome) {
		if o.Status != 0 {
			count(&s.Status, strconv.Itoa(o.Status))
		}
		s.Opened += o.Opened
		s.Noticed += o.Noticed
		s.Ended += o.Ended
	}
	if r.Class != "" || latency > t.slowAfter || len(r.Before) > 0 {
		t.emit(record.Entry{Time: due, Request: t.request(r, late, latency)})
	}
	if s.Due == t.schedule.dueIn(due.Unix()) {
		t.finish(due.Unix())
	}
}

// flush emits the seconds that are still open: their end never came.
func (t *tally) flush() {
	for _, at := range slices.Sorted(maps.Keys(t.open)) {
		t.finish(at)
	}
}

func (t *tally) at(sec int64) *second {
	s := t.open[sec]
	if s == nil {
		s = &second{Second: record.Second{Stream: t.stream, OK: make([]int, record.SlotsPerSecond)}, latency: record.NewLatency()}
		t.open[sec] = s
	}
	return s
}

func (t *tally) finish(at int64) {
	s := t.open[at]
	delete(t.open, at)
	var err error
	if s.Latency, err = record.EncodeLatency(s.latency); err != nil {
		t.emit(record.Entry{Problem: &record.Problem{What: record.Words(err.Error())}})
	}
	t.emit(record.Entry{Time: time.Unix(at, 0), Second: &s.Second})
}

func (t *tally) request(r result, late, latency time.Duration) *record.Request {
	q := &record.Request{Stream: t.stream, Seq: r.seq, Method: r.call.Method, Path: r.call.Path,
		Late: late, DNS: r.DNS, Connect: r.Connect, Latency: latency,
		Status: r.Status, Class: r.Class, Error: r.Error, Pod: r.Pod, Reused: r.Reused}
	q.Remote = address(r.Remote)
	at := late
	for _, o := range r.Before {
		at += o.Took
		q.Tries = append(q.Tries, record.Try{At: at, DNS: o.DNS, Connect: o.Connect, Status: o.Status, Class: o.Class, Error: o.Error,
			Pod: o.Pod, Remote: address(o.Remote), Reused: o.Reused})
	}
	return q
}

func address(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// hold holds a whole answer to what call expects.
func hold(o *transport.Outcome, call record.Call) {
	if o.Class == "" && o.Status != call.Status {
		o.Class, o.Error = unexpected(o.Status), "unexpected status"
	}
}

// unexpected is the class of a whole answer that is not the expected one.
func unexpected(status int) string {
	switch status / 100 {
	case 4:
		return record.ClassStatus4
	case 5:
		return record.ClassStatus5
	}
	return record.ClassBad
}

// inSlot counts one of class in a slot.
func inSlot(m *map[string][]int, class string, slot int) {
	if *m == nil {
		*m = map[string][]int{}
	}
	if (*m)[class] == nil {
		(*m)[class] = make([]int, record.SlotsPerSecond)
	}
	(*m)[class][slot]++
}

func count(m *map[string]int, key string) {
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[key]++
}
