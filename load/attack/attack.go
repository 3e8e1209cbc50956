// Package attack sends one stream of a plan, open loop at a constant rate or in steps, with
// vegeta's attacker over hagate's own transport, and accounts for every request that
// was due: in the record's seconds, and one by one where it failed or was slow.
package attack

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"hagate/load/transport"
	"hagate/record"
)

// Attack is one stream of a plan, sent.
type Attack struct {
	stream   record.Stream
	requests []*transport.Request // sent in rotation
	via      *transport.Transport
	schedule *schedule
	tally    tally
	inFlight atomic.Int64
	workers  uint64 // requests in flight at most

	mu       sync.Mutex
	outcomes map[uint64]transport.Outcome // by seq, between the transport and the tally
}

// New prepares to send the plan's requests on a stream of it, until Stop or for at
// most longest. emit gets the entries in the order in which they come up, from
// several goroutines.
func New(plan record.Plan, stream record.Stream, longest time.Duration, emit func(record.Entry)) (*Attack, error) {
	plan = WithDefaults(plan)
	if err := check(plan); err != nil {
		return nil, err
	}
	a := &Attack{stream: stream, workers: workers(plan), outcomes: map[uint64]transport.Outcome{},
		schedule: newSchedule(plan, longest)}
	for _, call := range plan.Requests {
		r, err := transport.NewRequest(call, stream.URL)
		if err != nil {
			return nil, fmt.Errorf("stream %s: %w", stream.Name(), err)
		}
		a.requests = append(a.requests, r)
	}
	options := transport.Options{Timeout: plan.Timeout, Retries: plan.Retries, PodHeader: plan.PodHeader, Names: names(stream, plan, emit)}
	switch stream.Mode {
	case record.Fresh:
	case record.Reused:
		options.Connections, options.ThinkTime = plan.Connection, plan.ThinkTime
	default:
		return nil, fmt.Errorf("stream %s: mode %q: want %s or %s", stream.Name(), stream.Mode, record.Fresh, record.Reused)
	}
	if len(plan.Steps) > 0 {
		options.Ports = transport.RaisedPorts
	}
	a.via = transport.New(options)
	a.tally = tally{stream: stream.Name(), slowAfter: plan.SlowAfter, schedule: a.schedule, emit: emit, open: map[int64]*second{}}
	return a, nil
}

// Stop ends the schedule: what was due by now is still sent, and what is in flight
// ends as it will. Run returns then.
func (a *Attack) Stop() { a.schedule.stop() }

// Renew replaces the connections that are kept by new ones.
func (a *Attack) Renew() { a.via.Renew() }

// InFlight is the number of requests under way.
func (a *Attack) InFlight() int { return int(a.inFlight.Load()) }

// mostWorkers is what the agent's memory and ports are good for.
const mostWorkers = 40_000

// workers bounds the requests in flight: twice what a service that answers nothing
// makes wait. Beyond, requests start late, and late is what they are recorded as.
func workers(plan record.Plan) uint64 {
	return min(mostWorkers, max(100, uint64(2*float64(plan.MaxRate())*plan.Timeout.Seconds())))
}

// Run sends, once, and returns when every request that was due is accounted for.
func (a *Attack) Run() {
	defer a.via.Close()
	attacker := vegeta.NewAttacker(
		vegeta.Client(&http.Client{Transport: a, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}),
		vegeta.MaxWorkers(a.workers),
		vegeta.MaxBody(0),
	)
	// What is sent is the transport's; vegeta's target only has to be one.
	target := vegeta.NewStaticTargeter(vegeta.Target{Method: http.MethodGet, URL: a.stream.URL})
	sent := uint64(0)
	for r := range attacker.Attack(target, a.schedule, 0, "") {
		a.tally.add(result{Outcome: a.outcome(r), seq: r.Seq, call: a.request(r.Seq).Call, start: r.Timestamp, done: r.Timestamp.Add(r.Latency)})
		sent++
	}
	// Numbers are given without gaps, so these are the ones that were due and not sent.
	now := time.Now()
	for seq := sent; seq < a.schedule.total(); seq++ {
		a.tally.add(result{Outcome: transport.Outcome{Class: record.ClassClient, Error: "not sent before the load stopped"},
			seq: seq, call: a.request(seq).Call, start: now, done: now})
	}
	a.tally.flush()
}

func (a *Attack) request(seq uint64) *transport.Request {
	return a.requests[seq%uint64(len(a.requests))]
}

// outcome is what the transport said of a result.
func (a *Attack) outcome(r *vegeta.Result) transport.Outcome {
	a.mu.Lock()
	defer a.mu.Unlock()
	o, ok := a.outcomes[r.Seq]
	if !ok {
		return transport.Outcome{Class: record.ClassClient, Error: "not sent: " + r.Error}
	}
	delete(a.outcomes, r.Seq)
	return o
}

// answered is what vegeta sees of every request: the outcome goes its own way.
var answered = http.Response{StatusCode: http.StatusOK, Body: http.NoBody}

// RoundTrip implements http.RoundTripper for vegeta's client: it sends the request
// that has the number in vegeta's header.
func (a *Attack) RoundTrip(r *http.Request) (*http.Response, error) {
	seq, err := strconv.ParseUint(r.Header.Get("X-Vegeta-Seq"), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("vegeta's request has no number: %w", err)
	}
	a.inFlight.Add(1)
	o := a.via.Do(a.request(seq))
	a.inFlight.Add(-1)
	a.mu.Lock()
	a.outcomes[seq] = o
	a.mu.Unlock()
	resp := answered
	return &resp, nil
}

// names resolves for one stream, as a client of its own, and reports each lookup.
func names(stream record.Stream, plan record.Plan, emit func(record.Entry)) *transport.Names {
	return &transport.Names{Timeout: plan.Timeout, Fresh: plan.FreshNames, Report: func(host string, began time.Time, took time.Duration, err error) {
		l := &record.Lookup{Vantage: stream.Vantage, Name: host, Took: took}
		if err != nil {
			l.Error = err.Error()
		}
		emit(record.Entry{Time: began, Lookup: l})
	}}
}
