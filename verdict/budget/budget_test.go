package budget

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// without is slo but for its derivation.
func without(slo record.SLO) record.SLO {
	slo.Derivation = record.Text{}
	return slo
}

var grace = Grace{50 * time.Second, 5 * time.Second, record.Words("Kubernetes' default")}

func TestPlanned(t *testing.T) {
	g := NewWithT(t)
	slo := Planned(3, 2, record.Words("PodDisruptionBudget web asks for them"))
	g.Expect(without(slo)).To(Equal(record.SLO{MinReady: 2, MaxRecovery: 3 * time.Minute, MaxClosedInFlight: 9, MinServesOn: time.Second}),
		"no failure, no outage, no blackout")
	for _, named := range []string{
		"zero failed requests", "zero outage",
		"at least 2 ready: PodDisruptionBudget web asks for them",
		"recovered within 3 min",
		"up to 9 requests a stream (3 for each terminating Pod)", record.ClosedMeaning.String(),
		"accepts new connections for 1 s more",
	} {
		g.Expect(slo.Derivation).To(ContainSubstring(named))
	}
	none := Planned(0, 3, record.Words("no Pod is touched"))
	g.Expect(none.MinServesOn).To(BeZero())
	g.Expect(none.Derivation).NotTo(ContainSubstring("new connections"))
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
				"may linger 5 s",
				fmt.Sprintf("of %d requests/s meanwhile: %d requests;", c.rate, c.failed),
				"never a moment (500 ms) in which no Pod answers",
				fmt.Sprintf("at least %d ready", c.ready),
				"recovered within 3 min",
				fmt.Sprintf("up to %d requests a stream", c.rate), record.ClosedMeaning.String(),
			} {
				g.Expect(slo.Derivation).To(ContainSubstring(named))
			}
		})
	}
}

func TestSteady(t *testing.T) {
	g := NewWithT(t)
	slo := Steady(3, record.UsualTimeout)
	g.Expect(without(slo)).To(Equal(record.SLO{MinReady: 3, MaxLatency: 900 * time.Millisecond}), "nothing else is forgiven")
	for _, named := range []string{"no failure", "no connection closed in flight", "all 3 ready", "900 ms"} {
		g.Expect(slo.Derivation).To(ContainSubstring(named))
	}
}

func TestAllGone(t *testing.T) {
	g := NewWithT(t)
	slo := AllGone(3, 200)
	g.Expect(without(slo)).To(Equal(record.SLO{MaxFailed: 2000, MaxOutage: 10 * time.Second, MaxBlackout: 10 * time.Second, MaxRecovery: 3 * time.Minute, MaxClosedInFlight: 200}))
	g.Expect(slo.Derivation).To(And(ContainSubstring("all 3 Pods"), ContainSubstring("10 s, in which 2000 requests"), ContainSubstring(record.ClosedMeaning.String())))
}

func TestNodeLost(t *testing.T) {
	g := NewWithT(t)
	slo := NodeLost(3, 1, 200, record.UsualTimeout, grace)
	g.Expect(without(slo)).To(Equal(record.SLO{MaxFailed: 4333, MaxOutage: 65 * time.Second, MaxBlackout: 3 * time.Second, MaxRecovery: 3 * time.Minute, MinReady: 2, MaxClosedInFlight: 200}))
	g.Expect(slo.Derivation).To(And(ContainSubstring("50 s"), ContainSubstring("1 of 3 Pods get 4333 requests")))
	g.Expect(NodeLost(2, 2, 200, record.UsualTimeout, grace).MinReady).To(BeZero())
}

