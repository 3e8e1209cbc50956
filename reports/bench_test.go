package reports_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"hagate/record"
	"hagate/reports"
	"hagate/verdict/verdicttest"
)

// BenchmarkRender renders a gate run's worth of scenarios, 20 of 125 s each on four
// streams, at rates that make it one and ten million requests. Time, memory and the
// page are those of the seconds, whatever the rate.
func BenchmarkRender(b *testing.B) {
	for _, rate := range []int{100, 1000} {
		b.Run(fmt.Sprintf("requests=%d", 20*125*4*rate), func(b *testing.B) {
			dir := b.TempDir()
			if err := verdicttest.Write(dir, verdicttest.Run(busyScenarios(b, 20, 125, rate)...)); err != nil {
				b.Fatal(err)
			}
			var most uint64
			stop := make(chan struct{})
			go func() {
				for {
					select {
					case <-stop:
						return
					case <-time.After(10 * time.Millisecond):
						var m runtime.MemStats
						runtime.ReadMemStats(&m)
						most = max(most, m.HeapInuse)
					}
				}
			}()
			for b.Loop() {
				if _, err := reports.Render(dir, "", nil); err != nil {
					b.Fatal(err)
				}
			}
			close(stop)
			page, err := os.Stat(filepath.Join(dir, reports.HTMLFile))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(page.Size())/1e6, "MB/page")
			b.ReportMetric(float64(most)/1e6, "MB/heap")
		})
	}
}

// busyScenarios are n scenarios without a fault of so many seconds each, one request in
// a thousand of which fails.
func busyScenarios(b *testing.B, n, seconds, rate int) (all [][]record.Entry) {
	h := hdrhistogram.New(1, time.Minute.Microseconds(), 3)
	for i := range rate {
		h.RecordValue(int64(700 + 37*i%9000))
	}
	latency, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		b.Fatal(err)
	}
	began := verdicttest.Began
	for i := range n {
		start := *verdicttest.PodDelete()[0].Start
		start.Name, start.NoFault, start.Plan.Rate = fmt.Sprintf("steady-%02d", i), true, rate
		at := func(second int, e record.Entry) record.Entry {
			e.Time, e.Scenario = began.Add(time.Duration(second)*time.Second), start.Name
			return e
		}
		entries := []record.Entry{at(0, record.Entry{Start: &start}), at(0, record.Entry{Phase: &record.Phase{Name: record.Baseline}}), at(6, record.Entry{Phase: &record.Phase{Name: record.Settled}})}
		for s := range seconds {
			for j, st := range start.Plan.Streams {
				second := &record.Second{Stream: st.Name(), Due: rate, OK: make([]int, record.SlotsPerSecond), Latency: string(latency)}
				for k := range record.SlotsPerSecond {
					second.OK[k] = rate / record.SlotsPerSecond
				}
				if s%10 == 9 && j == i%4 {
					second.Failed = map[string][]int{record.ClassRefused: make([]int, record.SlotsPerSecond)}
					second.Failed[record.ClassRefused][50] = rate / 100
					second.OK[50] = 0
				}
				entries = append(entries, at(s, record.Entry{Clock: st.Vantage, Second: second}))
			}
		}
		all = append(all, append(entries, at(seconds, record.Entry{Phase: &record.Phase{Name: record.Done}})))
		began = began.Add(time.Duration(seconds+1) * time.Second)
	}
	return all
}
