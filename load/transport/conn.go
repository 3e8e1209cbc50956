package transport

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// MaxBody bounds how much of an answer is read; a longer one is of ClassBad.
const MaxBody = 64 << 20

var errTooLong = fmt.Errorf("body longer than %d bytes", MaxBody)

// conn is a connection and what it has been through.
type conn struct {
	*socket
	in     *bufio.Reader
	remote netip.AddrPort
	served int       // requests answered
	pod    string    // that answered last, where its header said so
	age    int       // of the pool when it was opened
	since  time.Time // it is idle, where it is
	sent   time.Time // last byte of the last request, or where it was cut its first
	failed error     // of the last read, whatever a parser above made of it
}

var readers = sync.Pool{New: func() any { return bufio.NewReader(nil) }}

func dial(local, remote netip.AddrPort, deadline time.Time) (*conn, error) {
	s, err := newSocket(local, remote, deadline)
	if err != nil {
		return nil, err
	}
	c := &conn{socket: s, in: readers.Get().(*bufio.Reader), remote: remote}
	c.in.Reset(c)
	return c, nil
}

// Read implements io.Reader.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.socket.Read(b)
	c.failed = err
	return n, err
}

// hangUp closes with an RST, which leaves no TIME_WAIT on either side: the server's
// would sit behind the node's masquerading and swallow SYNs when a port comes round
// again, ours would use up the ports.
func (c *conn) hangUp() {
	c.socket.hangUp()
	c.in.Reset(nil)
	readers.Put(c.in)
}

// exchange sends r, reads the whole answer and writes what it saw into o. keep says
// that the connection can carry another request. p is the phase that err came up in.
func (c *conn) exchange(r *Request, podHeader string, o *Outcome) (keep bool, p phase, err error) {
	began := time.Now()
	c.sent = began
	if _, err := c.Write(r.wire); err != nil {
		return false, send, err
	}
	c.sent = time.Now()
	o.Write = c.sent.Sub(began)
	if _, err := c.in.Peek(1); err != nil {
		return false, wait, err
	}
	first := time.Now()
	o.FirstByte = first.Sub(c.sent)
	resp, err := c.response(r)
	if err != nil {
		return false, read, c.cut(err)
	}
	o.Status, o.Pod = resp.StatusCode, resp.Header.Get(podHeader)
	n, err := io.Copy(io.Discard, io.LimitReader(resp.Body, MaxBody+1))
	if err == nil && n > MaxBody {
		err = errTooLong
	}
	if err != nil {
		return false, read, c.cut(err)
	}
	o.Body = time.Since(first)
	if resp.Close {
		o.Ended = 1
	}
	return !resp.Close && resp.StatusCode != http.StatusSwitchingProtocols && c.in.Buffered() == 0, "", nil
}

// cut is why an answer did not parse: the connection's end, where there was one.
func (c *conn) cut(err error) error {
	switch c.failed {
	case nil:
		return err
	case io.EOF:
		return io.ErrUnexpectedEOF
	}
	return c.failed
}

// response reads the head of the final answer, passing over interim ones.
func (c *conn) response(r *Request) (*http.Response, error) {
	for {
		resp, err := http.ReadResponse(c.in, r.template)
		if err != nil || resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}
