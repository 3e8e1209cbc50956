package attack

import (
	"math/bits"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"hagate/record"
)

// schedule says when each request is due, and is vegeta's pacer for exactly that.
// Within a leg of it
//
//	due(n) = began + at + (n - first)/rate
//
// n is 0 for the first request, rate is in requests/second, at is when the leg begins
// and first its first request. began is when Pace was first called, or the moment that the
// plan names. Any whole second of a leg has exactly rate due times in it.
type schedule struct {
	legs  []leg
	from  time.Time     // when to begin; at once where zero
	grace time.Duration // after the end, for requests that were due before and not sent yet

	began atomic.Pointer[time.Time]
	lead  time.Duration // from the first call of Pace to began
	end   atomic.Int64  // nanoseconds after began; later requests are not due
}

// leg is a stretch of one rate. It ends where the next one begins.
type leg struct {
	at    time.Duration
	first uint64
	rate  int
}

var _ vegeta.Pacer = (*schedule)(nil)

func newSchedule(plan record.Plan, longest time.Duration) *schedule {
	s := &schedule{legs: []leg{{rate: plan.Rate}}, from: plan.From, grace: plan.Timeout}
	if len(plan.Steps) > 0 {
		s.legs = nil
	}
	var next leg
	for _, step := range plan.Steps {
		next.rate = step.Rate
		s.legs = append(s.legs, next)
		next.at += time.Duration(step.Seconds) * time.Second
		next.first += uint64(step.Rate) * uint64(step.Seconds)
	}
	s.end.Store(int64(longest))
	return s
}

// Pace implements vegeta.Pacer. The first call is made before any request.
func (s *schedule) Pace(elapsed time.Duration, hits uint64) (time.Duration, bool) {
	if s.began.Load() == nil {
		began := time.Now().Add(-elapsed)
		if !s.from.IsZero() {
			s.lead = s.from.Sub(began)
			began = began.Add(s.lead)
		}
		s.began.Store(&began)
	}
	elapsed -= s.lead
	at, end := s.offset(hits), time.Duration(s.end.Load())
	if at > end || elapsed > end+s.grace {
		return 0, true
	}
	return at - elapsed, false
}

// Rate implements vegeta.Pacer.
func (s *schedule) Rate(elapsed time.Duration) float64 {
	return float64(s.leg(func(l leg) bool { return l.at <= elapsed-s.lead }).rate)
}

// stop ends the schedule now: what is due by now is still sent.
func (s *schedule) stop() {
	now := int64(0)
	if began := s.began.Load(); began != nil {
		now = int64(time.Since(*began))
	}
	for {
		end := s.end.Load()
		if end <= now || s.end.CompareAndSwap(end, now) {
			return
		}
	}
}

// due is when request n is due.
func (s *schedule) due(n uint64) time.Time { return s.began.Load().Add(s.offset(n)) }

func (s *schedule) offset(n uint64) time.Duration {
	l := s.leg(func(l leg) bool { return l.first <= n })
	return l.at + time.Duration((n-l.first)*uint64(time.Second)/uint64(l.rate))
}

// leg is the last that has begun, or the first.
func (s *schedule) leg(begun func(leg) bool) leg {
	i := len(s.legs) - 1
	for i > 0 && !begun(s.legs[i]) {
		i--
	}
	return s.legs[i]
}

// before is how many requests are due before d has passed since began.
func (s *schedule) before(d time.Duration) uint64 {
	if d <= 0 {
		return 0
	}
	l := s.leg(func(l leg) bool { return l.at < d })
	// ceil((d-at)·rate/second): 128 bits hold the product, and the quotient is small.
	hi, lo := bits.Mul64(uint64(d-l.at), uint64(l.rate))
	n, rest := bits.Div64(hi, lo, uint64(time.Second))
	if rest > 0 {
		n++
	}
	return l.first + n
}

// dueIn is how many requests are due in the unix second at sec, without an end.
func (s *schedule) dueIn(sec int64) int {
	from := time.Unix(sec, 0).Sub(*s.began.Load())
	return int(s.before(from+time.Second) - s.before(from))
}

// total is how many requests are due until the end.
func (s *schedule) total() uint64 { return s.before(time.Duration(s.end.Load()) + 1) }
