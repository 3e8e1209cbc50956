package transport

import (
	"errors"
	"net/netip"
	"sync/atomic"
	"syscall"
)

// Local ports, the well-known ones left out.
const (
	firstPort = 1024
	lastPort  = 65535
	portTries = 1000
)

// portsTaken counts the ports handed out by this process: all its connections share
// one host's.
var portsTaken atomic.Uint32

// withPort calls dial with one local address after the other until its port is free.
//
// Ports are taken in turn so that none comes round before two minutes are over, up to
// 500 new connections a second. A SYN that a dying Pod never answered leaves a conntrack
// entry on the way that lives that long (nf_conntrack_tcp_timeout_syn_sent) and sends
// whoever uses the same port next to the same dead Pod; the kernel's own choice, out of
// half of 28,000, comes round within a minute at half that rate, and the harness would
// go on counting failures that no client of the service's would see.
func withPort(remote netip.AddrPort, dial func(local netip.AddrPort) (*conn, error)) (c *conn, err error) {
	unspecified := netip.IPv6Unspecified()
	if remote.Addr().Unmap().Is4() {
		unspecified = netip.IPv4Unspecified()
	}
	for range portTries {
		port := firstPort + portsTaken.Add(1)%(lastPort-firstPort+1)
		c, err = dial(netip.AddrPortFrom(unspecified, uint16(port)))
		if !errors.Is(err, syscall.EADDRINUSE) && !errors.Is(err, syscall.EADDRNOTAVAIL) {
			break
		}
	}
	return c, err
}
