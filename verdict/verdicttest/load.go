package verdicttest

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"hagate/record"
)

// load sends the planned requests on every stream. Where class gives one, the
// request fails with it; at is in seconds after the scenario began.
func (s *scene) load(class func(stream int, at float64) string) {
	for i, st := range s.start.Plan.Streams {
		s.stream(i, st, class)
	}
	for at := 0.5; at < loadTo; at++ {
		for _, v := range []string{record.InCluster, record.External} {
			s.at(at, record.Entry{Clock: v, Health: &record.Health{Vantage: v, Busy: s.busy, Own: 90 * time.Millisecond, Offset: 3 * time.Millisecond, Workers: 2}})
		}
		s.at(at, s.used())
	}
}

// used is who used the cores in a second.
func (s *scene) used() record.Entry {
	return record.Entry{CPU: &record.CPU{Cores: 2, Busy: 2 * s.busy, Service: 0.3, Cluster: 0.4, Harness: 0.2, Others: 2*s.busy - 0.9}}
}

func (s *scene) stream(index int, st record.Stream, class func(int, float64) string) {
	for second := math.Floor(loadFrom); second < loadTo; second++ {
		sec := record.Second{Stream: st.Name(), OK: make([]int, record.SlotsPerSecond), Pods: map[string]int{}, Status: map[string]int{}, MaxLate: 4 * time.Millisecond}
		var latencies []int64
		for i := range s.start.Plan.Rate {
			at := second + float64(i)/float64(s.start.Plan.Rate)
			if at < loadFrom || at >= loadTo {
				continue
			}
			sec.Due++
			slot := i * record.SlotsPerSecond / s.start.Plan.Rate
			if c := s.classAt(class, index, at); c != "" {
				if sec.Failed == nil {
					sec.Failed = map[string][]int{}
				}
				if sec.Failed[c] == nil {
					sec.Failed[c] = make([]int, record.SlotsPerSecond)
				}
				sec.Failed[c][slot]++
				s.failed(at, st, uint64(i), c)
				continue
			}
			sec.OK[slot]++
			sec.Pods[s.answering(i, at).name]++
			sec.Status["200"]++
			latencies = append(latencies, s.latency(at))
		}
		sec.Latency = encoded(latencies)
		switch {
		case st.Mode == record.Fresh:
			sec.Opened = sec.Due
		case second == math.Floor(loadFrom):
			sec.Opened = s.start.Plan.Connection
		}
		s.atClock(second, second+1.2, record.Entry{Clock: st.Vantage, Second: &sec})
	}
}

var texts sync.Map // what encoded has given, by the latencies: most seconds are alike

// encoded is the histogram of latencies in microseconds as a record has it.
func encoded(latencies []int64) string {
	key := fmt.Sprint(latencies)
	if text, ok := texts.Load(key); ok {
		return text.(string)
	}
	h := hdrhistogram.New(1, time.Minute.Microseconds(), 3)
	for _, l := range latencies {
		h.RecordValue(l)
	}
	text, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		panic(err)
	}
	texts.Store(key, string(text))
	return string(text)
}

func (s *scene) classAt(class func(int, float64) string, stream int, at float64) string {
	if class == nil {
		return ""
	}
	return class(stream, at)
}

func (s *scene) failed(at float64, st record.Stream, seq uint64, class string) {
	r := &record.Request{Stream: st.Name(), Seq: seq, Method: "GET", Path: "/",
		Latency: 800 * time.Microsecond, Class: class, Error: "connect: connection " + class, Remote: s.old[len(s.old)-1].ip + ":80", Reused: st.Mode == record.Reused}
	if s.detail != nil {
		s.detail(at, r)
	}
	s.atClock(at, at+0.01, record.Entry{Clock: st.Vantage, Request: r})
}

// answering is the Pod that the request with number i goes to: in turn, of those that
// are behind the Service then.
func (s *scene) answering(i int, at float64) pod {
	lost, next := s.swap()
	var there []pod
	for _, p := range s.old {
		if p.uid != lost || at < faultAt {
			there = append(there, p)
		}
	}
	if at > backAt && next.name != "" && !s.never {
		there = append(there, next)
	}
	return there[i%len(there)]
}

// swap finds which Pod goes and which comes.
func (s *scene) swap() (lost string, next pod) {
	for _, i := range s.items {
		if p := i.entry.Pod; p != nil && p.Gone {
			lost = p.UID
		}
		if p := i.entry.Pod; p != nil && p.Phase == "Pending" {
			for _, f := range s.fresh {
				if f.uid == p.UID {
					next = f
				}
			}
		}
	}
	return lost, next
}

// latency is in microseconds: log-normal about 0.7 ms, slower while a Pod is away, and much
// slower for two seconds where the load is heavy.
func (s *scene) latency(at float64) int64 {
	median := 700.0
	if at > faultAt && at < backAt {
		median = 1100
	}
	if at > s.heavy && at < s.heavy+2 && s.heavy > 0 {
		median = 400e3
	}
	return int64(median * math.Exp(0.35*s.rng.NormFloat64()))
}
