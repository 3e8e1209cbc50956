//go:build !linux

package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// socket is a TCP connection that is used by one goroutine at a time.
type socket struct{ *net.TCPConn }

// newSocket connects before deadline.
func newSocket(local, remote netip.AddrPort, deadline time.Time) (*socket, error) {
	d := net.Dialer{Deadline: deadline, KeepAlive: -1}
	tcp, err := d.DialTCP(context.Background(), "tcp", local, remote)
	if err != nil {
		return nil, err
	}
	s := &socket{tcp}
	s.setDeadline(deadline)
	return s, nil
}

// setDeadline is when Read and Write fail with os.ErrDeadlineExceeded that have to wait.
func (s *socket) setDeadline(t time.Time) { s.SetDeadline(t) }

// dead says whether the server has closed an idle connection, or has sent on it what
// nobody asked for. It does not wait.
func (s *socket) dead() bool {
	raw, err := s.SyscallConn()
	if err != nil {
		return true
	}
	dead := true
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		_, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		dead = !errors.Is(err, syscall.EAGAIN)
		return true
	})
	return dead || err != nil
}

// hangUp closes with an RST.
func (s *socket) hangUp() {
	s.SetLinger(0)
	s.Close()
}
