package transport

import (
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// blackhole is a listener that nobody accepts from, its queue filled: further SYNs
// are dropped.
func blackhole(t *testing.T) string {
	t.Helper()
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	check(err)
	t.Cleanup(func() { unix.Close(fd) })
	check(unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	check(unix.Listen(fd, 0))
	at, err := unix.Getsockname(fd)
	check(err)
	for range 4 {
		c, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		check(err)
		t.Cleanup(func() { unix.Close(c) })
		check(unix.SetNonblock(c, true))
		if err := unix.Connect(c, at); err != nil && !errors.Is(err, unix.EINPROGRESS) {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("http://127.0.0.1:%d", at.(*unix.SockaddrInet4).Port)
}
