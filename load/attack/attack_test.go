package attack

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// book gathers entries.
type book struct {
	mu      sync.Mutex
	entries []record.Entry
}

func (b *book) emit(e record.Entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = append(b.entries, e)
}

// sum adds up the seconds, and checks that each accounts for all its requests.
func (b *book) sum(t *testing.T) (due int, failed map[string]int, opened int) {
	t.Helper()
	failed = map[string]int{}
	for _, e := range b.entries {
		s := e.Second
		if s == nil {
			continue
		}
		if got := record.Sum(s.OK) + s.FailedTotal(); got != s.Due {
			t.Errorf("second %s: %d due, %d accounted for", e.Time, s.Due, got)
		}
		due += s.Due
		opened += s.Opened
		for class, slots := range s.Failed {
			failed[class] += record.Sum(slots)
		}
	}
	return due, failed, opened
}

func plan(rate int) record.Plan {
	return record.Plan{Rate: rate, PodHeader: "X-Pod", Requests: []record.Call{{Method: "GET", Path: "/", Status: 200}, {Method: "GET", Path: "/b", Status: 200}}}
}

func stream(mode, url string) record.Stream {
	return record.Stream{Vantage: record.External, Mode: mode, URL: url}
}

func attack(t *testing.T, p record.Plan, s record.Stream, length time.Duration) *book {
	t.Helper()
	b := &book{}
	a, err := New(p, s, length, b.emit)
	if err != nil {
		t.Fatal(err)
	}
	a.Run()
	return b
}

// More requests are in flight than connections are kept: those are opened once, and then
// used again.
func TestReusedBeyondWhatIsKept(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(300 * time.Millisecond) }))
	defer server.Close()
	p := plan(200)
	p.Connection = 20
	due, failed, opened := attack(t, p, stream(record.Reused, server.URL), 3*time.Second).sum(t)
	g.Expect(failed).To(BeEmpty())
	g.Expect(due).To(Equal(601))
	g.Expect(opened).To(And(BeNumerically(">=", 55), BeNumerically("<=", 150)), "60 are in flight at a time")
}

func TestAttackAccountsForAll(t *testing.T) {
	for _, mode := range []string{record.Fresh, record.Reused} {
		t.Run(mode, func(t *testing.T) {
			g := NewWithT(t)
			var mu sync.Mutex
			paths := map[string]int{}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				paths[r.URL.Path]++
				mu.Unlock()
				if len(r.Header) != 1 {
					http.Error(w, fmt.Sprintf("unwanted headers: %v", r.Header), http.StatusBadRequest)
				}
			}))
			defer server.Close()
			b := attack(t, plan(200), stream(mode, server.URL), 2*time.Second)
			due, failed, opened := b.sum(t)
			g.Expect(failed).To(BeEmpty())
			g.Expect(due).To(Equal(401), "request 0 and request 400 are both due within two seconds")
			g.Expect(paths).To(Equal(map[string]int{"/": 201, "/b": 200}))
			if mode == record.Fresh {
				g.Expect(opened).To(Equal(due))
			} else {
				g.Expect(opened).To(And(BeNumerically(">=", DefaultConnections), BeNumerically("<", 2*DefaultConnections)), "more only while all are in use")
			}
		})
	}
}

// Each whole second of a step has exactly its rate.
func TestAttackInSteps(t *testing.T) {
	g := NewWithT(t)
	var usual atomic.Int64 // requests from ports that the load after this one takes
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if from, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || from.Port() >= 17<<10 {
			usual.Add(1)
		}
	}))
	defer server.Close()
	p := plan(20)
	p.From = time.Now().Truncate(time.Second).Add(time.Second)
	p.Steps = []record.Step{{Rate: 20, Seconds: 1}, {Rate: 300, Seconds: 1}, {Rate: 50, Seconds: 1}}
	b := attack(t, p, stream(record.Fresh, server.URL), 4*time.Second-1)
	_, failed, _ := b.sum(t)
	g.Expect(failed).To(BeEmpty())
	due := map[int64]int{}
	for _, e := range b.entries {
		if e.Second != nil {
			due[e.Time.Unix()-p.From.Unix()] = e.Second.Due
		}
	}
	g.Expect(due).To(Equal(map[int64]int{0: 20, 1: 300, 2: 50, 3: 50}), "the last step goes on")
	g.Expect(usual.Load()).To(BeZero())
}