func TestInTurn(t *testing.T) {
	g := NewWithT(t)
	first := record.SLO{MaxFailed: 10, MaxOutage: time.Second, MaxBlackout: 3 * time.Second, MaxRecovery: time.Minute, MinReady: 2, MaxClosedInFlight: 1, Derivation: record.Words("one")}
	second := record.SLO{MaxFailed: 20, MaxOutage: 2 * time.Second, MaxBlackout: time.Second, MaxRecovery: 2 * time.Minute, MinReady: 1, MaxClosedInFlight: 2, Derivation: record.Words("two")}
	g.Expect(InTurn(first, second)).To(Equal(record.SLO{MaxFailed: 30, MaxOutage: 2 * time.Second, MaxBlackout: 3 * time.Second, MaxRecovery: 2 * time.Minute, MinReady: 1, MaxClosedInFlight: 3,
		Derivation: record.Say("first: %s. Then: %s", record.Words("one"), record.Words("two"))}))
}

func TestFrozen(t *testing.T) {
	g := NewWithT(t)
	slo := Frozen(3, 200, record.UsualTimeout, 6*time.Second)
	g.Expect(without(slo)).To(Equal(record.SLO{MaxFailed: 800, MaxOutage: 11 * time.Second, MaxBlackout: 3 * time.Second, MaxRecovery: 3 * time.Minute, MinReady: 2, MaxClosedInFlight: 200}))
	g.Expect(slo.Derivation).To(And(ContainSubstring("within 6 s"), ContainSubstring("1 of 3 Pods gets 800 requests")))
}

func TestHung(t *testing.T) {
	g := NewWithT(t)
	slo, frozen := Hung(3, 200, record.UsualTimeout, 6*time.Second, 8*time.Second, 30*time.Second), Frozen(3, 200, record.UsualTimeout, 6*time.Second)
	frozen.MaxRecovery = 48 * time.Second
	g.Expect(without(slo)).To(Equal(without(frozen)))
	g.Expect(slo.Derivation).To(And(ContainSubstring("48 s after it hung"), ContainSubstring("within 8 s"), ContainSubstring("30 s of grace")))
}

// At a low rate chance alone sends some requests in a row to the dead Pod.
func TestMoment(t *testing.T) {
	for _, c := range []struct {
		replicas, rate int
		long, want     time.Duration
	}{
		{3, 200, 5 * time.Second, 500 * time.Millisecond},
		{3, 50, 60 * time.Second, 500 * time.Millisecond},
		{3, 10, 5 * time.Second, 1200 * time.Millisecond}, // (1/3)^12 × 50 < 1e-4
		{2, 20, 5 * time.Second, time.Second},
		{6, 10, 5 * time.Second, 800 * time.Millisecond},
		{1, 10, 5 * time.Second, 500 * time.Millisecond}, // nobody is left
	} {
		if got := moment(c.replicas, c.rate, c.long); got != c.want {
			t.Errorf("%d replicas, %d/s for %s: %s, want %s", c.replicas, c.rate, c.long, got, c.want)
		}
	}
}

func TestTimes(t *testing.T) {
	g := NewWithT(t)
	each := record.SLO{MaxFailed: 10, MaxOutage: time.Second, MinReady: 2, MaxClosedInFlight: 2, Derivation: record.Words("one")}
	g.Expect(Times(3, each)).To(Equal(record.SLO{MaxFailed: 30, MaxOutage: time.Second, MinReady: 2, MaxClosedInFlight: 6, Derivation: record.Say("%d times: %s", 3, record.Words("one"))}))
}

func TestEvicted(t *testing.T) {
	g := NewWithT(t)
	one, two := Evicted(3, 1, 200), Evicted(3, 2, 200)
	g.Expect(without(one)).To(Equal(without(Lingers(3, 200, 10*time.Second, record.Words("why")))))
	g.Expect(two.MaxOutage).To(Equal(one.MaxOutage), "they may go at once")
	g.Expect(two.MaxFailed).To(Equal(2 * one.MaxFailed))
	g.Expect(two.MinReady).To(Equal(1))
	g.Expect(Evicted(1, 1, 200).MinReady).To(Equal(1), "one replica is not enough")
	g.Expect(two.Derivation).To(ContainSubstring("2 Pods are evicted"))
}

