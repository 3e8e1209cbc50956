package gate

import (
	"sync"
	"time"

	"hagate/record"
)

// remembered is how far back a relay can hand entries on again, beside a request's
// timeout: a second is written when its last request is over.
const remembered = 15 * time.Second

// relay writes what the load agents record to the scenarios that it belongs to, by the
// time at which it happened: load that goes on from one scenario to the next is the end
// of the one and the beginning of the other. What falls between two is the first one's:
// its fault came last.
type relay struct {
	write   func(record.Entry) error
	timeout time.Duration      // of a request
	see     func(record.Entry) // every entry, whosever it is

	mu     sync.Mutex
	before part // a scenario that is over: what is late of it still comes
	now    part
	recent []record.Entry // in the order of arrival
	newest time.Time
	err    error // the first that write returned
}

// part is a scenario's share of the load. It begins at from, and ends at until, which is
// zero while it goes on, or later where the next one begins later.
type part struct {
	scenario    string
	from, until time.Time
}

func (p part) began(at time.Time) bool { return p.scenario != "" && !at.Before(p.from) }

// take takes in one entry of an agent.
func (r *relay) take(e record.Entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.see(e)
	r.remember(e)
	if r.before.began(e.Time) && (e.Time.Before(r.before.until) || !r.now.began(e.Time)) {
		r.hand(e, r.before)
	}
	if r.now.began(e.Time) {
		r.hand(e, r.now)
	}
	return r.err
}

func (r *relay) hand(e record.Entry, p part) {
	e.Scenario = p.scenario
	if err := r.write(e); r.err == nil {
		r.err = err
	}
}

func (r *relay) remember(e record.Entry) {
	r.recent = append(r.recent, e)
	if e.Time.After(r.newest) {
		r.newest = e.Time
	}
	old := 0
	for old < len(r.recent) && r.newest.Sub(r.recent[old].Time) > remembered+r.timeout {
		old++
	}
	r.recent = r.recent[old:]
}

// begin gives a scenario what happens from a moment on, and what is remembered of it.
func (r *relay) begin(scenario string, from time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.before, r.now = r.now, part{scenario: scenario, from: from}
	for _, e := range r.recent {
		if r.now.began(e.Time) {
			r.hand(e, r.now)
		}
	}
	return r.err
}

// end is when the scenario under way is over. What happens from then on is its own until
// another begins.
func (r *relay) end(until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now.until = until
}

// scenario is the one under way, or the last that was.
func (r *relay) scenario() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now.scenario
}

// ended is when the scenario was ended while its load went on; zero where it was not.
func (r *relay) ended(scenario string) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now.scenario != scenario {
		return time.Time{}
	}
	return r.now.until
}

// forget begins anew: another load comes.
func (r *relay) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.before, r.now, r.recent, r.newest = part{}, part{}, nil, time.Time{}
}