func TestPlansThatCannotBeSent(t *testing.T) {
	second := time.Unix(1000, 0)
	for name, edit := range map[string]func(*record.Plan){
		"no rate":                       func(p *record.Plan) { p.Rate = 0 },
		"nothing to send":               func(p *record.Plan) { p.Requests = nil },
		"steps from a part of a second": func(p *record.Plan) { p.From, p.Steps = second.Add(1), []record.Step{{Rate: 1, Seconds: 1}} },
		"a step of nothing":             func(p *record.Plan) { p.From, p.Steps = second, []record.Step{{Seconds: 1}} },
		"a step of no length":           func(p *record.Plan) { p.From, p.Steps = second, []record.Step{{Rate: 1}} },
		"a beginning without steps":     func(p *record.Plan) { p.From = second },
	} {
		p := plan(100)
		edit(&p)
		if _, err := New(p, stream(record.Fresh, "http://127.0.0.1"), time.Second, nil); err == nil || !strings.HasPrefix(err.Error(), "plan: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Stop in the middle of slow answers: they come in, and are accounted for.
func TestAttackStopDropsNothing(t *testing.T) {
	g := NewWithT(t)
	arrived, gate := make(chan struct{}, 1000), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-gate
	}))
	defer server.Close()
	b := &book{}
	a, err := New(plan(500), stream(record.Fresh, server.URL), time.Minute, b.emit)
	g.Expect(err).NotTo(HaveOccurred())
	done := make(chan struct{})
	go func() { a.Run(); close(done) }()
	for range 10 {
		<-arrived
	}
	a.Stop()
	g.Expect(a.InFlight()).To(BeNumerically(">=", 10))
	close(gate)
	<-done
	due, failed, _ := b.sum(t)
	g.Expect(failed).To(BeEmpty())
	g.Expect(due).To(BeNumerically(">=", 10))
	g.Expect(due).To(Equal(10 + len(arrived)))
}

// The generator cannot keep up: late, and what was not sent at all is its own failure.
func TestAttackTooFewWorkers(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	p := plan(1000)
	p.Timeout = 50 * time.Millisecond
	b := &book{}
	a, err := New(p, stream(record.Fresh, server.URL), 300*time.Millisecond, b.emit)
	g.Expect(err).NotTo(HaveOccurred())
	a.workers = 2
	a.Run() // 40 requests/second at best
	due, failed, _ := b.sum(t)
	g.Expect(due).To(Equal(301))
	g.Expect(failed[record.ClassTimeout]).To(BeNumerically(">", 0))
	g.Expect(failed[record.ClassClient]).To(BeNumerically(">", 200))
	late := 0
	for _, e := range b.entries {
		if e.Second != nil {
			late += e.Second.Late
		}
	}
	g.Expect(late).To(BeNumerically(">", 100))
}

// Connections closed by this side leave no TIME_WAIT; closed by the server they do.
func TestTimeWait(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":")+1:]
	_, failed, opened := attack(t, plan(500), stream(record.Fresh, server.URL), time.Second).sum(t)
	g.Expect(failed).To(BeEmpty())
	g.Expect(opened).To(Equal(501))
	g.Expect(timeWait(t, port)).To(BeZero())

	closing := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for range 10 {
		resp, err := closing.Get(server.URL)
		g.Expect(err).NotTo(HaveOccurred())
		resp.Body.Close()
	}
	g.Eventually(func() int { return timeWait(t, port) }).Should(Equal(10))
}

// timeWait counts the connections in TIME_WAIT that have loopback's port on either side;
// each once, for the kernel may list one again while others come and go, and has both ends
// of one that was closed from both sides at the same moment.
func timeWait(t *testing.T, port string) int {
	t.Helper()
	found := map[string]bool{}
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(file)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var number int
		fmt.Sscan(port, &number)
		end := fmt.Sprintf("0100007F:%04X", number)
		for lines := bufio.NewScanner(f); lines.Scan(); {
			field := strings.Fields(lines.Text())
			if field[3] == "06" && (strings.HasSuffix(field[1], end) || strings.HasSuffix(field[2], end)) {
				found[min(field[1], field[2])+" "+max(field[1], field[2])] = true
			}
		}
		f.Close()
	}
	return len(found)
}

