package transport

import (
	"errors"
	"net/netip"
	"sync/atomic"
	"syscall"
)

// Ports are local ports that connections take in turn. All connections of a host share
// them, whatever scenario they are for.
//
// A SYN that a dying Pod never answered, or a connection that an overloaded one gave up
// late, leaves a conntrack entry on the way that lives two minutes
// (nf_conntrack_tcp_timeout_syn_sent, _time_wait) and sends whoever uses the same port
// next to the same Pod, though it died since. The harness would count failures that no
// client of the service's would see. So a port comes round as late as can be, which the
// kernel's own choice, out of half of 28,000, does not do.
type Ports struct {
	first, count uint32
	taken        atomic.Uint32
}

var (
	// UsualPorts come round after two minutes at up to 400 new connections a second.
	UsualPorts = &Ports{first: 17 << 10, count: 47 << 10}
	// RaisedPorts are for a load that is raised until something gives way, which soon
	// has used all of them; the well-known ones are left out.
	RaisedPorts = &Ports{first: 1 << 10, count: 16 << 10}
)

const portTries = 1000

// with calls dial with one local address after the other until its port is free.
func (p *Ports) with(remote netip.AddrPort, dial func(local netip.AddrPort) (*conn, error)) (c *conn, err error) {
	unspecified := netip.IPv6Unspecified()
	if remote.Addr().Unmap().Is4() {
		unspecified = netip.IPv4Unspecified()
	}
	for range portTries {
		port := p.first + p.taken.Add(1)%p.count
		if port == uint32(remote.Port()) {
			continue // on loopback a socket connects to itself where nobody listens
		}
		c, err = dial(netip.AddrPortFrom(unspecified, uint16(port)))
		if !errors.Is(err, syscall.EADDRINUSE) && !errors.Is(err, syscall.EADDRNOTAVAIL) {
			break
		}
	}
	return c, err
}
