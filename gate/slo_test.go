package gate

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// without is slo but for its derivation.
func without(slo record.SLO) record.SLO {
	slo.Derivation = ""
	return slo
}

func TestPlanned(t *testing.T) {
	g := NewWithT(t)
	slo := Planned(2, "PodDisruptionBudget web asks for them")
	g.Expect(without(slo)).To(Equal(record.SLO{MinReady: 2, MaxRecovery: 3 * time.Minute, MaxClosedInFlight: 9}),
		"no failure, no outage, no blackout")
	for _, named := range []string{
		"zero failed requests", "zero outage",
		"at least 2 ready: PodDisruptionBudget web asks for them",
		"recovered within 3m0s",
		"up to 9 requests a stream (3 a Pod that goes)", record.ClosedMeaning,
	} {
		g.Expect(slo.Derivation).To(ContainSubstring(named))
	}
}

func TestKilled(t *testing.T) {
	for _, c := range []struct{ replicas, rate, failed, ready int }{
		{3, 100, 166, 2},
		{3, 500, 833, 2},
		{2, 100, 250, 1},
		{1, 100, 500, 1},
		{1000, 100, 0, 999},
		{0, 100, 500, 1},
	} {
		t.Run(fmt.Sprintf("%d replicas at %d", c.replicas, c.rate), func(t *testing.T) {
			g := NewWithT(t)
			slo := Killed(c.replicas, c.rate)
			g.Expect(without(slo)).To(Equal(record.SLO{MaxFailed: c.failed, MaxOutage: 5 * time.Second, MaxBlackout: 500 * time.Millisecond,
				MaxRecovery: 3 * time.Minute, MinReady: c.ready, MaxClosedInFlight: c.rate}))
			for _, named := range []string{
				"may linger 5s",
				fmt.Sprintf("of %d requests/s meanwhile: %d requests;", c.rate, c.failed),
				"never a moment (0.5 s) in which no Pod answers",
				fmt.Sprintf("at least %d ready", c.ready),
				"recovered within 3m0s",
				fmt.Sprintf("up to %d requests a stream", c.rate), record.ClosedMeaning,
			} {
				g.Expect(slo.Derivation).To(ContainSubstring(named))
			}
		})
	}
}

func TestSteady(t *testing.T) {
	g := NewWithT(t)
	slo := Steady(3)
	g.Expect(without(slo)).To(Equal(record.SLO{MinReady: 3, MaxLatency: 900 * time.Millisecond}), "nothing else is forgiven")
	for _, named := range []string{"no failure", "no connection closed in flight", "all 3 ready", "900 ms"} {
		g.Expect(slo.Derivation).To(ContainSubstring(named))
	}
}
