package reports

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"hagate/record"
	"hagate/reports/lang"
	"hagate/verdict"
)

// series is what the page's script draws a scenario from: the same figures as the
// static charts, in bins, so that its size grows with seconds and not with requests.
// Times are seconds from the fault, latencies milliseconds.
type series struct {
	Zero    int64     `json:"zero"` // Unix milliseconds of the fault
	From    float64   `json:"from"`
	To      float64   `json:"to"`
	CloseUp []float64 `json:"closeUp,omitempty"` // from and to of what is worth a closer look
	Bin     float64   `json:"bin"`               // seconds
	OK      []int     `json:"ok"`                // a bin, from From on
	Failed  []int     `json:"failed"`

	Latency   latencySeries   `json:"latency"`
	VersionsT []float64       `json:"versionsT,omitempty"`
	Versions  []versionSeries `json:"versions,omitempty"` // none where there was but one
	Lookups   *lookupSeries   `json:"lookups,omitempty"`  // none where DNS is no part of the story
	Streams   []string        `json:"streams"`
	Classes   []classMark     `json:"classes"`
	Marks     [][4]float64    `json:"marks"` // time, stream, class, how many failed

	Endpoints steppedSeries `json:"endpoints"`
	Workload  steppedSeries `json:"workload"`
	Floor     int           `json:"floor"`
	Replicas  int           `json:"replicas"`

	Lanes  []laneSeries `json:"lanes"`
	Phases []named      `json:"phases"`
	Faults []named      `json:"faults"`
	Events []named      `json:"events"`
}

// latencySeries has a point a second; Heat counts requests by bucket, PerDecade buckets
// a decade from HeatFrom on, as pairs of bucket and count.
type latencySeries struct {
	HeatFrom  float64 `json:"heatFrom"`
	PerDecade int     `json:"perDecade"`

	T    []float64 `json:"t"`
	P50  []float64 `json:"p50"`
	P99  []float64 `json:"p99"`
	Max  []float64 `json:"max"`
	Heat [][]int   `json:"heat"`
}

const (
	heatFrom      = 100 * time.Microsecond
	heatPerDecade = 12
)

// classMark is a class of failed requests, whose they are, and the outline of its mark.
type classMark struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Shape string `json:"shape"`
}

type steppedSeries struct {
	T []float64 `json:"t"`
	N []int     `json:"n"`
}

// laneSeries is the life of a Pod or a node.
type laneSeries struct {
	Name     string       `json:"name"`
	Note     string       `json:"note"`
	Spans    []span       `json:"spans"`
	Endpoint [][2]float64 `json:"endpoint,omitempty"` // when it was a ready endpoint
}

type span struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	State string  `json:"state"`
	Class string  `json:"class"`
}

type named struct {
	T    float64 `json:"t"`
	Name string  `json:"name"`
}

// plot gathers the series of s.
func plot(s verdict.Scenario, t *tale, in *lang.Lang) series {
	c := newChart(s, t, in, s.Started, s.Ended, 100*time.Millisecond)
	p := series{Zero: c.zero.UnixMilli(), From: c.since(c.from.Truncate(c.bin)), To: c.since(c.to), Bin: c.bin.Seconds(),
		OK: []int{}, Failed: []int{}, Floor: s.SLO.MinReady, Replicas: s.Replicas, Streams: []string{}, Classes: []classMark{}, Marks: [][4]float64{},
		Lanes: []laneSeries{}, Phases: []named{}, Faults: []named{}, Events: []named{}}
	for at := c.from.Truncate(c.bin); at.Before(c.to); at = at.Add(c.bin) {
		ok, failed := t.sum(at, at.Add(c.bin))
		p.OK, p.Failed = append(p.OK, ok), append(p.Failed, failed)
	}
	if from, to, ok := around(s, t); ok {
		p.CloseUp = []float64{c.since(from), c.since(to)}
	}
	for _, st := range t.start.Plan.Streams {
		p.Streams = append(p.Streams, st.Name())
	}
	p.Latency = c.latencySeries()
	p.VersionsT, p.Versions = c.versionSeries()
	p.Lookups = c.lookupSeries()
	p.mark(c)
	p.Endpoints = stepped(c, t.endpoints, t.ready)
	p.Workload = stepped(c, t.workloads, func(w record.Workload) int { return w.Ready })
	for _, l := range t.pods {
		if shows(c, l) {
			name, note := c.podName(l)
			p.Lanes = append(p.Lanes, laneSeries{name, note, spans(c, l, podState), c.endpointSeries(l.id)})
		}
	}
	for _, l := range t.nodes {
		if !calm(l) && shows(c, l) {
			p.Lanes = append(p.Lanes, laneSeries{l.id, "node", spans(c, l, nodeState), nil})
		}
	}
	for _, ph := range s.Phases {
		p.Phases = append(p.Phases, named{c.since(ph.Time), ph.Name})
	}
	for _, f := range s.Faults {
		p.Faults = append(p.Faults, named{c.since(f.Time), f.Name + ": " + f.State})
	}
	for _, e := range t.events {
		p.Events = append(p.Events, named{c.since(e.at), fmt.Sprintf("%s %s: %s", e.to.Object, e.to.Reason, e.to.Message)})
	}
	return p
}

