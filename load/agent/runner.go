package agent

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"hagate/load/attack"
	"hagate/record"
)

// errBusy means that an attack is under way already.
var errBusy = errors.New("an attack is under way: stop it first")

// runner holds at most one attack on all streams of a plan.
type runner struct {
	vantage string
	log     *Log

	mu  sync.Mutex
	now *running // nil: none
}

// running is an attack under way.
type running struct {
	scenario string
	attacks  []*attack.Attack
	stopping bool          // it was asked to
	done     chan struct{} // all is recorded
}

// start begins an attack on all streams of the order, or on none.
func (r *runner) start(o Order) error {
	if o.Longest <= 0 {
		o.Longest = Longest
	}
	if len(o.Plan.Streams) == 0 {
		return errors.New("plan: streams: want at least one")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now != nil {
		return errBusy
	}
	n := &running{scenario: o.Scenario, done: make(chan struct{})}
	emit := func(e record.Entry) {
		e.Clock, e.Scenario = r.vantage, o.Scenario
		if e.Time.IsZero() {
			e.Time = time.Now()
		}
		r.log.Append(e)
	}
	for _, s := range o.Plan.Streams {
		a, err := attack.New(o.Plan, s, o.Longest, emit)
		if err != nil {
			return err
		}
		n.attacks = append(n.attacks, a)
	}
	r.now = n
	runtime.GOMAXPROCS(processors(o.Plan))
	go r.run(n, o.Longest, emit)
	return nil
}

// carriedByOne is a rate, in requests/second, that one core carries with room.
const carriedByOne = 5000

// processors is how many of them Go's scheduler is to use for a plan's streams. With more
// than the load needs, each request goes from one core to another, which costs more than
// the request.
func processors(p record.Plan) int {
	if p.MaxRate()*len(p.Streams) <= carriedByOne {
		return 1
	}
	return runtime.NumCPU()
}

// run sends all streams to their end, and keeps the agent's health in its record
// meanwhile.
func (r *runner) run(n *running, longest time.Duration, emit func(record.Entry)) {
	var all sync.WaitGroup
	for _, a := range n.attacks {
		all.Go(a.Run)
	}
	end := make(chan struct{})
	go func() { all.Wait(); close(end) }()
	watchHealth(end, r.vantage, n.inFlight, emit)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !n.stopping {
		emit(record.Entry{Problem: &record.Problem{What: record.Say("the load of agent %s ended after %s, the longest that it may last: nobody had stopped it", r.vantage, longest)}})
	}
	r.now = nil
	close(n.done)
}

// stop ends the attack, where there is one, and returns when all of it is recorded.
func (r *runner) stop() {
	r.mu.Lock()
	n := r.now
	if n != nil {
		n.stopping = true
		n.stop()
	}
	r.mu.Unlock()
	if n != nil {
		<-n.done
	}
}

// renew has the attack under way, where there is one, replace its kept connections.
func (r *runner) renew() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now == nil {
		return
	}
	for _, a := range r.now.attacks {
		a.Renew()
	}
}

// wait returns when the attack under way is recorded, or ctx is done.
func (r *runner) wait(ctx context.Context) {
	r.mu.Lock()
	n := r.now
	r.mu.Unlock()
	if n == nil {
		return
	}
	select {
	case <-n.done:
	case <-ctx.Done():
	}
}

func (r *runner) status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Status{Vantage: r.vantage}
	if r.now != nil {
		s.Running, s.Scenario, s.InFlight = true, r.now.scenario, r.now.inFlight()
	}
	var err error
	if s.Size, err = r.log.State(); err != nil {
		s.Error = err.Error()
	}
	return s
}

func (n *running) stop() {
	for _, a := range n.attacks {
		a.Stop()
	}
}

func (n *running) inFlight() int {
	sum := 0
	for _, a := range n.attacks {
		sum += a.InFlight()
	}
	return sum
}
