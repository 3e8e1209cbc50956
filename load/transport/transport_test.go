package transport

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Pod: web-1\r\n\r\nok"

// serve answers each connection with behave and returns the URL to reach it.
func serve(t *testing.T, behave func(n int, c *net.TCPConn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				behave(n, c.(*net.TCPConn))
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// requests reads them one by one from c and has reply answer, until it says no.
func requests(c net.Conn, reply func(n int) bool) {
	in := bufio.NewReader(c)
	for n := 1; ; n++ {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		io.Copy(io.Discard, r.Body)
		if !reply(n) {
			return
		}
	}
}

func reset(c *net.TCPConn) { c.SetLinger(0); c.Close() }

func request(t *testing.T, url, method string) *Request {
	t.Helper()
	r, err := NewRequest(record.Call{Method: method, Path: "/", Status: 200}, url)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func transport(t *testing.T, connections int) *Transport {
	tr := New(Options{Timeout: 2 * time.Second, Connections: connections, PodHeader: "X-Pod", Names: &Names{Timeout: time.Second}})
	t.Cleanup(tr.Close)
	return tr
}

func TestFresh(t *testing.T) {
	g := NewWithT(t)
	ends := make(chan error, 10)
	url := serve(t, func(_ int, c *net.TCPConn) {
		var head string
		in := bufio.NewReader(c)
		for !strings.HasSuffix(head, "\r\n\r\n") {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			head += line
		}
		if strings.Contains(strings.ToLower(head), "connection:") {
			ends <- fmt.Errorf("the server sees %q", head)
			return
		}
		io.WriteString(c, answer)
		_, err := in.ReadByte() // the client closes first, with an RST
		ends <- err
	})
	tr := transport(t, 0)
	for range 3 {
		o := tr.Do(request(t, url, "GET"))
		g.Expect(o.Class).To(BeEmpty(), o.Error)
		g.Expect(o.Status).To(Equal(200))
		g.Expect(o.Pod).To(Equal("web-1"))
		g.Expect(o.Opened).To(Equal(1))
		g.Expect(o.Reused).To(BeFalse())
		g.Expect(o.Connect).To(BeNumerically(">", 0))
		g.Expect((<-ends).Error()).To(ContainSubstring("connection reset by peer"))
	}
}

func TestReusedTakesTurns(t *testing.T) {
	g := NewWithT(t)
	url := serve(t, func(n int, c *net.TCPConn) {
		requests(c, func(int) bool {
			_, err := fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Pod: conn-%d\r\n\r\n", n)
			return err == nil
		})
	})
	tr := transport(t, 3)
	var pods []string
	var opened int
	for range 9 {
		o := tr.Do(request(t, url, "GET"))
		g.Expect(o.Class).To(BeEmpty(), o.Error)
		pods = append(pods, o.Pod)
		opened += o.Opened
	}
	g.Expect(opened).To(Equal(3))
	g.Expect(pods).To(Equal([]string{"conn-0", "conn-1", "conn-2", "conn-0", "conn-1", "conn-2", "conn-0", "conn-1", "conn-2"}))
}

// What is idle is hung up at once, what is in use when it comes back; nothing fails.
func TestRenew(t *testing.T) {
	g := NewWithT(t)
	held, free := make(chan struct{}), make(chan struct{})
	url := serve(t, func(n int, c *net.TCPConn) {
		requests(c, func(served int) bool {
			if n == 0 && served == 2 {
				close(held)
				<-free
			}
			_, err := fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Pod: conn-%d\r\n\r\n", n)
			return err == nil
		})
	})
	tr := transport(t, 2)
	for range 2 {
		g.Expect(tr.Do(request(t, url, "GET")).Class).To(BeEmpty())
	}
	under := make(chan Outcome)
	go func() { under <- tr.Do(request(t, url, "GET")) }()
	<-held
	tr.Renew()
	close(free)
	o := <-under
	g.Expect(o.Class).To(BeEmpty(), o.Error)
	g.Expect(o.Pod).To(Equal("conn-0"))
	var pods []string
	for range 4 {
		o := tr.Do(request(t, url, "GET"))
		g.Expect(o.Class).To(BeEmpty(), o.Error)
		pods = append(pods, o.Pod)
	}
	g.Expect(pods).To(Equal([]string{"conn-2", "conn-3", "conn-2", "conn-3"}))
}

// Every way in which a server can fail a request, and the class that it is.
func TestMisbehaviour(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	l.Close()

	// good answers the first request of a connection and leaves the second to bad.
	good := func(bad func(c *net.TCPConn)) func(int, *net.TCPConn) {
		return func(_ int, c *net.TCPConn) {
			requests(c, func(n int) bool {
				if n == 1 {
					io.WriteString(c, answer)
					return true
				}
				bad(c)
				return false
			})
		}
	}
	first := func(bad func(c *net.TCPConn)) func(int, *net.TCPConn) {
		return func(_ int, c *net.TCPConn) {
			requests(c, func(int) bool { bad(c); return false })
		}
	}
	say := func(s string) func(*net.TCPConn) { return func(c *net.TCPConn) { io.WriteString(c, s) } }
	held := func(long time.Duration, end func(*net.TCPConn)) func(*net.TCPConn) {
		return func(c *net.TCPConn) {
			time.Sleep(long)
			if end != nil {
				end(c)
			}
		}
	}
	half := "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"

	tests := []struct {
		name   string
		method string
		behave func(int, *net.TCPConn) // nil: nobody listens
		second bool                    // the outcome of the second request on the connection is meant
		class  string
		text   string
	}{
		{"nobody listens", "GET", nil, false, record.ClassRefused, "connect"},
		{"closes a new connection", "GET", first(func(*net.TCPConn) {}), false, record.ClassReset, "wait for response"},
		{"resets a new connection", "GET", first(reset), false, record.ClassReset, "wait for response"},
		{"closes a served connection in flight", "GET", good(func(*net.TCPConn) {}), true, record.ClassClosed, "wait for response"},
		{"closes it a moment later", "GET", good(held(50*time.Millisecond, nil)), true, record.ClassClosed, "wait for response"},
		{"holds the request and closes", "GET", good(held(record.ClosedWithin+20*time.Millisecond, nil)), true, record.ClassReset, "wait for response"},
		{"holds the request and resets", "GET", good(held(record.ClosedWithin+20*time.Millisecond, reset)), true, record.ClassReset, "wait for response"},
		{"resets a served connection in flight", "GET", good(reset), true, record.ClassClosed, "wait for response"},
		{"the same to a POST", "POST", good(reset), true, record.ClassReset, "wait for response"},
		{"resets in the middle of the head", "GET", good(say("HTTP/1.1 200 OK\r\nConte")), true, record.ClassReset, "read response"},
		{"closes in the middle of the body", "GET", good(say(half)), true, record.ClassReset, "read response"},
		{"resets in the middle of the body", "GET", good(func(c *net.TCPConn) {
			say(half)(c)
			time.Sleep(50 * time.Millisecond) // lets the half arrive
			reset(c)
		}), true, record.ClassReset, "read response"},
		{"never answers", "GET", first(func(c *net.TCPConn) { c.Read(make([]byte, 1)) }), false, record.ClassTimeout, "wait for response"},
		{"never ends its head", "GET", first(func(c *net.TCPConn) { say("HTTP/1.1 200 OK\r\nServer: a\r\n")(c); c.Read(make([]byte, 1)) }), false, record.ClassTimeout, "read response"},
		{"never ends the name of a header", "GET", first(func(c *net.TCPConn) { say("HTTP/1.1 200 OK\r\nServ")(c); c.Read(make([]byte, 1)) }), false, record.ClassTimeout, "read response"},
		{"never ends its answer", "GET", first(func(c *net.TCPConn) { say(half)(c); c.Read(make([]byte, 1)) }), false, record.ClassTimeout, "read response"},
		{"answers nonsense", "GET", first(say("220 mail.example ESMTP\r\n\r\n")), false, record.ClassBad, "read response"},
		{"answers well", "GET", first(say(answer)), false, "", ""},
		{"answers with interim answers", "GET", first(say("HTTP/1.1 103 Early Hints\r\n\r\n" + answer)), false, "", ""},
		{"answers until it closes", "GET", first(say("HTTP/1.1 200 OK\r\n\r\nok")), false, "", ""},
		{"answers HEAD", "HEAD", first(say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")), false, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := NewWithT(t)
			url := closed
			if tt.behave != nil {
				url = serve(t, tt.behave)
			}
			tr := New(Options{Timeout: 400 * time.Millisecond, Connections: 1, Names: &Names{Timeout: time.Second}})
			defer tr.Close()
			o := tr.Do(request(t, url, tt.method))
			if tt.second {
				g.Expect(o.Class).To(BeEmpty(), o.Error)
				o = tr.Do(request(t, url, tt.method))
			}
			g.Expect(o.Class).To(Equal(tt.class), o.Error)
			g.Expect(o.Error).To(HavePrefix(tt.text))
			g.Expect(o.Reused).To(Equal(tt.second))
			g.Expect(o.Noticed).To(BeZero())
		})
	}
}

// A listener whose queue is full answers no SYN: the one way to a lost SYN without root.
func TestConnectTimeout(t *testing.T) {
	g := NewWithT(t)
	url := blackhole(t)
	o := New(Options{Timeout: 200 * time.Millisecond, Names: &Names{}}).Do(request(t, url, "GET"))
	g.Expect(o.Class).To(Equal(record.ClassTimeout))
	g.Expect(o.Error).To(Equal("connect: no end within the timeout"))
	g.Expect(o.Opened).To(BeZero())
}

func TestNoticesIdleClose(t *testing.T) {
	tests := []struct {
		name string
		end  func(*net.TCPConn)
	}{
		{"closed", func(c *net.TCPConn) { c.Close() }},
		{"reset", reset},
		{"spoken to", func(c *net.TCPConn) { io.WriteString(c, "HTTP/1.1 408 Request Timeout\r\n\r\n") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := NewWithT(t)
			conns := make(chan *net.TCPConn, 10)
			url := serve(t, func(_ int, c *net.TCPConn) {
				conns <- c
				requests(c, func(int) bool { _, err := io.WriteString(c, answer); return err == nil })
			})
			tr := transport(t, 2)
			for range 4 {
				g.Expect(tr.Do(request(t, url, "GET")).Class).To(BeEmpty())
			}
			tt.end(<-conns)
			tt.end(<-conns)
			g.Eventually(func() bool { return tr.pool.idle[0].dead() && tr.pool.idle[1].dead() }).Should(BeTrue())
			o := tr.Do(request(t, url, "GET"))
			g.Expect(o.Class).To(BeEmpty(), o.Error)
			g.Expect([]int{o.Noticed, o.Opened}).To(Equal([]int{1, 1}))
			o = tr.Do(request(t, url, "GET"))
			g.Expect([]int{o.Noticed, o.Opened}).To(Equal([]int{1, 1}))
			o = tr.Do(request(t, url, "GET"))
			g.Expect([]int{o.Noticed, o.Opened}).To(Equal([]int{0, 0}))
			g.Expect(tr.pool.open).To(Equal(2))
		})
	}
}

func TestHonoursConnectionClose(t *testing.T) {
	g := NewWithT(t)
	url := serve(t, func(_ int, c *net.TCPConn) {
		requests(c, func(int) bool {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			return false
		})
	})
	tr := transport(t, 1)
	for range 3 {
		o := tr.Do(request(t, url, "GET"))
		g.Expect(o.Class).To(BeEmpty(), o.Error)
		g.Expect([]int{o.Noticed, o.Opened, o.Ended}).To(Equal([]int{0, 1, 1}))
	}
}

// What ends its connection with the answer, and what does not.
func TestEnded(t *testing.T) {
	for head, want := range map[string]int{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n":                           0,
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n":      1,
		"HTTP/1.1 200 OK\r\n":                                                1,
		"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n":                           1,
		"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n": 0,
	} {
		url := serve(t, func(_ int, c *net.TCPConn) {
			requests(c, func(int) bool { io.WriteString(c, head+"\r\nok"); return want == 0 })
		})
		if o := transport(t, 1).Do(request(t, url, "GET")); o.Class != "" || o.Ended != want {
			t.Errorf("%q: class %q (%s), ended %d, want %d", head, o.Class, o.Error, o.Ended, want)
		}
	}
}

// A failure says which Pod the connection led to, where an answer on it had said so.
func TestFailureNamesThePod(t *testing.T) {
	tests := []struct {
		name   string
		first  string
		second string
		pod    string
	}{
		{"closed", answer, "", "web-1"},
		{"an error without the header", answer, "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n", "web-1"},
		{"an error with the header", answer, "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\nX-Pod: web-2\r\n\r\n", "web-2"},
		{"a success without the header", answer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""},
		{"closed, and nobody had said", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := NewWithT(t)
			url := serve(t, func(_ int, c *net.TCPConn) {
				requests(c, func(n int) bool {
					io.WriteString(c, []string{tt.first, tt.second}[n-1])
					return n == 1
				})
			})
			tr := transport(t, 1)
			g.Expect(tr.Do(request(t, url, "GET")).Class).To(BeEmpty())
			o := tr.Do(request(t, url, "GET"))
			g.Expect(o.Reused).To(BeTrue())
			g.Expect(o.Pod).To(Equal(tt.pod))
		})
	}
}

// However many requests are in flight, those that follow go on connections that have
// served, and no more are idle than the pool keeps.
func TestPoolReusesBeyondItsSize(t *testing.T) {
	const size, inFlight, requests = 30, 100, 5000
	g := NewWithT(t)
	p := pool{size: size}
	opened, most := 0, 0
	take := func() *conn {
		c := p.take()
		if c == nil {
			opened++
			c = &conn{age: p.age()}
		}
		return c
	}
	var busy []*conn
	for range inFlight {
		busy = append(busy, take())
	}
	for n := inFlight; n < requests; n++ {
		p.put(busy[0])
		busy = append(busy[1:], take())
		most = max(most, len(p.idle))
	}
	g.Expect(opened).To(Equal(inFlight))
	g.Expect(most).To(BeNumerically("<=", size))
	g.Expect(requests / opened).To(Equal(50))
}

// Load that swings within what the pool keeps opens nothing.
func TestPoolSwings(t *testing.T) {
	g := NewWithT(t)
	url := serve(t, func(_ int, c *net.TCPConn) {
		requests(c, func(int) bool {
			time.Sleep(20 * time.Millisecond)
			_, err := io.WriteString(c, answer)
			return err == nil
		})
	})
	tr := transport(t, 5)
	r := request(t, url, "GET")
	wave := func(n int) (opened int) {
		done := make(chan Outcome, n)
		for range n {
			go func() { done <- tr.Do(r) }()
		}
		for range n {
			o := <-done
			g.Expect(o.Class).To(BeEmpty(), o.Error)
			opened += o.Opened
		}
		return opened
	}
	g.Expect(wave(20)).To(Equal(20))
	g.Expect(tr.pool.idle).To(HaveLen(5))
	g.Expect(tr.pool.open).To(Equal(5))
	for range 5 {
		g.Expect(wave(5)).To(BeZero())
	}
	g.Expect(wave(20)).To(Equal(15))
}

// More requests at once than the pool keeps: none waits, the surplus is hung up.
func TestPoolSurplus(t *testing.T) {
	g := NewWithT(t)
	gate := make(chan struct{})
	arrived := make(chan struct{}, 10)
	url := serve(t, func(_ int, c *net.TCPConn) {
		requests(c, func(int) bool {
			arrived <- struct{}{}
			<-gate
			_, err := io.WriteString(c, answer)
			return err == nil
		})
	})
	tr := transport(t, 2)
	done := make(chan Outcome, 5)
	r := request(t, url, "GET")
	for range 5 {
		go func() { done <- tr.Do(r) }()
	}
	for range 5 {
		<-arrived
	}
	close(gate)
	for range 5 {
		o := <-done
		g.Expect(o.Class).To(BeEmpty(), o.Error)
	}
	g.Expect(tr.pool.open).To(Equal(2))
	g.Expect(tr.pool.idle).To(HaveLen(2))
}

func TestNewRequestErrors(t *testing.T) {
	get := record.Call{Method: "GET", Path: "/"}
	tests := []struct {
		call record.Call
		base string
		want string
	}{
		{get, "https://a", "want http://"},
		{get, "http://", "want http://"},
		{get, "http://a/b", "without a path"},
		{get, "http://a:0", "want a port"},
		{get, "http://a:99999", "want a port"},
		{get, "http://a b", "stream URL"},
		{record.Call{Method: "GET", Path: "x"}, "http://a", "begins with /"},
		{record.Call{Method: "G T", Path: "/"}, "http://a", "invalid method"},
		{get, "http://a:80", ""},
	}
	for _, tt := range tests {
		_, err := NewRequest(tt.call, tt.base)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s %s: %v", tt.call, tt.base, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s %s: got %v, want %q", tt.call, tt.base, err, tt.want)
		}
	}
}