func TestSick(t *testing.T) {
	g := NewWithT(t)
	slo := Sick(3, 200, record.UsualTimeout, 20*time.Second)
	g.Expect(without(slo)).To(Equal(record.SLO{MaxFailed: 1666, MaxOutage: 25 * time.Second, MaxBlackout: 3 * time.Second, MaxRecovery: 3 * time.Minute, MinReady: 2, MaxClosedInFlight: 200}))
	g.Expect(slo.Derivation).To(And(ContainSubstring("for 20 s, and 5 s"), ContainSubstring("1666 a stream")))
	g.Expect(Sick(1, 200, record.UsualTimeout, time.Second).MinReady).To(Equal(1))
}

func TestSlow(t *testing.T) {
	g := NewWithT(t)
	slo := Slow(3, 600*time.Millisecond, record.UsualTimeout)
	g.Expect(without(slo)).To(Equal(record.SLO{MaxRecovery: 3 * time.Minute, MinReady: 2}), "no failure")
	g.Expect(slo.Derivation).To(And(ContainSubstring("1 of 3 Pods is late by up to 600 ms"), ContainSubstring("within 1.2 s")))
}

func TestNameServersSlow(t *testing.T) {
	g := NewWithT(t)
	slo := NameServersSlow(3, 500*time.Millisecond, record.UsualTimeout)
	g.Expect(without(slo)).To(Equal(record.SLO{MaxRecovery: 3 * time.Minute, MinReady: 3, MaxLatency: 1500 * time.Millisecond}), "no failure")
	g.Expect(slo.Derivation).To(And(ContainSubstring("late by up to 500 ms"), ContainSubstring("longer than 1.5 s")))
}

func TestNameServersReplaced(t *testing.T) {
	g := NewWithT(t)
	slo := NameServersReplaced(4, 3, 50, record.UsualTimeout)
	g.Expect(without(slo)).To(Equal(record.SLO{MaxFailed: 200, MaxOutage: 3 * time.Second, MaxBlackout: 500 * time.Millisecond, MaxRecovery: 3 * time.Minute, MinReady: 3}))
	g.Expect(slo.Derivation).To(And(ContainSubstring("4 Pods go in all"), ContainSubstring("200 a stream")))
}

func TestNameServerKilled(t *testing.T) {
	g := NewWithT(t)
	slo := NameServerKilled(3, 50, record.UsualTimeout)
	g.Expect(without(slo)).To(Equal(record.SLO{MaxFailed: 250, MaxOutage: 7 * time.Second, MaxBlackout: 5 * time.Second, MaxRecovery: 3 * time.Minute, MinReady: 3}))
	g.Expect(slo.Derivation).To(And(ContainSubstring("all of 50 requests/s"), ContainSubstring("250 a stream")))
}

func TestAnnouncerLost(t *testing.T) {
	g := NewWithT(t)
	cluster, local := AnnouncerLost(3, 1, 200, record.UsualTimeout, grace, "Cluster"), AnnouncerLost(3, 1, 200, record.UsualTimeout, grace, "Local")
	want := without(NodeLost(3, 1, 200, record.UsualTimeout, grace))
	want.MaxBlackout = 10 * time.Second
	g.Expect(without(local)).To(Equal(want), "who goes elsewhere meets no lost Pod")
	want.MaxFailed += 2000
	g.Expect(without(cluster)).To(Equal(want))
	g.Expect(AnnouncerLost(30, 1, 200, record.UsualTimeout, grace, "Local").MaxFailed).To(Equal(2000))
	for _, named := range []string{"2000 requests a stream from outside", "1 of 3 Pods get 4333 requests", "10 s"} {
		g.Expect(cluster.Derivation).To(ContainSubstring(named))
		g.Expect(local.Derivation).To(ContainSubstring(named))
	}
	g.Expect(cluster.Derivation).To(ContainSubstring("at most 6333 fail"))
}

