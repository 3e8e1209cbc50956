package gate

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// flowing is a run whose load goes on, and was clean for so many seconds until now.
func flowing(clean int) (r *Run, now time.Time) {
	now = time.Now().Truncate(time.Second)
	r = &Run{live: newLive(), traffic: plan, flowing: now.Add(-time.Minute), playing: playing{plan: plan, scenario: "first"}}
	r.relay = &relay{see: r.live.observe, write: func(record.Entry) error { return nil }}
	r.relay.begin("first", time.Time{})
	for i := range clean {
		for _, st := range plan.Streams {
			e := at(0, st.Name())
			e.Time = now.Add(time.Duration(i-clean) * time.Second)
			r.relay.take(e)
		}
	}
	return r, now
}

// secondsAgo has been clean, and nothing has come since.
func secondsAgo(n int64) func(*Run) {
	return func(r *Run) {
		for stream, seconds := range r.live.streams {
			earlier := map[int64]second{}
			for at, s := range seconds {
				earlier[at-n] = s
			}
			r.live.streams[stream] = earlier
		}
	}
}

// Where a request may take long, its second comes late, and is as fresh as can be.
func TestTakeOverOfSlowAnswers(t *testing.T) {
	g := NewWithT(t)
	r, now := flowing(9)
	r.traffic.Timeout = 10 * time.Second
	secondsAgo(3)(r)
	since, err := r.takeOver(t.Context(), Scenario{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(since).To(BeTemporally("==", now.Add(-(baselineSeconds+3)*time.Second)))
}

func TestTakeOver(t *testing.T) {
	for name, c := range map[string]struct {
		scenario Scenario
		edit     func(*Run)
		clean    int
		shared   bool
		flows    bool // still
	}{
		"clean":                        {clean: 9, shared: true, flows: true},
		"too few":                      {clean: 2, flows: true},
		"clean, but long ago":          {clean: 9, edit: secondsAgo(60), flows: true},
		"clean, but three seconds ago": {clean: 9, edit: secondsAgo(3), flows: true},
		"none goes on":                 {clean: 9, edit: func(r *Run) { r.flowing = time.Time{} }},
		"another load":                 {scenario: Scenario{DNS: true}, clean: 9},
		"a second attempt":             {scenario: Scenario{Repeats: "pod-delete"}, clean: 9},
		"for too long":                 {clean: 9, edit: func(r *Run) { r.flowing = time.Now().Add(-time.Hour) }},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r, now := flowing(c.clean)
			if c.edit != nil {
				c.edit(r)
			}
			since, err := r.takeOver(t.Context(), c.scenario)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(!r.flowing.IsZero()).To(Equal(c.flows))
			if !c.shared {
				g.Expect(since).To(BeZero())
				return
			}
			g.Expect(since).To(BeTemporally("==", now.Add(-baselineSeconds*time.Second)))
		})
	}
}

// Load goes on only from a scenario that has settled, and was clean since.
func TestLeaveLoad(t *testing.T) {
	for name, c := range map[string]struct {
		scenario Scenario
		clean    int
		settled  time.Duration // before now; never where 0
		goesOn   bool
	}{
		"settled and clean":       {clean: 9, settled: 6 * time.Second, goesOn: true},
		"clean before it settled": {clean: 9, settled: 2 * time.Second},
		"never settled":           {clean: 9},
		"not clean":               {clean: 2, settled: 6 * time.Second},
		"a load of its own":       {scenario: Scenario{Raises: true}, clean: 9, settled: 6 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r, now := flowing(c.clean)
			var settled time.Time
			if c.settled > 0 {
				settled = now.Add(-c.settled)
			}
			g.Expect(r.leaveLoad(t.Context(), c.scenario, settled)).To(Succeed())
			g.Expect(!r.flowing.IsZero()).To(Equal(c.goesOn))
			if c.goesOn {
				g.Expect(r.relay.ended("first")).To(BeTemporally("==", now))
			} else {
				g.Expect(r.relay.ended("first")).To(BeZero())
			}
		})
	}
}
