package transport

import (
	"context"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// answers has each connection answer its first requests with ok, and then once with what
// stands for it in last, the last of which is for all that follow. It hangs up after what is no
// whole answer.
func answers(ok int, last ...string) func(int, *net.TCPConn) {
	return func(n int, c *net.TCPConn) {
		requests(c, func(served int) bool {
			if served <= ok && n == 0 {
				io.WriteString(c, answer)
				return true
			}
			text := last[min(n, len(last)-1)]
			io.WriteString(c, text)
			return strings.Contains(text, "Length: 0") || text == answer
		})
	}
}

func status(code string) string { return "HTTP/1.1 " + code + " X\r\nContent-Length: 0\r\n\r\n" }

// What is tried again, and what is not.
func TestTriedAgain(t *testing.T) {
	const half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
	for name, c := range map[string]struct {
		method  string
		retries int
		served  int // requests that went well before on the first connection
		behave  func(int, *net.TCPConn)
		status  int
		class   string
		before  []string // classes of the tries before, or their statuses where whole answers came
	}{
		"not asked for":                 {"GET", 0, 1, answers(1, "", answer), 0, record.ClassClosed, nil},
		"a kept connection closed":      {"GET", 1, 1, answers(1, "", answer), 200, "", []string{record.ClassClosed}},
		"the same to a PUT":             {"PUT", 1, 1, answers(1, "", answer), 200, "", []string{record.ClassClosed}},
		"the same to a POST":            {"POST", 1, 1, answers(1, "", answer), 0, record.ClassReset, nil},
		"the same to a PATCH":           {"PATCH", 1, 1, answers(1, "", answer), 0, record.ClassReset, nil},
		"a kept connection, later":      {"GET", 1, 1, slowly, 200, "", []string{record.ClassReset}},
		"a new connection closed":       {"GET", 1, 0, answers(0, "", answer), 0, record.ClassReset, nil},
		"in the middle of an answer":    {"GET", 1, 1, answers(1, half, answer), 200, record.ClassReset, nil},
		"nonsense":                      {"GET", 1, 0, answers(0, "220 mail.example ESMTP\r\n\r\n", answer), 0, record.ClassBad, nil},
		"502":                           {"GET", 1, 0, answers(0, status("502"), answer), 200, "", []string{"502"}},
		"503":                           {"GET", 1, 0, answers(0, status("503"), answer), 200, "", []string{"503"}},
		"504":                           {"DELETE", 1, 0, answers(0, status("504"), answer), 200, "", []string{"504"}},
		"503 to a POST":                 {"POST", 1, 0, answers(0, status("503"), answer), 503, "", nil},
		"500":                           {"GET", 1, 0, answers(0, status("500"), answer), 500, "", nil},
		"429":                           {"GET", 1, 0, answers(0, status("429"), answer), 429, "", nil},
		"503 more often than is tried":  {"GET", 2, 0, answers(0, status("503")), 503, "", []string{"503", "503"}},
		"503 as often as is tried":      {"OPTIONS", 2, 0, answers(0, status("503"), status("502"), answer), 200, "", []string{"503", "502"}},
		"closed, and then another fate": {"HEAD", 3, 1, answers(1, "", status("503"), status("404")), 404, "", []string{record.ClassClosed, "503"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			url := serve(t, c.behave)
			tr := New(Options{Timeout: time.Second, Connections: 1, Retries: c.retries, PodHeader: "X-Pod", Names: &Names{Timeout: time.Second}})
			defer tr.Close()
			for range c.served {
				g.Expect(tr.Do(request(t, url, "POST")).Class).To(BeEmpty())
			}
			o := tr.Do(request(t, url, c.method))
			g.Expect(o.Class).To(Equal(c.class), o.Error)
			g.Expect(o.Status).To(Equal(c.status))
			var before []string
			for _, b := range o.Before {
				if b.Class == "" {
					before = append(before, strconv.Itoa(b.Status))
				} else {
					before = append(before, b.Class)
				}
				g.Expect(b.Took).To(BeNumerically(">", 0))
				g.Expect(b.Remote).To(Equal(o.Remote))
				g.Expect(b.Reused).To(Equal(b.Class != ""))
				if b.Reused {
					g.Expect(b.Pod).To(Equal("web-1"), "who had answered on the connection")
				}
			}
			g.Expect(before).To(Equal(c.before))
			if len(before) > 0 {
				g.Expect(o.Opened).To(Equal(1), "on another connection")
			}
			g.Expect(tr.pool.open).To(Equal(len(tr.pool.idle)), "nothing is in use any more")
		})
	}
}

// slowly answers the first request of the first connection, and hangs up on its second when
// that cannot have crossed the end of the connection on the wire.
func slowly(n int, c *net.TCPConn) {
	requests(c, func(served int) bool {
		if n == 0 && served == 2 {
			time.Sleep(record.ClosedWithin + 20*time.Millisecond)
			return false
		}
		_, err := io.WriteString(c, answer)
		return err == nil
	})
}

// What is expected is no failure, whatever it is called elsewhere.
func TestExpectedStatusIsNotTriedAgain(t *testing.T) {
	g := NewWithT(t)
	r, err := NewRequest(record.Call{Method: "GET", Path: "/", Status: 503}, serve(t, answers(0, status("503"))))
	g.Expect(err).NotTo(HaveOccurred())
	tr := New(Options{Timeout: time.Second, Retries: 5, Names: &Names{}})
	g.Expect(tr.Do(r).Before).To(BeEmpty())
}

// One of two addresses refuses: the next try goes to the other, or fails as well.
func TestRefusedAndTriedAgain(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go requests(c, func(int) bool { io.WriteString(c, answer); return true })
		}
	}()
	there, away := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for name, c := range map[string]struct {
		retries int
		addrs   []netip.Addr
		class   string
		before  int
	}{
		"tried again":        {1, []netip.Addr{away, there}, "", 1},
		"not asked for":      {0, []netip.Addr{away, there}, record.ClassRefused, 0},
		"refused each time":  {5, []netip.Addr{away}, record.ClassRefused, 5},
		"taken at the first": {5, []netip.Addr{there, away}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			names := &Names{Timeout: time.Second, Lookup: func(context.Context, string) ([]netip.Addr, error) { return c.addrs, nil }}
			o := New(Options{Timeout: time.Second, Retries: c.retries, Names: names}).Do(request(t, "http://web:"+port, "GET"))
			g.Expect(o.Class).To(Equal(c.class), o.Error)
			g.Expect(o.Before).To(HaveLen(c.before))
			for _, b := range o.Before {
				g.Expect(b.Class).To(Equal(record.ClassRefused))
				g.Expect(b.Remote.Addr()).To(Equal(away))
			}
		})
	}
}

// All tries have the time of one request: where it is over, so are they.
func TestTriesWithinOneTimeout(t *testing.T) {
	g := NewWithT(t)
	o := New(Options{Timeout: 200 * time.Millisecond, Retries: 5, Names: &Names{}}).Do(request(t, blackhole(t), "GET"))
	g.Expect(o.Class).To(Equal(record.ClassTimeout))
	g.Expect(o.Before).To(BeEmpty())
}
