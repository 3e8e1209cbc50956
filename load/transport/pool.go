package transport

import "sync"

// pool holds the idle connections of a stream, as many as it keeps whatever is in
// flight, handed out in the order they came back, so that every one stays in use and
// all endpoints get their share.
type pool struct {
	mu   sync.Mutex
	size int // idle connections to keep
	open int // idle ones and those in use
	idle []*conn
	now  int // age: how often it was renewed
}

// take returns the connection that has been idle longest. It returns nil, and counts
// one more open, where fewer are open than the pool keeps or all are in use: the caller
// opens one then.
func (p *pool) take() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open < p.size || len(p.idle) == 0 {
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
