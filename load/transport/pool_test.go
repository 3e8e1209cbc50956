package transport

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// A connection is not used again before its client has paused; another one is opened, and
// no more than that.
func TestPoolPauses(t *testing.T) {
	g := NewWithT(t)
	p := pool{size: 3, think: time.Hour}
	first, second := &conn{}, &conn{}
	g.Expect(p.take()).To(BeNil())
	p.put(first)
	g.Expect(p.take()).To(BeNil(), "the first has just been used")
	p.put(second)
	first.since = first.since.Add(-time.Hour)
	g.Expect(p.take()).To(BeIdenticalTo(first), "it has been idle long enough, and the pool need not be full")
	g.Expect(p.take()).To(BeNil(), "the second has not")
	g.Expect(p.open).To(Equal(3))
	second.since = second.since.Add(-time.Hour)
	p.put(first)
	g.Expect(p.take()).To(BeIdenticalTo(second))
	g.Expect(p.take()).To(BeNil(), "it has been used since")
}

// However many clients pause, no more are idle than the pool keeps.
func TestPoolPausesWithinItsSize(t *testing.T) {
	g := NewWithT(t)
	url := serve(t, func(_ int, c *net.TCPConn) {
		requests(c, func(int) bool { _, err := io.WriteString(c, answer); return err == nil })
	})
	tr := New(Options{Timeout: 2 * time.Second, Connections: 3, ThinkTime: time.Hour, Names: &Names{Timeout: time.Second}})
	defer tr.Close()
	for range 8 {
		o := tr.Do(request(t, url, "GET"))
		g.Expect(o.Class).To(BeEmpty(), o.Error)
		g.Expect(o.Opened).To(Equal(1))
	}
	g.Expect(tr.pool.idle).To(HaveLen(3))
	g.Expect(tr.pool.open).To(Equal(3))
}

// As the server sees it, no client comes back on a connection before its pause is over, and
// they do come back.
func TestServerSeesClientsPause(t *testing.T) {
	const pause = 20 * time.Millisecond
	g := NewWithT(t)
	var mu sync.Mutex
	var early []time.Duration
	url := serve(t, func(_ int, c *net.TCPConn) {
		var answered time.Time
		requests(c, func(n int) bool {
			if idle := time.Since(answered); n > 1 && idle < pause {
				mu.Lock()
				early = append(early, idle)
				mu.Unlock()
			}
			answered = time.Now()
			_, err := io.WriteString(c, answer)
			return err == nil
		})
	})
	tr := New(Options{Timeout: 2 * time.Second, Connections: 1000, ThinkTime: pause, Names: &Names{Timeout: time.Second}})
	defer tr.Close()
	for reused := 0; reused < 20; {
		o := tr.Do(request(t, url, "GET"))
		g.Expect(o.Class).To(BeEmpty(), o.Error)
		if o.Reused {
			reused++
		}
	}
	mu.Lock()
	defer mu.Unlock()
	g.Expect(early).To(BeEmpty())
}
