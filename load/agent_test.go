package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/load/agent"
	"hagate/record"
)

// asAgent has the test's program be the agent.
const asAgent = "HAGATE_TEST_AGENT"

func TestMain(m *testing.M) {
	if os.Getenv(asAgent) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := agent.Command(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		os.Exit(1)
	}
}

// program is a command of the agent.
func program(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asAgent+"=1")
	return cmd
}

// process starts an agent and returns it with the Exec that reaches it.
func process(t *testing.T) (*exec.Cmd, Exec) {
	t.Helper()
	dir := t.TempDir()
	socket := filepath.Join(dir, "agent.sock")
	cmd := program(context.Background(), "serve", "--vantage", record.External, "--socket", socket, "--record", filepath.Join(dir, "r", "record.jsonl"))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd, func(ctx context.Context, stdin io.Reader, stdout io.Writer, args ...string) error {
		if args[1] == "ctl" {
			args = append([]string{args[0], "ctl", "--socket", socket}, args[2:]...)
		}
		c := program(ctx, args[1:]...)
		var stderr strings.Builder
		c.Stdin, c.Stdout, c.Stderr, c.WaitDelay = stdin, stdout, &stderr, time.Second
		if err := c.Run(); err != nil {
			return errors.New(err.Error() + ": " + stderr.String())
		}
		return nil
	}
}

// newRecord is a record being written, and what there is in it so far.
func newRecord(t *testing.T) (*record.Writer, func() []record.Entry) {
	t.Helper()
	path := filepath.Join(t.TempDir(), record.FileName)
	w, err := record.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w, func() (list []record.Entry) {
		t.Helper()
		if err := record.ReadFile(path, func(e record.Entry) error { list = append(list, e); return nil }); err != nil {
			t.Fatal(err)
		}
		return list
	}
}

func plan(rate int, url string, modes ...string) record.Plan {
	p := record.Plan{Rate: rate, Requests: []record.Call{{Method: "GET", Path: "/", Status: 200}},
		Streams: []record.Stream{{Vantage: record.InCluster, Mode: record.Fresh, URL: "http://not.mine"}}}
	for _, m := range modes {
		p.Streams = append(p.Streams, record.Stream{Vantage: record.External, Mode: m, URL: url})
	}
	return p
}

// totals of the seconds, each checked to account for all of its requests.
type totals struct {
	due, late int
	failed    map[string]int
	streams   map[string]int
	health    int
}

func count(t *testing.T, entries []record.Entry) totals {
	t.Helper()
	n := totals{failed: map[string]int{}, streams: map[string]int{}}
	seconds := map[string]bool{}
	for _, e := range entries {
		if e.Health != nil {
			n.health++
		}
		s := e.Second
		if s == nil {
			continue
		}
		if got := record.Sum(s.OK) + s.FailedTotal(); got != s.Due {
			t.Errorf("second %s of %s: %d due, %d accounted for", e.Time, s.Stream, s.Due, got)
		}
		if key := e.Scenario + s.Stream + e.Time.String(); seconds[key] {
			t.Errorf("second %s of %s came twice", e.Time, s.Stream)
		} else {
			seconds[key] = true
		}
		n.due, n.late = n.due+s.Due, n.late+s.Late
		n.streams[s.Stream] += s.Due
		for class, slots := range s.Failed {
			n.failed[class] += record.Sum(slots)
		}
	}
	return n
}

