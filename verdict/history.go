package verdict

import (
	"time"

	"hagate/record"
)

// history is what a record holds of one scenario.
type history struct {
	name      string
	start     record.Start
	first     time.Time // by the harness's clock
	last      time.Time
	phases    []Phase
	faults    []Fault
	pods      []seen[record.Pod]
	strays    map[string]bool // by the Pod's UID, as it was said last
	nodes     []seen[record.Node]
	endpoints []seen[record.Endpoints]
	services  []seen[record.Service]
	templates []seen[record.Template]
	workloads []seen[record.Workload]
	pdbs      []seen[record.PDB]
	events    []seen[record.Event]               // by the API server's clock
	seconds   map[string]map[int64]record.Second // stream → Unix second
	twice     []record.Text                      // what is wrong with seconds recorded more than once
	health    map[string]map[int64]record.Health // vantage → Unix second
	answers   map[string][]seen[record.Answer]   // by the Pod's UID
	cpu       map[int64]record.CPU               // by Unix second; none where its users are unknown
	asked     map[ask]asked                      // requests that failed or were slow
	findings  []record.Finding
	problems  []record.Text
}

// seen is something and when it was seen.
type seen[T any] struct {
	at time.Time
	it T
}

func newHistory(name string) *history {
	return &history{name: name, strays: map[string]bool{}, seconds: map[string]map[int64]record.Second{}, health: map[string]map[int64]record.Health{}, answers: map[string][]seen[record.Answer]{}, cpu: map[int64]record.CPU{}, asked: map[ask]asked{}}
}

func (h *history) add(e record.Entry) {
	if e.Clock == "" || e.Clock == record.ClockHarness {
		if h.first.IsZero() || e.Time.Before(h.first) {
			h.first = e.Time
		}
		if e.Time.After(h.last) {
			h.last = e.Time
		}
	}
	switch {
	case e.Start != nil:
		h.start = *e.Start
	case e.Phase != nil:
		h.phases = append(h.phases, Phase{e.Time, *e.Phase})
	case e.Fault != nil:
		h.faults = append(h.faults, Fault{e.Time, *e.Fault})
	case e.Pod != nil:
		h.pods = append(h.pods, seen[record.Pod]{e.Time, *e.Pod})
		h.strays[e.Pod.UID] = e.Pod.Stray
	case e.Node != nil:
		h.nodes = append(h.nodes, seen[record.Node]{e.Time, *e.Node})
	case e.Endpoints != nil:
		h.endpoints = append(h.endpoints, seen[record.Endpoints]{e.Time, *e.Endpoints})
	case e.Service != nil:
		h.services = append(h.services, seen[record.Service]{e.Time, *e.Service})
	case e.Template != nil:
		h.templates = append(h.templates, seen[record.Template]{e.Time, *e.Template})
	case e.Workload != nil:
		h.workloads = append(h.workloads, seen[record.Workload]{e.Time, *e.Workload})
	case e.PDB != nil:
		h.pdbs = append(h.pdbs, seen[record.PDB]{e.Time, *e.PDB})
	case e.Event != nil:
		h.events = append(h.events, seen[record.Event]{e.Time, *e.Event})
	case e.Second != nil:
		h.addSecond(e.Time, *e.Second)
	case e.Health != nil:
		into(h.health, e.Health.Vantage)[e.Time.Unix()] = *e.Health
	case e.Answer != nil:
		h.answers[e.Answer.UID] = append(h.answers[e.Answer.UID], seen[record.Answer]{e.Time, *e.Answer})
	case e.CPU != nil:
		h.cpu[e.Time.Unix()] = *e.CPU
	case e.Request != nil:
		h.ask(e.Time, *e.Request)
	case e.Finding != nil:
		h.findings = append(h.findings, *e.Finding)
	case e.Problem != nil:
		h.problems = append(h.problems, e.Problem.What)
	}
}

func (h *history) addSecond(at time.Time, s record.Second) {
	of := into(h.seconds, s.Stream)
	if _, ok := of[at.Unix()]; ok {
		h.twice = append(h.twice, record.Say("%s at %s: recorded twice", s.Stream, at.UTC().Format(time.TimeOnly)))
	}
	of[at.Unix()] = s
}

// into gives the inner map of m under key, made where there is none.
func into[V any](m map[string]map[int64]V, key string) map[int64]V {
	if m[key] == nil {
		m[key] = map[int64]V{}
	}
	return m[key]
}

// before is what h holds of the time before a Unix second. Phases, faults, findings and
// problems stay.
func (h *history) before(second int64) *history {
	b := *h
	b.pods, b.nodes = earlier(h.pods, second), earlier(h.nodes, second)
	b.endpoints, b.workloads, b.pdbs = earlier(h.endpoints, second), earlier(h.workloads, second), earlier(h.pdbs, second)
	b.services, b.templates, b.events = earlier(h.services, second), earlier(h.templates, second), earlier(h.events, second)
	b.asked = map[ask]asked{}
	for a, of := range h.asked {
		if a.second < second {
			b.asked[a] = of
		}
	}
	b.seconds, b.health = map[string]map[int64]record.Second{}, map[string]map[int64]record.Health{}
	for stream, seconds := range h.seconds {
		for at, s := range seconds {
			if at < second {
				into(b.seconds, stream)[at] = s
			}
		}
	}
	for vantage, seconds := range h.health {
		for at, s := range seconds {
			if at < second {
				into(b.health, vantage)[at] = s
			}
		}
	}
	return &b
}

func earlier[T any](all []seen[T], second int64) (some []seen[T]) {
	for _, s := range all {
		if s.at.Unix() < second {
			some = append(some, s)
		}
	}
	return some
}
