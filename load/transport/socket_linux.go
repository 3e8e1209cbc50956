package transport

import (
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socket is a TCP connection that is used by one goroutine at a time.
//
// What it asks of the kernel never blocks, and goes past Go's scheduler: that takes every
// system call for one that may, and wakes the runtime's monitor thread for the first of
// them after each pause, which then looks every 20 µs whether the call is over. At 200
// requests/s this costs more than the requests. So sockets have an epoll of their own,
// which is the one descriptor of theirs that the runtime waits for.
type socket struct {
	fd    uintptr
	turn  int32         // tells it from those that have the descriptor before and after
	ready chan struct{} // more may be possible than when it was last tried
	timer *time.Timer   // ends all waiting at the deadline
}

// newSocket connects before deadline.
func newSocket(local, remote netip.AddrPort, deadline time.Time) (*socket, error) {
	if err := waiting.start(); err != nil {
		return nil, err
	}
	family := uintptr(syscall.AF_INET)
	if !remote.Addr().Unmap().Is4() {
		family = syscall.AF_INET6
	}
	fd, _, errno := syscall.RawSyscall(syscall.SYS_SOCKET, family, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if errno != 0 {
		return nil, os.NewSyscallError("socket", errno)
	}
	s := &socket{fd: fd, ready: make(chan struct{}, 1), timer: time.NewTimer(time.Until(deadline))}
	if err := s.connect(local, remote); err != nil {
		s.hangUp()
		return nil, err
	}
	return s, nil
}

func (s *socket) connect(local, remote netip.AddrPort) error {
	from, to := sockaddr(local), sockaddr(remote)
	size := unsafe.Sizeof(to)
	if remote.Addr().Unmap().Is4() {
		size = unsafe.Sizeof(unix.RawSockaddrInet4{})
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_BIND, s.fd, uintptr(unsafe.Pointer(&from)), size); errno != 0 {
		return os.NewSyscallError("bind", errno)
	}
	_, _, errno := syscall.RawSyscall(syscall.SYS_CONNECT, s.fd, uintptr(unsafe.Pointer(&to)), size)
	if errno != 0 && errno != syscall.EINPROGRESS {
		return os.NewSyscallError("connect", errno)
	}
	if err := waiting.add(s); err != nil {
		return err
	}
	// Until the handshake is over, the socket is neither writable nor in error.
	if err := s.wait(); err != nil {
		return err
	}
	failed, length := int32(0), uint32(4)
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_GETSOCKOPT, s.fd, syscall.SOL_SOCKET, syscall.SO_ERROR,
		uintptr(unsafe.Pointer(&failed)), uintptr(unsafe.Pointer(&length)), 0); errno != 0 {
		return os.NewSyscallError("getsockopt", errno)
	}
	if failed != 0 {
		return os.NewSyscallError("connect", syscall.Errno(failed))
	}
	on := int32(1) // as Go's own connections have it
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_SETSOCKOPT, s.fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, uintptr(unsafe.Pointer(&on)), unsafe.Sizeof(on), 0); errno != 0 {
		return os.NewSyscallError("setsockopt", errno)
	}
	return nil
}

// sockaddr is a as the kernel has it: an IPv4 one takes up the first bytes.
func sockaddr(a netip.AddrPort) (raw unix.RawSockaddrInet6) {
	port := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, a.Port()))
	if ip := a.Addr().Unmap(); ip.Is4() {
		*(*unix.RawSockaddrInet4)(unsafe.Pointer(&raw)) = unix.RawSockaddrInet4{Family: syscall.AF_INET, Port: port, Addr: ip.As4()}
		return raw
	}
	return unix.RawSockaddrInet6{Family: syscall.AF_INET6, Port: port, Addr: a.Addr().As16()}
}

// setDeadline is when Read and Write fail with os.ErrDeadlineExceeded that have to wait.
func (s *socket) setDeadline(t time.Time) { s.timer.Reset(time.Until(t)) }

