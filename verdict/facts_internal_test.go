package verdict

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestTheServiceAndTheTemplateAreThoseFromBeforeTheFault(t *testing.T) {
	g := NewWithT(t)
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	h := newHistory("steady")
	f := &facts{history: h, turn: at(5)}
	g.Expect(f.service()).To(Equal(record.Service{}), "none was seen")
	for s, port := range []int{80, 81, 82} {
		h.add(record.Entry{Time: at(s * 3), Service: &record.Service{Port: port}})
		h.add(record.Entry{Time: at(s * 3), Template: &record.Template{Grace: port}})
		h.add(record.Entry{Time: at(s * 3), Event: &record.Event{Count: port}})
	}
	g.Expect(f.service().Port).To(Equal(81))
	g.Expect(f.template().Grace).To(Equal(81))
	g.Expect(f.events).To(HaveLen(3))
	f.turn = at(-1)
	g.Expect(f.service().Port).To(Equal(80), "it was first seen later")
	g.Expect(h.before(3).events).To(HaveLen(1))
}

func TestStraysAreNoOwnEndpoints(t *testing.T) {
	g := NewWithT(t)
	h := newHistory("steady")
	f := &facts{history: h}
	e := record.Endpoints{List: []record.Endpoint{{Pod: "web", UID: "web", Ready: true}, {Pod: "job", UID: "job", Ready: true}}}
	h.add(record.Entry{Pod: &record.Pod{UID: "web"}})
	g.Expect(f.own(e)).To(Equal(e), "nobody knows the other")
	h.add(record.Entry{Pod: &record.Pod{UID: "job", Stray: true}})
	g.Expect(f.own(e).List).To(Equal(e.List[:1]))
	g.Expect(e.List).To(HaveLen(2), "what was seen stays")
	h.add(record.Entry{Pod: &record.Pod{UID: "job"}})
	g.Expect(f.own(e)).To(Equal(e), "the workload has adopted it")
}

func TestStraysCountForNothing(t *testing.T) {
	g := NewWithT(t)
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	web, job := record.Endpoint{Pod: "web", UID: "web", Ready: true}, record.Endpoint{Pod: "job", UID: "job", Ready: true}
	of := func(stray bool) *facts {
		h := newHistory("steady")
		h.add(record.Entry{Time: at(0), Pod: &record.Pod{UID: "web"}})
		h.add(record.Entry{Time: at(0), Pod: &record.Pod{UID: "job", Stray: stray}})
		h.add(record.Entry{Time: at(0), Endpoints: &record.Endpoints{List: []record.Endpoint{web, job}}})
		h.add(record.Entry{Time: at(6), Endpoints: &record.Endpoints{List: []record.Endpoint{job}}})
		h.add(record.Entry{Time: at(6), Pod: &record.Pod{UID: "job", Stray: stray, Terminating: new(at(6)), Grace: 30}})
		return &facts{history: h, turn: at(5)}
	}
	f := of(true)
	g.Expect(f.readyLow()).To(Equal(0))
	g.Expect(f.staying()).To(Equal(1))
	g.Expect(f.withoutReady()).To(HaveLen(1))
	g.Expect(f.leavers()).To(BeEmpty())
	g.Expect(f.endpointsAt(time.Time{}).Ready()).To(Equal(0))
	r := &round{turn: at(5)}
	g.Expect(proveScale(f, r, record.Fault{Replicas: 1})).NotTo(BeEmpty())
	g.Expect(proveBroken(f, &round{turn: at(0)}, record.Fault{Evidence: []record.Text{record.Words("set")}})).To(BeEmpty(), "the workload's Pod came")

	own := of(false)
	g.Expect(own.readyLow()).To(Equal(1))
	g.Expect(own.staying()).To(Equal(1), "two, until it is told to go")
	g.Expect(own.withoutReady()).To(BeEmpty())
	g.Expect(own.leavers()).To(HaveLen(1))
	g.Expect(own.endpointsAt(time.Time{}).Ready()).To(Equal(1))
	g.Expect(proveScale(own, r, record.Fault{Replicas: 1})).To(BeEmpty())
}

// A scenario whose load goes on from the one before it looks at what is there right before
// its fault.
func TestWhatIsThereAsAScenarioBeginsDidNotComeAfterItsFault(t *testing.T) {
	g := NewWithT(t)
	turn := time.Unix(1000, 0)
	f := &facts{history: newHistory("pod-freeze"), turn: turn}
	g.Expect(f.came(&life{seen: turn.Add(-time.Millisecond)})).To(BeFalse())
	g.Expect(f.came(&life{seen: turn.Add(time.Millisecond)})).To(BeTrue())
	f.turn = time.Time{}
	g.Expect(f.came(&life{seen: turn})).To(BeFalse(), "there was none")
}
