package transport

import (
	"errors"
	"net/netip"
	"os"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"
)

var somewhere = netip.MustParseAddrPort("127.0.0.1:80")

func TestNoPortComesRoundBeforeAllWereUsed(t *testing.T) {
	g := NewWithT(t)
	seen := map[uint16]bool{}
	for _, p := range []*Ports{UsualPorts, RaisedPorts} {
		for range p.count {
			_, err := p.with(somewhere, func(local netip.AddrPort) (*conn, error) {
				g.Expect(local.Port()).To(BeNumerically(">=", 1024))
				g.Expect(seen[local.Port()]).To(BeFalse(), "port %d", local.Port())
				seen[local.Port()] = true
				return nil, nil
			})
			g.Expect(err).NotTo(HaveOccurred())
		}
	}
	g.Expect(seen).To(HaveLen(64<<10 - 1024))
}

func TestPortInUseIsPassedOver(t *testing.T) {
	for _, inUse := range []error{syscall.EADDRINUSE, syscall.EADDRNOTAVAIL} {
		g := NewWithT(t)
		tries := 0
		_, err := UsualPorts.with(somewhere, func(netip.AddrPort) (*conn, error) {
			if tries++; tries < 3 {
				return nil, os.NewSyscallError("bind", inUse)
			}
			return nil, nil
		})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(tries).To(Equal(3))
	}
}

func TestPortsThatAreAllInUseAreTheClientsOwnFailure(t *testing.T) {
	g := NewWithT(t)
	tries := 0
	_, err := UsualPorts.with(somewhere, func(netip.AddrPort) (*conn, error) {
		tries++
		return nil, os.NewSyscallError("bind", syscall.EADDRINUSE)
	})
	g.Expect(tries).To(Equal(portTries))
	g.Expect(classify(connect, err)).To(Equal("client"))
}

func TestOtherErrorsAreNotTriedAgain(t *testing.T) {
	g := NewWithT(t)
	tries := 0
	_, err := UsualPorts.with(somewhere, func(netip.AddrPort) (*conn, error) {
		tries++
		return nil, syscall.ECONNREFUSED
	})
	g.Expect(errors.Is(err, syscall.ECONNREFUSED)).To(BeTrue())
	g.Expect(tries).To(Equal(1))
}
