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
