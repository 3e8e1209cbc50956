// Package transport sends HTTP/1.1 requests and tells what became of each: every
// phase timed, every failure classed by the first thing that went wrong, nothing
// sent twice and nothing hidden.
//
// Go's own transport will not do here: it sends an idempotent request again when a
// kept connection turns out to be closed, and asks the server to close first where
// connections are not kept, whose TIME_WAIT then costs later SYNs.
package transport

import (
	"cmp"
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
	return &Transport{Options: o, pool: pool{size: o.Connections}}
}

// Close hangs up all idle connections.
func (t *Transport) Close() { t.pool.drain() }

// Renew replaces the kept connections by new ones, each when it is idle.
func (t *Transport) Renew() { t.pool.renew() }

// Do sends r once and returns when the whole answer was read or the request failed.
func (t *Transport) Do(r *Request) (o Outcome) {
	deadline := time.Now().Add(t.Timeout)
	c := t.idle(deadline, &o)
	if c == nil {
		var p phase
		var err error
		if c, p, err = t.open(r, deadline, &o); err != nil {
			t.pool.lost()
			o.Class, o.Error = classify(p, err), describe(p, err)
			return o
		}
	}
	o.Remote, o.Reused = c.remote, c.served > 0
	keep, p, err := c.exchange(r, t.PodHeader, &o)
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
	if keep && t.Connections > 0 {
		t.pool.put(c)
	} else {
		t.pool.lost()
		c.hangUp()
	}
	return o
}

// idle returns a kept connection that the server has not closed, or nil where a new
// one is due.
func (t *Transport) idle(deadline time.Time, o *Outcome) *conn {
	for {
		c := t.pool.take()
		if c == nil {
			return nil
		}
		if c.SetDeadline(deadline) == nil && !c.dead() {
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
	if err := c.SetDeadline(deadline); err != nil {
		c.hangUp()
		return nil, connect, err
	}
	return c, "", nil
}
