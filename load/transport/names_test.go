package transport

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

var (
	one = netip.MustParseAddr("10.0.0.1")
	two = netip.MustParseAddr("10.0.0.2")
)

func soon() time.Time { return time.Now().Add(5 * time.Second) }

func TestNamesKeepsAndTakesTurns(t *testing.T) {
	g := NewWithT(t)
	var lookups, reports atomic.Int32
	n := &Names{Timeout: time.Second,
		Lookup: func(context.Context, string) ([]netip.Addr, error) {
			lookups.Add(1)
			return []netip.Addr{one, two}, nil
		},
		Report: func(string, time.Time, time.Duration, error) { reports.Add(1) },
	}
	var got []netip.Addr
	for range 4 {
		ip, _, err := n.Resolve("web", soon())
		g.Expect(err).NotTo(HaveOccurred())
		got = append(got, ip)
	}
	g.Expect(got).To(Equal([]netip.Addr{one, two, one, two}))
	g.Expect(lookups.Load()).To(BeEquivalentTo(1))
	g.Eventually(reports.Load).Should(BeEquivalentTo(1))

	n.mu.Lock()
	n.names["web"].at = time.Now().Add(-MaxAge)
	n.mu.Unlock()
	_, _, err := n.Resolve("web", soon())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(lookups.Load()).To(BeEquivalentTo(2))
}

func TestNamesFresh(t *testing.T) {
	g := NewWithT(t)
	var lookups atomic.Int32
	n := &Names{Timeout: time.Second, Fresh: true, Lookup: func(context.Context, string) ([]netip.Addr, error) {
		lookups.Add(1)
		return []netip.Addr{one}, nil
	}}
	for range 3 {
		_, _, err := n.Resolve("web", soon())
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(lookups.Load()).To(BeEquivalentTo(3))
}

func TestNamesOneLookupForAll(t *testing.T) {
	g := NewWithT(t)
	var lookups atomic.Int32
	answer := make(chan struct{})
	n := &Names{Timeout: time.Minute, Lookup: func(context.Context, string) ([]netip.Addr, error) {
		lookups.Add(1)
		<-answer
		return []netip.Addr{one}, nil
	}}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_, _, err := n.Resolve("web", time.Now().Add(time.Minute))
			g.Expect(err).NotTo(HaveOccurred())
		})
	}
	_, waited, err := n.Resolve("web", time.Now().Add(20*time.Millisecond))
	g.Expect(err).To(MatchError("web: no answer in time"))
	g.Expect(waited).To(BeNumerically(">=", 20*time.Millisecond))
	close(answer)
	all.Wait()
	g.Expect(lookups.Load()).To(BeEquivalentTo(1))
}

func TestNamesFailureIsNotKept(t *testing.T) {
	g := NewWithT(t)
	var lookups atomic.Int32
	n := &Names{Timeout: time.Second, Lookup: func(context.Context, string) ([]netip.Addr, error) {
		if lookups.Add(1) == 1 {
			return nil, errors.New("server misbehaving")
		}
		return []netip.Addr{one}, nil
	}}
	_, _, err := n.Resolve("web", soon())
	g.Expect(err).To(MatchError("server misbehaving"))
	ip, _, err := n.Resolve("web", soon())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ip).To(Equal(one))
}

func TestNamesOfThePlatform(t *testing.T) {
	g := NewWithT(t)
	n := &Names{Timeout: 5 * time.Second}
	ip, _, err := n.Resolve("localhost", soon())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ip.IsLoopback()).To(BeTrue())
	ip, waited, err := n.Resolve("10.0.0.2", soon())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect([]any{ip, waited}).To(Equal([]any{two, time.Duration(0)}))
}
