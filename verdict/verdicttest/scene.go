package verdicttest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"hagate/record"
)

// When things happen, in seconds after a scenario began.
const (
	loadFrom  = 0.4
	faultAt   = 8.25
	injectAt  = 8.26
	backAt    = 12.6 // the new Pod is behind the Service
	goneAt    = 14.3
	settledAt = 14.6
	loadTo    = 21.5
	doneAt    = 22.0
)

type pod struct{ name, uid, node, ip string }

type lifePhase int

const (
	pending lifePhase = iota
	starting
	running
	terminating
	gone
)

// scene collects the entries of one scenario.
type scene struct {
	heavy float64 // when answers are much slower for two seconds
	began time.Time
	start *record.Start
	old   []pod // the replicas at the beginning
	fresh []pod // that may take their place
	busy  float64
	grace int  // of each Pod, in seconds
	never bool // no Pod takes a lost one's place
	// detail says more of a request that failed; nil where nothing is to be said.
	detail func(at float64, r *record.Request)
	rng    *rand.Rand
	items  []item
}

// item is an entry and when it arrives, which for a second is its end.
type item struct {
	arrives time.Time
	entry   record.Entry
}

func newScene(name, promise string, began time.Time) *scene {
	s := &scene{began: began, busy: 0.55, grace: 30, rng: rand.New(rand.NewPCG(1, 2))}
	for i := range 3 {
		s.old = append(s.old, pod{fmt.Sprintf("nginx01-7d9c-old%d", i), fmt.Sprintf("%s-old-%d", name, i), fmt.Sprintf("worker%d", i+1), fmt.Sprintf("10.244.%d.7", i+1)})
		s.fresh = append(s.fresh, pod{fmt.Sprintf("nginx01-7d9c-new%d", i), fmt.Sprintf("%s-new-%d", name, i), fmt.Sprintf("worker%d", (i+1)%2+1), fmt.Sprintf("10.244.%d.9", (i+1)%2+1)})
	}
	s.start = &record.Start{
		Name: name, Promise: promise, Labels: []string{name}, Planned: true, Replicas: 3,
		SLO: record.SLO{MaxRecovery: 3 * time.Minute, MinReady: 2, MaxClosedInFlight: 3, MinServesOn: time.Second, Derivation: record.Words("planned, so zero failed requests, zero outage")},
		Plan: record.Plan{Rate: 100, Timeout: 2 * time.Second, SlowAfter: 500 * time.Millisecond, PodHeader: "X-Pod", Connection: 8,
			Requests: []record.Call{{Method: "GET", Path: "/", Status: 200}}},
	}
	for _, mode := range []string{record.Fresh, record.Reused} {
		for _, v := range []string{record.InCluster, record.External} {
			s.start.Plan.Streams = append(s.start.Plan.Streams, record.Stream{Vantage: v, Mode: mode, URL: "http://nginx-svc.nginx:80"})
		}
	}
	s.at(0, record.Entry{Start: s.start})
	for i, p := range s.old {
		s.pod(0.01, p, running)
		s.answers(7.9, p, 200)
		s.at(0.01, record.Entry{Node: &record.Node{Name: fmt.Sprintf("worker%d", i+1), Ready: true}})
	}
	s.endpoints(0.02, s.old...)
	s.workload(0.02, 3)
	s.pdb(0.02, 3)
	for phase, at := range map[string]float64{record.Baseline: 0.1, record.FaultIn: faultAt, record.Recovery: 8.5, record.Settled: settledAt, record.Done: doneAt} {
		s.at(at, record.Entry{Phase: &record.Phase{Name: phase}})
	}
	return s
}

func (s *scene) at(seconds float64, e record.Entry) { s.atClock(seconds, seconds, e) }

func (s *scene) atClock(seconds, arrives float64, e record.Entry) {
	e.Scenario = s.start.Name
	e.Time = s.time(seconds)
	s.items = append(s.items, item{s.time(arrives), e})
}

func (s *scene) time(seconds float64) time.Time {
	return s.began.Add(time.Duration(seconds * 1e6 * 1e3).Round(time.Millisecond))
}

func (s *scene) entries() []record.Entry {
	slices.SortStableFunc(s.items, func(a, b item) int {
		return cmp.Or(a.arrives.Compare(b.arrives))
	})
	var out []record.Entry
	for _, i := range s.items {
		out = append(out, i.entry)
	}
	return out
}
