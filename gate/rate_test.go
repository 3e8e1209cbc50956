package gate

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// Where nobody names a rate, it is the highest that leaves the machine room, by what the
// agent says that sees it busiest; a rate that is named is kept.
func TestChooseRate(t *testing.T) {
	linear := func(perRequest float64) func(int) float64 {
		return func(rate int) float64 { return min(1, 0.2+perRequest*float64(rate)) }
	}
	full, much := func(int) float64 { return 1 }, func(int) float64 { return 0.8 }
	others := func(waited time.Duration) func(rate int) record.CPU { // take what there is
		return func(rate int) record.CPU {
			own := 0.4 + float64(rate)/200
			return record.CPU{Cores: 2, Busy: 2, Service: 0.1, Cluster: own - 0.2, Harness: 0.1, Others: 2 - own, Threads: 3, Waited: waited}
		}
	}
	for name, c := range map[string]struct {
		named  int
		busy   func(rate int) float64 // seen from outside; the other agent sees little
		cpu    func(rate int) record.CPU
		late   time.Duration
		want   int
		warned bool
	}{
		"much room":            {busy: linear(0.001), want: 200},
		"room for half":        {busy: linear(0.003), want: 100},
		"room for the least":   {busy: linear(0.015), want: 25},
		"none":                 {busy: full, want: 25, warned: true},
		"nobody knows":         {want: 200},
		"others give way":      {busy: much, cpu: others(100 * time.Millisecond), late: 20 * time.Millisecond, want: 50},
		"they fill it, too":    {busy: full, cpu: others(100 * time.Millisecond), late: 20 * time.Millisecond, want: 25},
		"others do not":        {busy: full, cpu: others(600 * time.Millisecond), late: 20 * time.Millisecond, want: 25, warned: true},
		"others delay us":      {busy: full, cpu: others(100 * time.Millisecond), late: 60 * time.Millisecond, want: 25, warned: true},
		"named":                {named: 150, busy: linear(0.003), want: 150},
		"named, and too much":  {named: 400, busy: linear(0.003), want: 400, warned: true},
		"named, nobody knows":  {named: 150, want: 150},
		"named, below them":    {named: 10, busy: linear(0.001), want: 10},
		"named, on a full one": {named: 10, busy: func(int) float64 { return 0.9 }, want: 10, warned: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				st := newRig(t)
				st.autoRate = c.named == 0
				if c.named > 0 {
					st.traffic.Rate = c.named
				}
				st.side(1).busy, st.side(1).cpu, st.side(1).late = c.busy, c.cpu, c.late
				if c.busy != nil {
					st.side(0).busy = func(int) float64 { return 0.1 }
				}
				var said record.Setting
				st.record.Observe(func(e record.Entry) {
					if e.Setting != nil {
						said = *e.Setting
					}
				})
				g.Expect(st.chooseRate(t.Context())).To(Succeed())
				g.Expect(st.traffic.Rate).To(Equal(c.want))
				g.Expect(said.Value.String()).To(HavePrefix("%d requests/s", c.want))
				if c.warned {
					g.Expect(st.out.String()).To(ContainSubstring("warning"))
				} else {
					g.Expect(st.out.String()).NotTo(ContainSubstring("warning"))
				}
				g.Expect(st.flowing).NotTo(BeZero(), "the load is left on")
				g.Expect(st.stopLoad(t.Context())).To(Succeed())
			})
		})
	}
}

// The first scenario has all of the load that was begun for it, if it can use it at all.
func TestFirstScenarioTakesChosenLoad(t *testing.T) {
	for name, c := range map[string]struct {
		scenario Scenario
		after    time.Duration
		takes    bool
	}{
		"at once":            {takes: true},
		"another load":       {scenario: Scenario{DNS: true}},
		"too late to recall": {after: 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				st := newRig(t)
				st.autoRate = true
				began := time.Now()
				g.Expect(st.chooseRate(t.Context())).To(Succeed())
				time.Sleep(c.after)
				from, err := st.takeOver(t.Context(), c.scenario)
				g.Expect(err).NotTo(HaveOccurred())
				if c.takes {
					g.Expect(from).To(BeTemporally("==", began.Truncate(time.Second)))
				} else {
					g.Expect(from).To(BeZero())
					g.Expect(st.flowing).To(BeZero())
				}
				g.Expect(st.stopLoad(t.Context())).To(Succeed())
			})
		})
	}
}

// What could not be measured at a rate that the harness chose is measured again at a lower one.
func TestEasier(t *testing.T) {
	g := NewWithT(t)
	r := &Run{autoRate: true}
	for rate, want := range map[int]int{200: 100, 100: 50, 50: 25, 25: 25, 20: 20} {
		g.Expect(r.easier(rate)).To(Equal(want))
	}
	g.Expect((&Run{}).easier(200)).To(Equal(200), "somebody named it")
}

// Each scenario is played at the rate that it has to have.
func TestPlayedRate(t *testing.T) {
	for name, c := range map[string]struct {
		scenario func(Scenario) Scenario
		named    bool
		want     int
		names    bool // looked up anew
	}{
		"first":            {scenario: func(s Scenario) Scenario { return s }, want: 200},
		"again":            {scenario: Scenario.Again, want: 100},
		"again, but named": {scenario: Scenario.Again, named: true, want: 200},
		"DNS":              {scenario: func(s Scenario) Scenario { s.DNS = true; return s }, want: 50, names: true},
		"DNS again":        {scenario: func(s Scenario) Scenario { s.DNS = true; return s.Again() }, want: 25, names: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				st := newRig(t)
				st.autoRate = !c.named
				var played record.Plan
				st.record.Observe(func(e record.Entry) {
					if e.Start != nil {
						played = e.Start.Plan
					}
				})
				_, err := st.Play(t.Context(), c.scenario(st.delete()))
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(played.Rate).To(Equal(c.want))
				g.Expect(played.FreshNames).To(Equal(c.names))
				g.Expect(st.stopLoad(t.Context())).To(Succeed())
			})
		})
	}
}

func TestSeenFrom(t *testing.T) {
	g := NewWithT(t)
	g.Expect(seenFrom(200, 1)).To(Equal(5 * time.Millisecond))
	g.Expect(seenFrom(200, 3)).To(Equal(40*time.Millisecond), "8 requests: 1 - (2/3)^8 = 96 %")
	g.Expect(seenFrom(25, 3)).To(Equal(320 * time.Millisecond))
}
