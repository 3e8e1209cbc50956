package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"hagate/record"
)

// phase is the part of a request that an error came up in, as its text says it.
type phase string

const (
	lookup  phase = "lookup"
	connect phase = "connect"
	send    phase = "send"
	wait    phase = "wait for response" // no byte of it came
	read    phase = "read response"     // some did
)

// classify is the class of an error that came up in a phase. It knows nothing of
// the connection's past, which can make a reset one of ClassClosed.
func classify(p phase, err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		switch errno {
		case syscall.EADDRNOTAVAIL, syscall.EADDRINUSE, syscall.EMFILE, syscall.ENFILE,
			syscall.ENOBUFS, syscall.ENOMEM, syscall.EPERM, syscall.EACCES:
			return record.ClassClient
		}
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, net.ErrClosed):
		return record.ClassClient
	case p == lookup:
		return record.ClassDNS
	case isTimeout(err):
		return record.ClassTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return record.ClassReset
	}
	switch errno {
	case syscall.ECONNREFUSED:
		return record.ClassRefused
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED:
		return record.ClassReset
	case syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN:
		return record.ClassNetwork
	}
	if p == connect || p == send {
		return record.ClassClient
	}
	return record.ClassBad
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &timeout) && timeout.Timeout()
}

// describe is the same for all requests that fail the same way: without addresses
// and port numbers.
func describe(p phase, err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		if dns.IsTimeout {
			return fmt.Sprintf("%s: %s: no answer in time", p, dns.Name)
		}
		return fmt.Sprintf("%s: %s: %s", p, dns.Name, dns.Err)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		err = sys.Err
	}
	switch {
	case p != lookup && isTimeout(err):
		return fmt.Sprintf("%s: no end within the timeout", p)
	case errors.Is(err, io.EOF):
		return fmt.Sprintf("%s: connection closed by the server", p)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("%s: connection closed by the server in the middle of it", p)
	}
	return fmt.Sprintf("%s: %v", p, err)
}
