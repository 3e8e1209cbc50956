package reports

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"hagate/record"
)

// maxListed is how many failed requests a scenario's table lists one by one.
const maxListed = 40

// tales are what the charts of every scenario are drawn from. Their memory grows
// with the seconds and the cluster's changes, not with the requests.
type tales map[string]*tale

// tale is one scenario's part of them.
type tale struct {
	start     record.Start
	slots     map[int64]*slotSums        // by Unix second
	answers   map[int64]map[answerer]int // by Unix second
	latencies map[int64][]string         // encoded histograms of all streams, by Unix second
	known     map[[2]int64]latency       // read from them, by span
	failures  []failure
	listed    []request // the first maxListed failed requests
	unlisted  int
	pods      []*life[record.Pod] // by first appearance
	nodes     []*life[record.Node]
	endpoints []change[record.Endpoints]
	workloads []change[record.Workload]
	events    []change[record.Event]
	lookups   lookups
	names     map[int64]lookups        // by Unix second in which they began
	own       map[string]time.Duration // CPU time of each agent
	ownFor    map[string]int           // seconds that it was measured for
	cpu       []record.CPU             // of each second for which its users are known
}

// answerer is a Pod and the connection mode in which it was asked.
type answerer struct{ pod, mode string }

// slotSums are the requests of all streams in one second, by 10 ms slot.
type slotSums struct{ ok, failed [record.SlotsPerSecond]int }

// failure is the failures of one class on one stream in one 10 ms slot.
type failure struct {
	at     time.Time
	stream string
	class  string
	n      int
}

type request struct {
	Time time.Time
	record.Request
}

type change[T any] struct {
	at time.Time
	to T
}

// life is all that was seen of one object.
type life[T any] struct {
	id      string
	changes []change[T]
}

type lookups struct {
	N, Failed int
	Max       time.Duration
}

func (l *lookups) add(one record.Lookup) {
	l.N++
	l.Max = max(l.Max, one.Took)
	if one.Error != "" {
		l.Failed++
	}
}

func (t *tales) add(e record.Entry) {
	if e.Scenario == "" {
		return
	}
	if *t == nil {
		*t = tales{}
	}
	if (*t)[e.Scenario] == nil {
		(*t)[e.Scenario] = &tale{slots: map[int64]*slotSums{}, answers: map[int64]map[answerer]int{}, latencies: map[int64][]string{}, known: map[[2]int64]latency{}, names: map[int64]lookups{}, own: map[string]time.Duration{}, ownFor: map[string]int{}}
	}
	(*t)[e.Scenario].add(e)
}

func (t *tale) add(e record.Entry) {
	switch {
	case e.Start != nil:
		t.start = *e.Start
	case e.Second != nil:
		t.addSecond(e.Time, *e.Second)
	case e.Request != nil && e.Request.Class != "":
		if len(t.listed) < maxListed {
			t.listed = append(t.listed, request{e.Time, *e.Request})
		} else {
			t.unlisted++
		}
	case e.Pod != nil:
		t.pods = follow(t.pods, e.Pod.UID, e.Time, *e.Pod)
	case e.Node != nil:
		t.nodes = follow(t.nodes, e.Node.Name, e.Time, *e.Node)
	case e.Endpoints != nil:
		t.endpoints = append(t.endpoints, change[record.Endpoints]{e.Time, *e.Endpoints})
	case e.Workload != nil:
		t.workloads = append(t.workloads, change[record.Workload]{e.Time, *e.Workload})
	case e.Event != nil:
		t.events = append(t.events, change[record.Event]{e.Time, *e.Event})
	case e.Lookup != nil:
		second := e.Time.Unix()
		of := t.names[second]
		of.add(*e.Lookup)
		t.names[second] = of
		t.lookups.add(*e.Lookup)
	case e.Health != nil:
		t.own[e.Health.Vantage] += e.Health.Own
		t.ownFor[e.Health.Vantage]++
	case e.CPU != nil && e.CPU.Service >= 0:
		t.cpu = append(t.cpu, *e.CPU)
	}
}

// ready counts the ready endpoints of the workload's own Pods.
func (t *tale) ready(e record.Endpoints) (n int) {
	for _, p := range e.List {
		i := slices.IndexFunc(t.pods, func(l *life[record.Pod]) bool { return l.id == p.UID })
		if p.Ready && (i < 0 || !t.pods[i].changes[len(t.pods[i].changes)-1].to.Stray) {
			n++
		}
	}
	return n
}

func follow[T any](lives []*life[T], id string, at time.Time, to T) []*life[T] {
	i := slices.IndexFunc(lives, func(l *life[T]) bool { return l.id == id })
	if i < 0 {
		lives = append(lives, &life[T]{id: id})
		i = len(lives) - 1
	}
	lives[i].changes = append(lives[i].changes, change[T]{at, to})
	return lives
}

func (t *tale) addSecond(at time.Time, s record.Second) {
	sums := t.slots[at.Unix()]
	if sums == nil {
		sums = &slotSums{}
		t.slots[at.Unix()] = sums
	}
	for i := range min(len(s.OK), record.SlotsPerSecond) {
		sums.ok[i] += s.OK[i]
	}
	for _, class := range slices.Sorted(maps.Keys(s.Failed)) {
		slots := s.Failed[class]
		for i := range min(len(slots), record.SlotsPerSecond) {
			if slots[i] == 0 {
				continue
			}
			sums.failed[i] += slots[i]
			t.failures = append(t.failures, failure{at.Add(time.Duration(i) * time.Second / record.SlotsPerSecond), s.Stream, class, slots[i]})
		}
	}
	_, mode, _ := strings.Cut(s.Stream, "/")
	for pod, n := range s.Pods {
		if t.answers[at.Unix()] == nil {
			t.answers[at.Unix()] = map[answerer]int{}
		}
		t.answers[at.Unix()][answerer{pod, mode}] += n
	}
	if s.Latency != "" {
		t.latencies[at.Unix()] = append(t.latencies[at.Unix()], s.Latency)
	}
}

// sum counts the requests of all streams that were due in [from, to), which are
// whole slots.
func (t *tale) sum(from, to time.Time) (ok, failed int) {
	const slot = time.Second / record.SlotsPerSecond
	for at := from; at.Before(to); at = at.Add(slot) {
		if s := t.slots[at.Unix()]; s != nil {
			i := at.Nanosecond() / int(slot)
			ok += s.ok[i]
			failed += s.failed[i]
		}
	}
	return ok, failed
}

// latency is of the successes of all streams in the Unix seconds [from, to).
type latency struct {
	p50, p99, max time.Duration
	heat          []int // see latencySeries
	n             int64
}

// latency reads the histograms of a span once and remembers what it read.
func (t *tale) latency(from, to int64) latency {
	span := [2]int64{from, to}
	if l, ok := t.known[span]; ok {
		return l
	}
	h := t.histogram(from, to)
	us := func(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
	l := latency{us(h.ValueAtQuantile(50)), us(h.ValueAtQuantile(99)), us(h.Max()), heat(h), h.TotalCount()}
	t.known[span] = l
	return l
}

// histogram is of the latencies of all streams in the Unix seconds [from, to), in
// microseconds.
func (t *tale) histogram(from, to int64) *hdrhistogram.Histogram {
	var sum record.LatencySum
	for at := from; at < to; at++ {
		for _, text := range t.latencies[at] {
			_ = sum.Add(text) // what cannot be read is the judge's to say
		}
	}
	return sum.Histogram()
}