func TestAgentSendsAndRecords(t *testing.T) {
	g := NewWithT(t)
	ctx := t.Context()
	var served atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }))
	defer server.Close()
	_, exec := process(t)
	w, entries := newRecord(t)
	a := NewAgent(record.External, exec, w.Write)
	g.Expect(a.Ready(ctx)).To(Succeed())
	g.Expect(a.offset).To(BeNumerically("~", 0, 50*time.Millisecond))

	for _, scenario := range []string{"one", "two"} {
		g.Expect(a.Start(ctx, scenario, plan(200, server.URL, record.Fresh, record.Reused))).To(Succeed())
		g.Expect(a.Start(ctx, scenario, plan(200, server.URL, record.Fresh))).To(MatchError(ContainSubstring("under way")))
		// Entries arrive while the load runs.
		g.Eventually(func() int { return count(t, entries()).due }, 10*time.Second).Should(BeNumerically(">", int(served.Load()/2)))
		g.Eventually(served.Load, 10*time.Second).Should(BeNumerically(">=", 800))
		g.Expect(a.Stop(ctx)).To(Succeed())
		n := count(t, entries())
		g.Expect(n.failed).To(BeEmpty())
		g.Expect(n.due).To(BeEquivalentTo(served.Load()), "every request that the server saw, and no other")
		g.Expect(n.streams).To(HaveLen(2))
		g.Expect(n.health).To(BeNumerically(">", 0))
	}
	for _, e := range entries() {
		g.Expect(e.Clock).To(Equal(record.External))
		g.Expect(e.Scenario).To(BeElementOf("one", "two"))
		g.Expect(e.Problem).To(BeNil())
	}
	g.Expect(a.Stop(ctx)).To(Succeed(), "a second stop finds nothing to do")
	g.Expect(a.Close()).To(Succeed())
}

// The connection is cut in the middle of lines, again and again: nothing is lost and
// nothing comes twice.
func TestAgentSurvivesLostConnections(t *testing.T) {
	g := NewWithT(t)
	ctx := t.Context()
	var served atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if served.Add(1)%2 == 0 {
			http.Error(w, "odd ones only", http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	_, exec := process(t)
	var cuts atomic.Int64
	lossy := func(ctx context.Context, stdin io.Reader, stdout io.Writer, args ...string) error {
		if strings.HasPrefix(args[len(args)-1], "/record") && cuts.Load() < 12 {
			stdout = &cutter{w: stdout, left: 5000, cut: func() { cuts.Add(1) }}
		}
		return exec(ctx, stdin, stdout, args...)
	}
	w, entries := newRecord(t)
	a := NewAgent(record.External, lossy, w.Write)
	g.Expect(a.Ready(ctx)).To(Succeed())
	g.Expect(a.Start(ctx, "cut", plan(200, server.URL, record.Fresh))).To(Succeed())
	g.Eventually(served.Load, 10*time.Second).Should(BeNumerically(">=", 400))
	g.Expect(a.Stop(ctx)).To(Succeed())
	g.Expect(cuts.Load()).To(BeNumerically(">=", 5))
	n, single := count(t, entries()), 0
	for _, e := range entries() {
		if e.Request != nil && e.Request.Class == record.ClassStatus5 {
			single++
		}
	}
	g.Expect(n.due).To(BeEquivalentTo(served.Load()))
	g.Expect(n.failed[record.ClassStatus5]).To(BeEquivalentTo(served.Load() / 2))
	g.Expect(single).To(BeEquivalentTo(served.Load() / 2))
}

// cutter fails after some bytes, wherever in a line that is.
type cutter struct {
	w    io.Writer
	left int
	cut  func()
}

func (c *cutter) Write(b []byte) (int, error) {
	n := min(len(b), c.left)
	c.left -= n
	if _, err := c.w.Write(b[:n]); err != nil {
		return 0, err
	}
	if n < len(b) {
		c.cut()
		return n, io.ErrShortWrite
	}
	return n, nil
}

// The server dies and comes back: its absence is counted as what it is.
func TestAgentSeesServerRestart(t *testing.T) {
	g := NewWithT(t)
	ctx := t.Context()
	var served atomic.Int64
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())
	first := &http.Server{Handler: handler}
	go first.Serve(l)

	_, exec := process(t)
	w, entries := newRecord(t)
	a := NewAgent(record.External, exec, w.Write)
	g.Expect(a.Ready(ctx)).To(Succeed())
	g.Expect(a.Start(ctx, "restart", plan(200, "http://"+l.Addr().String(), record.Fresh, record.Reused))).To(Succeed())
	g.Eventually(served.Load, 10*time.Second).Should(BeNumerically(">", 100))
	first.Close()
	refused := func() (n int) {
		for _, e := range entries() {
			if e.Request != nil && e.Request.Class == record.ClassRefused {
				n++
			}
		}
		return n
	}
	g.Eventually(refused, 10*time.Second).Should(BeNumerically(">", 20))
	l, err = net.Listen("tcp", l.Addr().String())
	g.Expect(err).NotTo(HaveOccurred())
	second := &http.Server{Handler: handler}
	go second.Serve(l)
	defer second.Close()
	again := served.Load()
	g.Eventually(served.Load, 10*time.Second).Should(BeNumerically(">", again+200))
	g.Expect(a.Stop(ctx)).To(Succeed())
	n := count(t, entries())
	g.Expect(n.failed[record.ClassRefused]).To(Equal(refused()))
	g.Expect(n.failed[record.ClassClient]).To(BeZero())
}

// The agent itself is stopped for a while: what was due then is late, and counts.
func TestAgentStalls(t *testing.T) {
	g := NewWithT(t)
	ctx := t.Context()
	var served atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }))
	defer server.Close()
	cmd, exec := process(t)
	w, entries := newRecord(t)
	a := NewAgent(record.External, exec, w.Write)
	g.Expect(a.Ready(ctx)).To(Succeed())
	g.Expect(a.Start(ctx, "stall", plan(200, server.URL, record.Fresh))).To(Succeed())
	g.Eventually(served.Load, 10*time.Second).Should(BeNumerically(">", 100))
	g.Expect(cmd.Process.Signal(syscall.SIGSTOP)).To(Succeed())
	time.Sleep(500 * time.Millisecond) // the length of the stall
	g.Expect(cmd.Process.Signal(syscall.SIGCONT)).To(Succeed())
	g.Eventually(served.Load, 10*time.Second).Should(BeNumerically(">", 300))
	g.Expect(a.Stop(ctx)).To(Succeed())
	n := count(t, entries())
	g.Expect(n.late).To(BeNumerically(">=", 80), "200/s for 0.5 s, less the 50 ms that are not late")
	var worst time.Duration
	for _, e := range entries() {
		if e.Second != nil {
			worst = max(worst, e.Second.MaxLate)
		}
	}
	g.Expect(worst).To(BeNumerically(">=", 450*time.Millisecond))
}

