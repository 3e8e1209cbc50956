// Package attack sends one stream of a plan, open loop at a constant rate or in steps, as
// one of vegeta's pacers says and over hagate's own transport, and accounts for every
// request that was due: in the record's seconds, and one by one where it failed or was slow.
package attack

import (
	"fmt"
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
	inFlight atomic.Int64
	workers  uint64 // requests in flight at most

	mu    sync.Mutex
	tally tally
}

// New prepares to send the plan's requests on a stream of it, until Stop or for at
// most longest. emit gets the entries in the order in which they come up, from
// several goroutines.
func New(plan record.Plan, stream record.Stream, longest time.Duration, emit func(record.Entry)) (*Attack, error) {
	plan = WithDefaults(plan)
	if err := check(plan); err != nil {
		return nil, err
	}
	a := &Attack{stream: stream, workers: workers(plan),
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
//
// It is vegeta's attack loop without its client: a goroutine that paces, and others that
// each send one request at a time and count what became of it. Vegeta's own hands every
// request through an http.Client and two channels more, to goroutines that all have to be
// woken: at 200 requests/s that is more work than the request.
func (a *Attack) Run() {
	defer a.via.Close()
	var senders sync.WaitGroup
	var pacer vegeta.Pacer = a.schedule
	due := make(chan uint64)
	began, seq, working := time.Now(), uint64(0), uint64(0)
	for {
		wait, over := pacer.Pace(time.Since(began), seq)
		if over {
			break
		}
		if wait > 0 {
			time.Sleep(wait)
			continue
		}
		select {
		case due <- seq:
		default:
			if working < a.workers {
				working++
				senders.Go(func() { a.send(due) })
			}
			due <- seq
		}
		seq++
	}
	close(due)
	senders.Wait()
	now := time.Now()
	for ; seq < a.schedule.total(); seq++ {
		a.tally.add(result{Outcome: transport.Outcome{Class: record.ClassClient, Error: "not sent before the load stopped"},
			seq: seq, call: a.request(seq).Call, start: now, done: now})
	}
	a.tally.flush()
}

// send sends the requests that are due, one after the other.
func (a *Attack) send(due <-chan uint64) {
	for seq := range due {
		a.inFlight.Add(1)
		r, start := a.request(seq), time.Now()
		o := a.via.Do(r)
		done := time.Now()
		a.inFlight.Add(-1)
		a.mu.Lock()
		a.tally.add(result{Outcome: o, seq: seq, call: r.Call, start: start, done: done})
		a.mu.Unlock()
	}
}

func (a *Attack) request(seq uint64) *transport.Request {
	return a.requests[seq%uint64(len(a.requests))]
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
