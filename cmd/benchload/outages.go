package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"hagate/load/attack"
	"hagate/record"
)

const (
	endpoints   = 3
	outageRate  = 1000 // requests/second
	shortest    = time.Millisecond
	longest     = 2 * time.Second
	betweenThem = 100 * time.Millisecond // two outages, at the least
)

// outage is a stretch in which one endpoint resets what it accepts: by the schedule, and as
// the clients saw it.
type outage struct {
	from, to time.Time
	resets   int // of the server's

	seen        int       // failed requests of the record
	first, last time.Time // of them
}

// server accepts connections on behalf of endpoints in turns, as a Service does, and
// answers one request on each.
type server struct {
	net.Listener
	mu   sync.Mutex
	next int
	down int // endpoint in an outage; -1: none
	now  *outage
}

func (s *server) serve() {
	for {
		c, err := s.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.next = (s.next + 1) % endpoints
		reset := s.next == s.down
		if reset {
			s.now.resets++
		}
		s.mu.Unlock()
		if reset {
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
			continue
		}
		go func() {
			defer c.Close()
			var b [4096]byte
			if n, err := c.Read(b[:]); err != nil || !bytes.HasSuffix(b[:n], []byte("\r\n\r\n")) {
				return
			}
			c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
			c.Read(b[:]) // the client hangs up
		}()
	}
}

// schedule has one endpoint go and come back at random, n times, each for a length whose
// logarithm is even between shortest and longest.
func (s *server) schedule(ctx context.Context, n int) (all []*outage) {
	random := rand.New(rand.NewPCG(1, 2))
	for range n {
		long := time.Duration(float64(shortest) * math.Pow(float64(longest)/float64(shortest), random.Float64()))
		select {
		case <-ctx.Done():
			return all
		case <-time.After(betweenThem + time.Duration(random.Int64N(int64(betweenThem)))):
		}
		s.mu.Lock()
		o := &outage{from: time.Now()}
		s.down, s.now = random.IntN(endpoints), o
		s.mu.Unlock()
		time.Sleep(long)
		s.mu.Lock()
		s.down, o.to = -1, time.Now()
		s.mu.Unlock()
		all = append(all, o)
	}
	return all
}

// outages prints what n outages looked like in a record of fresh connections.
func outages(ctx context.Context, n int) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	s := &server{Listener: l, down: -1}
	defer s.Close()
	go s.serve()
	var mu sync.Mutex
	var failed []time.Time // when a request that failed was under way, in the end
	sent := 0
	plan := record.Plan{Rate: outageRate, Requests: []record.Call{{Method: "GET", Path: "/", Status: 200}}}
	stream := record.Stream{Vantage: record.External, Mode: record.Fresh, URL: "http://" + l.Addr().String()}
	a, err := attack.New(plan, stream, time.Hour, func(e record.Entry) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case e.Second != nil:
			sent += e.Second.Due
		case e.Request != nil && e.Request.Class != "":
			failed = append(failed, e.Time.Add(e.Request.Latency))
		}
	})
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { a.Run(); close(ended) }()
	all := s.schedule(ctx, n)
	a.Stop()
	<-ended
	slices.SortFunc(failed, time.Time.Compare)
	stray := 0
	for _, at := range failed {
		// Its reset was sent during the outage, and seen a little later.
		i, _ := slices.BinarySearchFunc(all, at, func(o *outage, at time.Time) int { return o.from.Compare(at) })
		if i == 0 || at.After(all[i-1].to.Add(betweenThem/2)) {
			stray++
			continue
		}
		o := all[i-1]
		if o.seen == 0 {
			o.first = at
		}
		o.seen, o.last = o.seen+1, at
	}
	fmt.Printf("\n%d outages of one endpoint in %d, at %d requests/s: %d requests, %d failed, %d of them outside an outage\n", len(all), endpoints, outageRate, sent, len(failed), stray)
	fmt.Printf("%-18s %8s %8s %8s %16s %24s %24s\n", "length", "outages", "seen", "missed", "count off by", "begin off by, ms", "end off by, ms")
	for _, to := range []time.Duration{3 * time.Millisecond, 10 * time.Millisecond, 30 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond, time.Second, 2 * longest} {
		var count, begin, end spread
		missed, of := 0, 0
		all = slices.DeleteFunc(all, func(o *outage) bool {
			if o.to.Sub(o.from) >= to {
				return false
			}
			of++
			if o.seen == 0 {
				missed++
				return true
			}
			count = append(count, float64(o.seen-o.resets))
			begin = append(begin, float64(o.first.Sub(o.from).Microseconds())/1000)
			end = append(end, float64(o.last.Sub(o.to).Microseconds())/1000)
			return true
		})
		if len(count) == 0 {
			count, begin, end = spread{0}, spread{0}, spread{0}
		}
		fmt.Printf("%-18s %8d %8d %8d %16s %24s %24s\n", "below "+min(to, longest).String(), of, of-missed, missed, count.text("%.0f"), begin.text("%.1f"), end.text("%.1f"))
	}
	return nil
}

// entries reads a record.
func entries(r io.Reader, each func(record.Entry) error) error {
	for d := json.NewDecoder(r); ; {
		var e record.Entry
		if err := d.Decode(&e); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading the agent's record: %w", err)
		}
		if err := each(e); err != nil {
			return err
		}
	}
}
