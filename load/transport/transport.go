// Package transport sends HTTP/1.1 requests and tells what became of each: every
// phase timed, every failure classed by the first thing that went wrong, nothing
// sent again that is not told, and nothing hidden.
//
// Go's own transport will not do here: it sends an idempotent request again when a
// kept connection turns out to be closed, and asks the server to close first where
// connections are not kept, whose TIME_WAIT then costs later SYNs.
package transport

import (
	"cmp"
	"net/http"
	"net/netip"
	"time"

	"hagate/record"
)

// Options of a Transport.
type Options struct {
	// Timeout of a request from its send to the last byte of the answer, lookup and
	// connect included.
	Timeout time.Duration
	// Connections is how many idle connections are kept and used in turn, whatever is in
	// flight. 0: every request gets a new one, closed by this side when the whole answer
	// is there.
	Connections int
	// ThinkTime is how long a kept connection is idle at the least before it is used again.
	// Where none has been for as long, another one is opened.
	ThinkTime time.Duration
	// Retries is how often a request is tried again, at the most; see Outcome.again.
	Retries int
	// PodHeader names the header whose value says which Pod answered.
	PodHeader string
	// Names resolves the hosts of requests.
	Names *Names
	// Ports are those that connections are made from; UsualPorts where nil.
	Ports *Ports
}

// Transport sends requests. It is safe for concurrent use.
type Transport struct {
	Options
	pool pool
}

// New returns a transport. Close it when no request is under way any more.
func New(o Options) *Transport {
	o.Ports = cmp.Or(o.Ports, UsualPorts)
	return &Transport{Options: o, pool: pool{size: o.Connections, think: o.ThinkTime}}
}

// Close hangs up all idle connections.
func (t *Transport) Close() { t.pool.drain() }

// Renew replaces the kept connections by new ones, each when it is idle.
func (t *Transport) Renew() { t.pool.renew() }

// Do sends r and returns when the whole answer was read or the request failed. A try that
// clients repeat is followed by another one at once, on another connection, while there is
// time and as often as the options say. What it returns is the last.
func (t *Transport) Do(r *Request) Outcome {
	deadline := time.Now().Add(t.Timeout)
	var before []Outcome
	for {
		o, p, c, keep := t.try(r, deadline)
		defer t.release(c, keep) // when the next try has a connection of its own
		if len(before) == t.Retries || !o.again(r, p) || !time.Now().Before(deadline) {
			o.Before = before
			return o
		}
		before = append(before, o)
	}
}

// try sends r once. c is the connection that it went on, nil where there was none, and keep
// says that it can carry another request. p is the phase that the try failed in.
func (t *Transport) try(r *Request, deadline time.Time) (o Outcome, p phase, c *conn, keep bool) {
	defer func(began time.Time) { o.Took = time.Since(began) }(time.Now())
	var err error
	if c = t.idle(deadline, &o); c == nil {
		if c, p, err = t.open(r, deadline, &o); err != nil {
			o.Class, o.Error = classify(p, err), describe(p, err)
			return o, p, nil, false
		}
	}
	o.Remote, o.Reused = c.remote, c.served > 0
	keep, p, err = c.exchange(r, t.PodHeader, &o)
	if err != nil {
		o.Class, o.Error = classify(p, err), describe(p, err)
		if o.Class == record.ClassReset && p != read && o.Reused && r.idempotent && time.Since(c.sent) <= record.ClosedWithin {
			o.Class = record.ClassClosed
		}
	}
	switch {
	case o.Pod != "":
		c.pod = o.Pod
	case err != nil || o.Status != r.Call.Status:
		o.Pod = c.pod
	}
	c.served++
	return o, p, c, keep
}

// release gives back what a try has taken from the pool.
func (t *Transport) release(c *conn, keep bool) {
	switch {
	case c == nil:
		t.pool.lost()
	case keep && t.Connections > 0:
		t.pool.put(c)
	default:
		t.pool.lost()
		c.hangUp()
	}
}

// again says whether clients that try again do so after o, a try of r that failed in phase
// p or was answered: where r is safe to repeat, and no connection came about, a kept one
// ended before a byte of an answer, or somebody on the way had no answer.
func (o Outcome) again(r *Request, p phase) bool {
	switch {
	case !r.idempotent || o.Class == record.ClassClient:
		return false
	case o.Class == "":
		return o.Status != r.Call.Status && (o.Status == http.StatusBadGateway || o.Status == http.StatusServiceUnavailable || o.Status == http.StatusGatewayTimeout)
	case p == connect:
		return true
	}
	return o.Reused && (p == send || p == wait) && (o.Class == record.ClassClosed || o.Class == record.ClassReset)
}

// idle returns a kept connection that the server has not closed, or nil where a new
// one is due.
func (t *Transport) idle(deadline time.Time, o *Outcome) *conn {
	for {
		c := t.pool.take()
		if c == nil {
			return nil
		}
		if !c.dead() {
			c.setDeadline(deadline)
			return c
		}
		o.Noticed++
		t.pool.lost()
		c.hangUp()
	}
}

func (t *Transport) open(r *Request, deadline time.Time, o *Outcome) (*conn, phase, error) {
	ip, waited, err := t.Names.Resolve(r.host, deadline)
	o.DNS = waited
	if err != nil {
		return nil, lookup, err
	}
	began := time.Now()
	o.Remote = r.remote(ip)
	c, err := t.Ports.with(o.Remote, func(local netip.AddrPort) (*conn, error) { return dial(local, o.Remote, deadline) })
	o.Connect = time.Since(began)
	if err != nil {
		return nil, connect, err
	}
	o.Opened, c.age = 1, t.pool.age()
	return c, "", nil
}
