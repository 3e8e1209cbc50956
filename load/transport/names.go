package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// MaxAge is how old an answer of the resolver may be before a name is looked up
// again. Pooled clients and proxies keep names for seconds; one lookup a request
// would put the cluster's DNS under test, with four queries each through a Pod's
// search list, and not the service.
const MaxAge = 5 * time.Second

// Names resolves names, each at most once in MaxAge. Whoever needs a name while it
// is looked up waits for the same lookup; a failure is for them and is not kept. With
// Fresh every one who needs a name looks it up. The zero value uses the platform's
// resolver through Go's own client. It is safe for concurrent use.
type Names struct {
	// Lookup resolves a name; net.Resolver where nil.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// Report gets every lookup when it is over; may be nil.
	Report func(host string, began time.Time, took time.Duration, err error)
	// Timeout of a lookup; that of a request.
	Timeout time.Duration
	// Fresh: nothing is kept, and no lookup shared.
	Fresh bool

	mu    sync.Mutex
	names map[string]*name
}

// name is one lookup and, where it succeeded, its answer.
type name struct {
	done  chan struct{} // closed when the lookup is over and the rest is set
	at    time.Time
	addrs []netip.Addr
	err   error
	turn  atomic.Uint64
}

func (n *name) over() bool {
	select {
	case <-n.done:
		return true
	default:
		return false
	}
}

// Resolve returns an address of host, a name or an address, taking turns where there
// are several, and how long it waited for a lookup.
func (s *Names) Resolve(host string, deadline time.Time) (netip.Addr, time.Duration, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip, 0, nil
	}
	began := time.Now()
	n := s.get(host, began)
	var waited time.Duration
	if !n.over() {
		timer := time.NewTimer(deadline.Sub(began))
		defer timer.Stop()
		select {
		case <-n.done:
		case <-timer.C:
			return netip.Addr{}, time.Since(began), fmt.Errorf("%s: no answer in time", host)
		}
		waited = time.Since(began)
	}
	if n.err != nil {
		return netip.Addr{}, waited, n.err
	}
	return n.addrs[(n.turn.Add(1)-1)%uint64(len(n.addrs))], waited, nil
}

// get returns the lookup under way, or the last one while it is young and did not
// fail, or begins another.
func (s *Names) get(host string, now time.Time) *name {
	if s.Fresh {
		n := &name{done: make(chan struct{})}
		go s.look(host, n)
		return n
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.names[host]; n != nil && (!n.over() || n.err == nil && now.Sub(n.at) < MaxAge) {
		return n
	}
	if s.names == nil {
		s.names = map[string]*name{}
	}
	n := &name{done: make(chan struct{})}
	s.names[host] = n
	go s.look(host, n)
	return n
}

func (s *Names) look(host string, n *name) {
	ctx, cancel := context.WithTimeout(context.Background(), s.Timeout)
	defer cancel()
	find := s.Lookup
	if find == nil {
		find = platform
	}
	began := time.Now()
	n.addrs, n.err = find(ctx, host)
	if n.err == nil && len(n.addrs) == 0 {
		n.err = errors.New("no address for " + host)
	}
	n.at = time.Now()
	close(n.done)
	if s.Report != nil {
		s.Report(host, began, n.at.Sub(began), n.err)
	}
}

func platform(ctx context.Context, host string) ([]netip.Addr, error) {
	r := net.Resolver{PreferGo: true}
	addrs, err := r.LookupNetIP(ctx, "ip", host)
	for i, a := range addrs {
		addrs[i] = a.Unmap()
	}
	return addrs, err
}
