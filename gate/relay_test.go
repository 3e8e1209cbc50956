package gate

import (
	"errors"
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// relayed is a relay and what it wrote, as "scenario second".
func relayed() (r *relay, wrote *[]string) {
	wrote = &[]string{}
	return &relay{see: func(record.Entry) {}, write: func(e record.Entry) error {
		*wrote = append(*wrote, fmt.Sprintf("%s %d", e.Scenario, int(e.Time.Sub(noon).Seconds())))
		return nil
	}}, wrote
}

func after(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

func TestRelay(t *testing.T) {
	g := NewWithT(t)
	r, wrote := relayed()
	send := func(seconds ...int) {
		for _, s := range seconds {
			g.Expect(r.take(at(s, insideFresh))).To(Succeed())
		}
	}
	g.Expect(r.begin("first", time.Time{})).To(Succeed())
	send(0, 1, 2, 3, 4, 5)
	r.end(after(5))
	g.Expect(r.ended("first")).To(Equal(after(5)))
	g.Expect(r.ended("second")).To(BeZero())
	send(6, 7)
	g.Expect(*wrote).To(Equal([]string{"first 0", "first 1", "first 2", "first 3", "first 4", "first 5", "first 6", "first 7"}), "what comes after a scenario and before the next is the first one's: its fault came last")

	*wrote = nil
	g.Expect(r.begin("second", after(3))).To(Succeed())
	g.Expect(r.scenario()).To(Equal("second"))
	g.Expect(*wrote).To(Equal([]string{"second 3", "second 4", "second 5", "second 6", "second 7"}))

	*wrote = nil
	send(4, 2, 8)
	g.Expect(*wrote).To(Equal([]string{"first 4", "second 4", "first 2", "second 8"}), "what is late goes to whom it belongs, to both where it does")

	*wrote = nil
	r.forget()
	g.Expect(r.begin("third", time.Time{})).To(Succeed())
	g.Expect(*wrote).To(BeEmpty())
	send(9)
	g.Expect(*wrote).To(Equal([]string{"third 9"}))
}

func TestRelayForgetsWhatIsOld(t *testing.T) {
	g := NewWithT(t)
	r, wrote := relayed()
	for s := range 1000 {
		g.Expect(r.take(at(s, insideFresh))).To(Succeed())
	}
	g.Expect(r.begin("late", time.Time{})).To(Succeed())
	g.Expect(*wrote).To(HaveLen(int(remembered/time.Second) + 1))

	r, wrote = relayed()
	r.timeout = 10 * time.Second
	for s := range 1000 {
		g.Expect(r.take(at(s, insideFresh))).To(Succeed())
	}
	g.Expect(r.begin("late", time.Time{})).To(Succeed())
	g.Expect(*wrote).To(HaveLen(int((remembered+r.timeout)/time.Second)+1), "seconds come late by a request's timeout")
}

// What cannot be recorded is no evidence: whoever hands it in is told, then and later.
func TestRelayKeepsAnError(t *testing.T) {
	g := NewWithT(t)
	full := errors.New("no space left on device")
	r := &relay{see: func(record.Entry) {}, write: func(record.Entry) error { return full }}
	g.Expect(r.take(at(0, insideFresh))).To(Succeed(), "it is nobody's")
	g.Expect(r.begin("first", time.Time{})).To(MatchError(full))
	r.end(after(0))
	g.Expect(r.take(at(1, insideFresh))).To(MatchError(full))
}

func TestSharesLoad(t *testing.T) {
	g := NewWithT(t)
	g.Expect(sharesLoad(Scenario{Planned: true, Needs: []Need{Nodes}})).To(BeTrue())
	for _, own := range []Scenario{{DNS: true}, {Raises: true}, {Balanced: PolicyLocal}} {
		g.Expect(sharesLoad(own)).To(BeFalse(), "%+v", own)
	}
}
