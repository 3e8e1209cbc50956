package attack

import (
	"math/bits"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// schedule says when each request is due, and is vegeta's pacer for exactly that:
//
//	due(n) = began + n/rate
//
// n is 0 for the first request, rate is in requests/second, and began is when vegeta
// first asked. Any whole second has exactly rate due times in it. vegeta numbers
// results in the order in which workers take up the requests it paced, one number
// for each, so Result.Seq is n.
type schedule struct {
	rate  int
	grace time.Duration // after the end, for requests that were due before and not sent yet

	began atomic.Pointer[time.Time]
	end   atomic.Int64 // nanoseconds after began; later requests are not due
}

var _ vegeta.Pacer = (*schedule)(nil)

func newSchedule(rate int, longest, grace time.Duration) *schedule {
	s := &schedule{rate: rate, grace: grace}
	s.end.Store(int64(longest))
	return s
}

// Pace implements vegeta.Pacer. The first call is made before any request.
func (s *schedule) Pace(elapsed time.Duration, hits uint64) (time.Duration, bool) {
	if s.began.Load() == nil {
		began := time.Now().Add(-elapsed)
		s.began.Store(&began)
	}
	at, end := s.offset(hits), time.Duration(s.end.Load())
	if at > end || elapsed > end+s.grace {
		return 0, true
	}
	return at - elapsed, false
}

// Rate implements vegeta.Pacer.
func (s *schedule) Rate(time.Duration) float64 { return float64(s.rate) }

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
	return time.Duration(n * uint64(time.Second) / uint64(s.rate))
}

// before is how many requests are due before d has passed since began.
func (s *schedule) before(d time.Duration) uint64 {
	if d <= 0 {
		return 0
	}
	// ceil(d·rate/second): 128 bits hold the product, and the quotient is small.
	hi, lo := bits.Mul64(uint64(d), uint64(s.rate))
	n, rest := bits.Div64(hi, lo, uint64(time.Second))
	if rest > 0 {
		n++
	}
	return n
}

// dueIn is how many requests are due in the unix second at sec, without an end.
func (s *schedule) dueIn(sec int64) int {
	from := time.Unix(sec, 0).Sub(*s.began.Load())
	return int(s.before(from+time.Second) - s.before(from))
}

// total is how many requests are due until the end.
func (s *schedule) total() uint64 { return s.before(time.Duration(s.end.Load()) + 1) }
