package verdict

import (
	"slices"
	"time"

	"hagate/record"
)

// usual is how quick the service was in the run's first baseline, when nothing had been
// done to it yet: a later baseline may be of Pods that have just started, or of a service
// that has not come back to itself.
type usual struct {
	plan record.Plan
	p50  map[string]time.Duration // by stream
	p99  time.Duration            // of the stream that was worst, likewise:
	max  time.Duration
}

// asUsual is what f's own clean baseline shows; nil where it has none.
func (f *facts) asUsual() *usual {
	if f.turn.IsZero() || f.to <= f.from {
		return nil
	}
	u := &usual{plan: f.start.Plan, p50: map[string]time.Duration{}}
	for _, st := range f.sums {
		u.p50[st.Name] = st.Baseline.P50
		u.p99, u.max = max(u.p99, st.Baseline.P99), max(u.max, st.Baseline.Max)
	}
	return u
}

// limitP99 is how long the p99 of a stream may be, by what is usual.
func (u *usual) limitP99() time.Duration { return max(MaxP99Ratio*u.p99, PlannedP99) }

// limitMax is how long the slowest request of a stream may take, likewise.
func (u *usual) limitMax(stream string) time.Duration {
	return max(u.p50[stream]+LostPacket, MaxSlowestRatio*u.max)
}

// reference is asUsual where later scenarios may be held to it: one without a fault does not
// wait until the service is warm.
func (f *facts) reference() *usual {
	if f.start.NoFault {
		return nil
	}
	return f.asUsual()
}

// sameLoad says whether two loads are alike, so that latencies of the one may be held
// against the other.
func sameLoad(a, b record.Plan) bool {
	return a.Rate == b.Rate && a.FreshNames == b.FreshNames &&
		slices.EqualFunc(a.Streams, b.Streams, func(x, y record.Stream) bool { return x.URL == y.URL })
}
