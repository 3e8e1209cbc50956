package gate

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

func TestCapacitySLO(t *testing.T) {
	g := NewWithT(t)
	slo := Capacity(3, 201, 4, record.UsualTimeout)
	bare := slo
	bare.Derivation = record.Text{}
	g.Expect(bare).To(Equal(record.SLO{MinReady: 3, MaxLatency: 900 * time.Millisecond, MinRate: 302}), "as traffic without a fault, at 1.5 times its rate")
	for _, named := range []string{
		"1.5 times the declared 201 requests/s must be sustained, 302 on each of 4 streams",
		"5 times its baseline's or 100 ms", "all 3 ready", "lost a SYN",
		"at most 20,000 requests/s in all and 12 steps", "without judging",
	} {
		g.Expect(slo.Derivation).To(ContainSubstring(named))
	}
}

// However a load begins, its promise is a step, and its bounds hold.
func TestRaised(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 250e6, time.UTC)
	for rate, rates := range map[int][]int{
		1:    {1, 2, 3, 5, 8, 12, 18, 27, 41, 62, 93, 140},
		200:  {200, 300, 450, 675, 1013, 1520, 2280, 3420, 5000},
		2000: {2000, 3000, 4500, 5000},
	} {
		g := NewWithT(t)
		got := raised(record.Plan{Rate: rate, Streams: make([]record.Stream, 4)}, now)
		g.Expect(got.From).To(Equal(now.Truncate(time.Second).Add(time.Second)))
		var all []int
		length := 0
		for i, s := range got.Steps {
			all = append(all, s.Rate)
			length += s.Seconds
			if i > 0 {
				g.Expect(s.Seconds).To(Equal(10))
			}
		}
		g.Expect(all).To(Equal(rates))
		g.Expect(all[1]).To(Equal(Capacity(3, rate, 4, record.UsualTimeout).MinRate), "what is promised is the second step")
		g.Expect(got.Steps[0].Seconds).To(BeNumerically(">", baselineSeconds+1), "time for a clean baseline")
		g.Expect(length).To(BeNumerically("<=", 15+11*10))
		g.Expect(got.MaxRate() * 4).To(BeNumerically("<=", 20_000))
	}
}

// The climb is over when the judge says so, and where a step's record does not come in.
func TestClimbEnds(t *testing.T) {
	for name, entries := range map[string][]record.Entry{
		"something ended it": verdicttest.Raised(verdicttest.Rates[:3], func(rate int, e *record.Entry) {
			if e.Health != nil && rate == 225 {
				e.Health.Busy = 1
			}
		}),
		"nothing comes in": verdicttest.Raised(nil, nil)[:1],
	} {
		g := NewWithT(t)
		r := &Run{judge: &verdict.Judge{}, playing: playing{scenario: "capacity"}}
		for _, e := range entries {
			r.judge.Add(e)
			if e.Start != nil {
				r.plan = e.Start.Plan
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		g.Expect(r.climb(ctx)).To(Succeed(), name)
		g.Expect(ctx.Err()).NotTo(HaveOccurred(), name)
		cancel()
	}
}