func (s *socket) wait() error {
	select {
	case <-s.ready:
		return nil
	case <-s.timer.C:
		s.timer.Reset(0) // parsers read again after an error
		return os.ErrDeadlineExceeded
	}
}

// Read implements io.Reader.
func (s *socket) Read(b []byte) (int, error) {
	for {
		n, err := s.call(syscall.SYS_RECVFROM, b, 0)
		switch {
		case n > 0 || err == nil && len(b) == 0:
			return n, nil
		case err == nil:
			return 0, io.EOF
		case !errors.Is(err, syscall.EAGAIN):
			return 0, err
		}
		if err := s.wait(); err != nil {
			return 0, err
		}
	}
}

// Write implements io.Writer.
func (s *socket) Write(b []byte) (written int, err error) {
	for written < len(b) {
		n, err := s.call(syscall.SYS_SENDTO, b[written:], syscall.MSG_NOSIGNAL)
		written += n
		if errors.Is(err, syscall.EAGAIN) {
			err = s.wait()
		}
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// dead says whether the server has closed an idle connection, or has sent on it what
// nobody asked for. It does not wait.
func (s *socket) dead() bool {
	var b [1]byte
	_, err := s.call(syscall.SYS_RECVFROM, b[:], syscall.MSG_PEEK)
	return !errors.Is(err, syscall.EAGAIN)
}

// call is recv(2) or send(2), with EAGAIN where it would have to wait.
func (s *socket) call(number uintptr, b []byte, flags uintptr) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall6(number, s.fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), flags, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}

// hangUp closes with an RST.
func (s *socket) hangUp() {
	s.timer.Stop()
	waiting.remove(s)
	linger := unix.Linger{Onoff: 1}
	syscall.RawSyscall6(syscall.SYS_SETSOCKOPT, s.fd, syscall.SOL_SOCKET, syscall.SO_LINGER, uintptr(unsafe.Pointer(&linger)), unsafe.Sizeof(linger), 0)
	syscall.RawSyscall(syscall.SYS_CLOSE, s.fd, 0, 0)
}

// waiting is the epoll of all sockets of the process.
var waiting poller

// poller wakes who waits for a socket.
type poller struct {
	start func() error // it is made with the first socket
	fd    uintptr

	mu      sync.Mutex
	turn    int32
	sockets map[int32]*socket // by descriptor
}

func init() { waiting.start = sync.OnceValue(waiting.open) }

func (p *poller) open() error {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	// This is how os tells what the runtime can wait for.
	if err := unix.SetNonblock(fd, true); err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	p.fd, p.sockets = uintptr(fd), map[int32]*socket{}
	raw, err := os.NewFile(p.fd, "epoll").SyscallConn()
	if err != nil {
		return err
	}
	go raw.Read(func(uintptr) bool { p.wake(); return false })
	return nil
}

// wake wakes all that have been waited for.
func (p *poller) wake() {
	var events [128]unix.EpollEvent
	for {
		n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, p.fd, uintptr(unsafe.Pointer(&events)), uintptr(len(events)), 0, 0, 0)
		if errno != 0 || n == 0 {
			return
		}
		p.mu.Lock()
		for _, e := range events[:n] {
			if s := p.sockets[e.Fd]; s != nil && s.turn == e.Pad {
				select {
				case s.ready <- struct{}{}:
				default:
				}
			}
		}
		p.mu.Unlock()
	}
}

// add has s woken whenever more becomes possible, beginning with what is now.
func (p *poller) add(s *socket) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turn++
	s.turn = p.turn
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET&0xffffffff, Fd: int32(s.fd), Pad: s.turn}
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_CTL, p.fd, unix.EPOLL_CTL_ADD, s.fd, uintptr(unsafe.Pointer(&event)), 0, 0); errno != 0 {
		return os.NewSyscallError("epoll_ctl", errno)
	}
	p.sockets[int32(s.fd)] = s
	return nil
}

// remove forgets s, which the kernel does when it is closed.
func (p *poller) remove(s *socket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sockets, int32(s.fd))
}
