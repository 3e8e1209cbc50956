package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"hagate/record"
)

// Progress prints one line a second while a scenario runs, from the record alone.
type Progress struct {
	out io.Writer

	mu    sync.Mutex
	scene scene
	end   chan struct{} // closed when the scenario under way is over; nil outside one
}

// NewProgress prints to out. Give its Observe to record.Writer.Observe.
func NewProgress(out io.Writer) *Progress { return &Progress{out: out} }

// Observe takes in an entry. It never waits for the output.
func (p *Progress) Observe(e record.Entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.scene.see(e)
	over := e.Start != nil || e.End != nil || e.Phase != nil && e.Phase.Name == record.Done
	if over && p.end != nil {
		close(p.end)
		p.end = nil
	}
	if e.Start != nil {
		p.end = make(chan struct{})
		go p.print(p.end)
	}
}

func (p *Progress) print(end <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-end:
			return
		case now := <-tick.C:
			p.mu.Lock()
			line := p.scene.line(now)
			p.mu.Unlock()
			fmt.Fprintln(p.out, line)
		}
	}
}

// scene is what is known of a scenario under way.
type scene struct {
	name      string
	began     time.Time
	phase     string
	seconds   map[string]record.Second // newest by stream
	failed    map[string]int           // by class, since the scenario began
	endpoints int                      // ready ones
	ready     int                      // replicas
	replicas  int                      // declared
}

func (s *scene) see(e record.Entry) {
	switch {
	case e.Start != nil:
		*s = scene{name: e.Start.Name, began: e.Time, replicas: e.Start.Replicas, seconds: map[string]record.Second{}, failed: map[string]int{}}
	case e.Phase != nil:
		s.phase = e.Phase.Name
	case e.Endpoints != nil:
		s.endpoints = e.Endpoints.Ready()
	case e.Workload != nil:
		s.ready, s.replicas = e.Workload.Ready, e.Workload.Replicas
	case e.Second != nil && s.seconds != nil:
		s.seconds[e.Second.Stream] = *e.Second
		for class, slots := range e.Second.Failed {
			s.failed[class] += record.Sum(slots)
		}
	}
}

// line is the scene at now: scenario, elapsed time, phase, requests sent in the
// newest second of all streams, failures so far, 99th percentile of the newest
// second, ready endpoints, ready and declared replicas.
func (s *scene) line(now time.Time) string {
	rate, latency := 0, record.NewLatency()
	for _, sec := range s.seconds {
		rate += sec.Due
		// A second that does not decode is the judge's to complain of.
		if h, err := record.DecodeLatency(sec.Latency); err == nil {
			latency.Merge(h)
		}
	}
	p99 := "-"
	if latency.TotalCount() > 0 {
		p99 = fmt.Sprintf("%.1f ms", float64(latency.ValueAtQuantile(99))/1000)
	}
	return fmt.Sprintf("%-12s %4.0f s  %-8s  %5d/s  failed %s  p99 %s  endpoints %d  ready %d/%d",
		s.name, now.Sub(s.began).Seconds(), s.phase, rate, s.failures(), p99, s.endpoints, s.ready, s.replicas)
}

// failures is "0", or "12 (refused 8, timeout 4)".
func (s *scene) failures() string {
	total := 0
	var parts []string
	for _, class := range slices.Sorted(maps.Keys(s.failed)) {
		total += s.failed[class]
		parts = append(parts, fmt.Sprintf("%s %d", class, s.failed[class]))
	}
	if total == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%s)", total, strings.Join(parts, ", "))
}
