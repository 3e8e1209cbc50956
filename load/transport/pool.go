package transport

import (
	"sync"
	"time"
)

// pool holds the idle connections of a stream, as many as it keeps whatever is in
// flight, handed out in the order they came back, so that every one stays in use and
// all endpoints get their share.
type pool struct {
	mu    sync.Mutex
	size  int           // idle connections to keep
	think time.Duration // that one is idle at the least before it is used again
	open  int           // idle ones and those in use
	idle  []*conn
	now   int // age: how often it was renewed
}

// take returns the connection that has been idle longest. It returns nil, and counts
// one more open, where none has been idle for long enough: the caller opens one then. A
// pool whose clients do not pause opens as many as it keeps first; one whose clients do
// has no more than it needs, so that they are idle for about as long as clients pause.
func (p *pool) take() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.think == 0 && p.open < p.size || len(p.idle) == 0 || time.Since(p.idle[0].since) < p.think {
		p.open++
		return nil
	}
	c := p.idle[0]
	p.idle[0] = nil
	p.idle = p.idle[1:]
	return c
}

// put gives a connection back, and hangs up where as many are idle as the pool keeps or
// it is of another age.
func (p *pool) put(c *conn) {
	p.mu.Lock()
	if len(p.idle) < p.size && c.age == p.now {
		c.since = time.Now()
		p.idle = append(p.idle, c)
		p.mu.Unlock()
		return
	}
	p.open--
	p.mu.Unlock()
	c.hangUp()
}

// lost is called for every connection that was taken and does not come back.
func (p *pool) lost() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
}

// age is what a connection that is opened now is to have.
func (p *pool) age() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// renew hangs up all connections, those in use when they come back.
func (p *pool) renew() {
	p.mu.Lock()
	p.now++
	p.mu.Unlock()
	p.drain()
}

// drain hangs up all idle connections.
func (p *pool) drain() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.open = nil, p.open-len(p.idle)
	p.mu.Unlock()
	for _, c := range idle {
		c.hangUp()
	}
}