func TestRequestOnTheWire(t *testing.T) {
	r, err := NewRequest(record.Call{Method: "POST", Path: "/a?b=c", Body: "x=1",
		Header: map[string]string{"Host": "shop.example", "X-A": "b", "User-Agent": "curl"}}, "http://10.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	want := "POST /a?b=c HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: curl\r\nContent-Length: 3\r\nX-A: b\r\n\r\nx=1"
	if string(r.wire) != want {
		t.Errorf("got %q, want %q", r.wire, want)
	}
}

func TestDNSFailure(t *testing.T) {
	g := NewWithT(t)
	slow := &Names{Timeout: 50 * time.Millisecond, Lookup: func(ctx context.Context, host string) ([]netip.Addr, error) {
		<-ctx.Done()
		return nil, &net.DNSError{Name: host, Err: "i/o timeout", IsTimeout: true}
	}}
	o := New(Options{Timeout: time.Second, Names: slow}).Do(request(t, "http://web.nginx", "GET"))
	g.Expect(o.Class).To(Equal(record.ClassDNS))
	g.Expect(o.Error).To(Equal("lookup: web.nginx: no answer in time"))
	g.Expect(o.DNS).To(BeNumerically(">=", 50*time.Millisecond))
	g.Expect(o.Remote.IsValid()).To(BeFalse())
}