func TestMoved(t *testing.T) {
	g := NewWithT(t)
	before := Planned(1, 2, record.Words("one goes"))
	slo := Moved(before, 30)
	before.MaxClosedInFlight += 30
	g.Expect(without(slo)).To(Equal(without(before)), "no request may fail all the same")
	g.Expect(slo.Derivation).To(ContainSubstring("30 more"))
}

func TestLingers(t *testing.T) {
	g := NewWithT(t)
	crashed := Unreported(3, 200, 0)
	g.Expect(without(crashed)).To(Equal(record.SLO{MaxFailed: 666, MaxOutage: 10 * time.Second, MaxBlackout: 500 * time.Millisecond,
		MaxRecovery: 3 * time.Minute, MinReady: 2, MaxClosedInFlight: 200}))
	g.Expect(crashed.Derivation).To(And(ContainSubstring("may linger 10 s"), ContainSubstring("1 of 3 Pods gets 666 requests a stream")))

	again := Unreported(3, 200, 20*time.Second)
	g.Expect(again.MaxOutage).To(Equal(40 * time.Second))
	g.Expect(again.MaxFailed).To(Equal(2666))
	g.Expect(again.Derivation).To(ContainSubstring("20 s of back-off before that"))

	deleted := Unwatched(3, 200, 30*time.Second)
	g.Expect(without(deleted)).To(Equal(record.SLO{MaxFailed: 4000, MaxOutage: 60 * time.Second, MaxBlackout: 500 * time.Millisecond,
		MaxRecovery: 3 * time.Minute, MinReady: 2, MaxClosedInFlight: 200}))
	g.Expect(deleted.Derivation).To(And(ContainSubstring("may linger 1 min"), ContainSubstring("down, 30 s"), ContainSubstring("lease that they held, 15 s (the default)")))
}

// What a target grants a request is in every figure that rests on a request's timeout,
// and in its text.
func TestTimeoutOfTheTarget(t *testing.T) {
	const timeout = 10 * time.Second
	for name, c := range map[string]struct {
		slo    record.SLO
		figure func(record.SLO) time.Duration
		want   time.Duration
		says   string
	}{
		"node":          {NodeLost(3, 1, 200, timeout, grace), func(s record.SLO) time.Duration { return s.MaxBlackout }, 11 * time.Second, "never 11 s, one request's timeout and a second"},
		"sick":          {Sick(3, 200, timeout, 20*time.Second), func(s record.SLO) time.Duration { return s.MaxBlackout }, 11 * time.Second, "never 11 s, one"},
		"frozen":        {Frozen(3, 200, timeout, 6*time.Second), func(s record.SLO) time.Duration { return s.MaxBlackout }, 11 * time.Second, "never 11 s, one"},
		"DNS killed":    {NameServerKilled(3, 50, timeout), func(s record.SLO) time.Duration { return s.MaxOutage }, 15 * time.Second, "timeout of 10 s"},
		"DNS replaced":  {NameServersReplaced(4, 3, 50, timeout), func(s record.SLO) time.Duration { return s.MaxOutage }, 11 * time.Second, "timeout of 10 s"},
		"DNS slow":      {NameServersSlow(3, 500*time.Millisecond, timeout), func(s record.SLO) time.Duration { return s.MaxLatency }, 9500 * time.Millisecond, "leaves 8.5 s for all else"},
		"steady":        {Steady(3, timeout), func(s record.SLO) time.Duration { return s.MaxLatency }, 8900 * time.Millisecond, "longer than 8.9 s, 900 ms and what the target's timeout of 10 s grants beyond the usual 2 s"},
		"steady, short": {Steady(3, 500*time.Millisecond), func(s record.SLO) time.Duration { return s.MaxLatency }, 900 * time.Millisecond, "lost a SYN"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(c.figure(c.slo)).To(Equal(c.want))
			g.Expect(c.slo.Derivation).To(ContainSubstring(c.says))
		})
	}
}
