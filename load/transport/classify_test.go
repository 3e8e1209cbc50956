package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"hagate/record"
)

func op(name string, errno syscall.Errno) error {
	return &net.OpError{Op: name, Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 80}, Err: os.NewSyscallError(name, errno)}
}

func TestClassify(t *testing.T) {
	tests := []struct {
		phase phase
		err   error
		class string
		text  string
	}{
		{connect, op("connect", syscall.ECONNREFUSED), record.ClassRefused, "connect: connection refused"},
		{connect, op("connect", syscall.EHOSTUNREACH), record.ClassNetwork, "connect: no route to host"},
		{connect, op("connect", syscall.ENETUNREACH), record.ClassNetwork, "connect: network is unreachable"},
		{connect, op("connect", syscall.ETIMEDOUT), record.ClassTimeout, "connect: no end within the timeout"},
		{connect, &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, record.ClassTimeout, "connect: no end within the timeout"},
		{connect, op("connect", syscall.EADDRNOTAVAIL), record.ClassClient, "connect: cannot assign requested address"},
		{connect, op("socket", syscall.EMFILE), record.ClassClient, "connect: too many open files"},
		{connect, op("socket", syscall.ENFILE), record.ClassClient, "connect: too many open files in system"},
		{connect, op("socket", syscall.ENOBUFS), record.ClassClient, "connect: no buffer space available"},
		{connect, op("connect", syscall.EPERM), record.ClassClient, "connect: operation not permitted"},
		{connect, op("connect", syscall.ECONNRESET), record.ClassReset, "connect: connection reset by peer"},
		{connect, context.Canceled, record.ClassClient, "connect: context canceled"},
		{connect, errors.New("odd"), record.ClassClient, "connect: odd"},
		{send, op("write", syscall.EPIPE), record.ClassReset, "send: broken pipe"},
		{send, op("write", syscall.ECONNRESET), record.ClassReset, "send: connection reset by peer"},
		{wait, io.EOF, record.ClassReset, "wait for response: connection closed by the server"},
		{wait, op("read", syscall.ECONNRESET), record.ClassReset, "wait for response: connection reset by peer"},
		{wait, &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, record.ClassTimeout, "wait for response: no end within the timeout"},
		{wait, op("read", syscall.EHOSTUNREACH), record.ClassNetwork, "wait for response: no route to host"},
		{read, io.ErrUnexpectedEOF, record.ClassReset, "read response: connection closed by the server in the middle of it"},
		{read, op("read", syscall.ECONNRESET), record.ClassReset, "read response: connection reset by peer"},
		{read, errors.New("malformed HTTP response"), record.ClassBad, "read response: malformed HTTP response"},
		{read, errTooLong, record.ClassBad, "read response: body longer than 67108864 bytes"},
		{lookup, &net.DNSError{Name: "web.nginx", Err: "no such host", IsNotFound: true}, record.ClassDNS, "lookup: web.nginx: no such host"},
		{lookup, &net.DNSError{Name: "web.nginx", Err: "read udp 10.1.1.1:4711->10.96.0.10:53: i/o timeout", IsTimeout: true}, record.ClassDNS, "lookup: web.nginx: no answer in time"},
		{lookup, fmt.Errorf("dial: %w", op("socket", syscall.EMFILE)), record.ClassClient, "lookup: too many open files"},
	}
	for _, tt := range tests {
		if got := classify(tt.phase, tt.err); got != tt.class {
			t.Errorf("%s, %v: got class %s, want %s", tt.phase, tt.err, got, tt.class)
		}
		if got := describe(tt.phase, tt.err); got != tt.text {
			t.Errorf("%s, %v: got text %q, want %q", tt.phase, tt.err, got, tt.text)
		}
	}
}