// since is t in seconds after the fault, to a millisecond.
func (c *chart) since(t time.Time) float64 {
	return math.Round(t.Sub(c.zero).Seconds()*1000) / 1000
}

// maxMarks is how many marks a scenario has; where more requests failed, neighbours of
// one class on one stream are one mark, which says how many it is.
const maxMarks = 3000

// mark adds the failed requests and the classes that they fall into.
func (p *series) mark(c *chart) {
	type key struct {
		bin           int64
		stream, class int
	}
	var bins map[key]int
	var bin time.Duration
	for _, bin = range []time.Duration{time.Second / record.SlotsPerSecond, 50 * time.Millisecond, 200 * time.Millisecond, time.Second} {
		bins = map[key]int{}
		for _, f := range c.tale.failures {
			stream := slices.Index(p.Streams, f.stream)
			class := slices.IndexFunc(p.Classes, func(m classMark) bool { return m.Name == f.class })
			if class < 0 {
				class = len(p.Classes)
				p.Classes = append(p.Classes, classMark{f.class, kindOf(f.class), shape(f.class, 0, 0)})
			}
			bins[key{f.at.UnixNano() / int64(bin), stream, class}] += f.n
		}
		if len(bins) <= maxMarks {
			break
		}
	}
	for k, n := range bins {
		at := time.Unix(0, k.bin*int64(bin))
		p.Marks = append(p.Marks, [4]float64{c.since(at), float64(k.stream), float64(k.class), float64(n)})
	}
	slices.SortFunc(p.Marks, func(a, b [4]float64) int { return slices.Compare(a[:], b[:]) })
}

func (c *chart) latencySeries() latencySeries {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	l := latencySeries{HeatFrom: ms(heatFrom), PerDecade: heatPerDecade, T: []float64{}, P50: []float64{}, P99: []float64{}, Max: []float64{}, Heat: [][]int{}}
	for at := c.from.Unix(); at <= c.to.Unix(); at++ {
		second := c.tale.latency(at, at+1)
		if second.n == 0 {
			continue
		}
		l.T = append(l.T, c.since(time.Unix(at, 0)))
		l.P50 = append(l.P50, ms(second.p50))
		l.P99 = append(l.P99, ms(second.p99))
		l.Max = append(l.Max, ms(second.max))
		l.Heat = append(l.Heat, second.heat)
	}
	return l
}

// heat is the histogram in pairs of bucket and count.
func heat(h *hdrhistogram.Histogram) []int {
	var pairs []int
	for _, bar := range h.Distribution() {
		if bar.Count == 0 {
			continue
		}
		bucket := int(math.Floor(math.Log10(math.Max(1, float64(bar.To)/float64(heatFrom.Microseconds()))) * heatPerDecade))
		if n := len(pairs); n > 0 && pairs[n-2] == bucket {
			pairs[n-1] += int(bar.Count)
			continue
		}
		pairs = append(pairs, bucket, int(bar.Count))
	}
	return pairs
}

func stepped[T any](c *chart, changes []change[T], value func(T) int) steppedSeries {
	s := steppedSeries{T: []float64{}, N: []int{}}
	for _, ch := range changes {
		s.T, s.N = append(s.T, c.since(ch.at)), append(s.N, value(ch.to))
	}
	return s
}

func spans[T any](c *chart, l *life[T], state func(T) string) []span {
	all := []span{}
	for _, s := range stretches(c, l, state) {
		all = append(all, span{c.since(s.from), c.since(s.to), s.state, stateClass[s.state]})
	}
	return all
}

func (c *chart) endpointSeries(uid string) (spans [][2]float64) {
	for _, s := range c.endpointSpans(uid) {
		spans = append(spans, [2]float64{c.since(s[0]), c.since(s[1])})
	}
	return spans
}