func TestAgentRefusesBadPlans(t *testing.T) {
	g := NewWithT(t)
	_, exec := process(t)
	w, _ := newRecord(t)
	a := NewAgent(record.External, exec, w.Write)
	g.Expect(a.Ready(t.Context())).To(Succeed())
	g.Expect(a.Start(t.Context(), "", plan(10, "http://x"))).To(MatchError(ContainSubstring("streams: want at least one")))
	g.Expect(a.Start(t.Context(), "", plan(0, "http://x", record.Fresh))).To(MatchError(ContainSubstring("plan: rate 0")))
	g.Expect(a.Start(t.Context(), "", plan(10, "x://x", record.Fresh))).To(MatchError(ContainSubstring("want http://host")))
	g.Expect(a.Stop(t.Context())).To(Succeed())
}

// A dead agent, and one that began anew, are errors: what they saw is missing.
func TestAgentGone(t *testing.T) {
	g := NewWithT(t)
	cmd, exec := process(t)
	w, _ := newRecord(t)
	a := NewAgent(record.External, exec, w.Write)
	g.Expect(a.Ready(t.Context())).To(Succeed())
	a.intake.from = 1 << 20
	g.Expect(a.Stop(t.Context())).To(MatchError(ContainSubstring("lost what it saw")))
	cmd.Process.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	g.Expect(a.Stop(ctx)).To(MatchError(ContainSubstring("out of reach")))
}