func TestNewErrors(t *testing.T) {
	good := stream(record.Fresh, "http://10.0.0.1")
	tests := []struct {
		change func(*record.Plan, *record.Stream)
		want   string
	}{
		{func(p *record.Plan, _ *record.Stream) { p.Rate = 0 }, "plan: rate 0"},
		{func(p *record.Plan, _ *record.Stream) { p.Timeout = -1 }, "plan: timeout"},
		{func(p *record.Plan, _ *record.Stream) { p.Timeout = time.Hour }, "plan: timeout"},
		{func(p *record.Plan, _ *record.Stream) { p.SlowAfter = -1 }, "plan: slowAfter"},
		{func(p *record.Plan, _ *record.Stream) { p.Connection = -1 }, "plan: connections"},
		{func(p *record.Plan, _ *record.Stream) { p.ThinkTime = -1 }, "plan: thinkTime"},
		{func(p *record.Plan, _ *record.Stream) { p.ThinkTime = MaxThinkTime + 1 }, "plan: thinkTime"},
		{func(p *record.Plan, _ *record.Stream) { p.ThinkTime, p.Connection = time.Second, 10 }, "plan: connections 10: want more than the 10"},
		{func(p *record.Plan, _ *record.Stream) { p.Retries = -1 }, "plan: retries"},
		{func(p *record.Plan, _ *record.Stream) { p.Retries = MaxRetries + 1 }, "plan: retries"},
		{func(p *record.Plan, _ *record.Stream) { p.Requests = nil }, "plan: requests"},
		{func(_ *record.Plan, s *record.Stream) { s.Mode = "warm" }, "mode"},
		{func(_ *record.Plan, s *record.Stream) { s.URL = "ftp://a" }, "stream external/fresh"},
	}
	for _, tt := range tests {
		p, s := plan(10), good
		tt.change(&p, &s)
		if _, err := New(p, s, time.Second, nil); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
}

func TestPlansOfPatientClients(t *testing.T) {
	for want, edit := range map[int]func(*record.Plan){
		30:  func(*record.Plan) {},
		31:  func(p *record.Plan) { p.ThinkTime = 100 * time.Millisecond },
		180: func(p *record.Plan) { p.ThinkTime, p.Retries = 15*time.Second, MaxRetries },
		11:  func(p *record.Plan) { p.ThinkTime, p.Connection = time.Second, 11 },
	} {
		p := plan(10)
		edit(&p)
		if _, err := New(p, stream(record.Reused, "http://127.0.0.1"), time.Second, nil); err != nil || WithDefaults(p).Connection != want {
			t.Errorf("%v; %d connections, want %d", err, WithDefaults(p).Connection, want)
		}
	}
}

// A service that turns away every third request: clients that try again notice nothing, and
// each that did is told.
func TestAttackTriesAgain(t *testing.T) {
	g := NewWithT(t)
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Pod", "web-1")
		if n.Add(1)%3 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	for retries, want := range map[int]string{0: record.ClassStatus5, MaxRetries: ""} {
		n.Store(0)
		p := plan(100)
		p.Retries = retries
		b := attack(t, p, stream(record.Reused, server.URL), time.Second)
		due, failed, _ := b.sum(t)
		g.Expect(due).To(Equal(101))
		retried, saved, tries := 0, 0, 0
		for _, e := range b.entries {
			if s := e.Second; s != nil {
				retried += s.Retried
				saved += record.Sum(s.Saved[record.ClassStatus5])
			}
			if q := e.Request; q != nil && len(q.Tries) > 0 {
				tries++
				g.Expect(q.Class).To(BeEmpty())
				g.Expect(q.Tries[0].Status).To(Equal(503))
				g.Expect(q.Tries[0].Pod).To(Equal("web-1"))
				g.Expect(q.Tries[0].At).To(BeNumerically("<", q.Latency))
			}
		}
		if want != "" {
			g.Expect(failed).To(HaveKey(want))
			g.Expect(retried).To(BeZero())
		} else {
			g.Expect(failed).To(BeEmpty())
			g.Expect(retried).To(BeNumerically(">", 0))
		}
		g.Expect([]int{saved, tries}).To(Equal([]int{retried, retried}))
	}
}

// BenchmarkRequest reports the CPU time that a request takes at 2,000/s, the server's
// share in this process included.
func BenchmarkRequest(b *testing.B) {
	for _, mode := range []string{record.Fresh, record.Reused} {
		b.Run(mode, func(b *testing.B) {
			url := os.Getenv("BENCH_URL") // a server in a process of its own
			if url == "" {
				server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
				defer server.Close()
				url = server.URL
			}
			const rate = 2000
			var before, after syscall.Rusage
			syscall.Getrusage(syscall.RUSAGE_SELF, &before)
			b.ResetTimer()
			a, err := New(plan(rate), stream(mode, url), time.Duration(b.N)*time.Second/rate, func(record.Entry) {})
			if err != nil {
				b.Fatal(err)
			}
			a.Run()
			syscall.Getrusage(syscall.RUSAGE_SELF, &after)
			cpu := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
			b.ReportMetric(float64(cpu)/1e3/float64(b.N), "cpu-µs/op")
		})
	}
}
