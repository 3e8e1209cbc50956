package agent

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func newLog(t *testing.T) *Log {
	t.Helper()
	l, err := CreateLog(filepath.Join(t.TempDir(), "r", record.FileName))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func entry(what string) record.Entry {
	return record.Entry{Time: time.Unix(1, 0), Problem: &record.Problem{What: record.Words(what)}}
}

func TestLogCopy(t *testing.T) {
	g := NewWithT(t)
	l := newLog(t)
	l.Append(entry("a"))
	first, _ := l.State()
	l.Append(entry("b"))
	var out bytes.Buffer
	done, cancel := context.WithCancel(t.Context())
	cancel()
	g.Expect(l.Copy(done, &out, first, func() {})).To(Succeed())
	g.Expect(out.String()).To(Equal(`{"time":"1970-01-01T00:00:01Z","problem":{"what":"b"}}` + "\n"))

	// What is appended while it is followed comes too, up to the end.
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	go func() {
		l.Copy(ctx, w, 0, func() {})
		w.Close()
	}()
	buf := make([]byte, 2*first)
	_, err := io.ReadFull(r, buf)
	g.Expect(err).NotTo(HaveOccurred())
	l.Append(entry("c"))
	cancel()
	rest, err := io.ReadAll(r)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(rest)).To(ContainSubstring(`"c"`))
}

func TestLogKeepsItsFirstError(t *testing.T) {
	g := NewWithT(t)
	l := newLog(t)
	l.Append(entry("a"))
	size, err := l.State()
	g.Expect(err).NotTo(HaveOccurred())
	l.f.Close()
	l.Append(entry("b"))
	again, err := l.State()
	g.Expect(err).To(MatchError(ContainSubstring("writing the agent's record")))
	g.Expect(again).To(Equal(size))
}

func TestHandlerErrors(t *testing.T) {
	h := handler(&runner{vantage: "external", log: newLog(t)})
	tests := []struct {
		method, path, body string
		status             int
		text               string
	}{
		{"GET", "/status", "", 200, `"vantage":"external"`},
		{"POST", "/stop", "", 200, `"running":false`},
		{"POST", "/renew", "", 200, `"running":false`},
		{"GET", "/record?from=0", "", 200, ""},
		{"GET", "/record?from=0&follow=1", "", 200, ""}, // nothing is under way: nothing to follow
		{"GET", "/record?from=1", "", 416, "it is not the one"},
		{"GET", "/record?from=x", "", 400, "want an offset"},
		{"GET", "/record?from=-1", "", 400, "want an offset"},
		{"POST", "/attack", "{", 400, "reading the order"},
		{"POST", "/attack", `{"pace":1}`, 400, `unknown field "pace"`},
		{"POST", "/attack", "{}", 400, "streams: want at least one"},
		{"GET", "/attack", "", 405, ""},
		{"GET", "/other", "", 404, ""},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body)))
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.text) {
			t.Errorf("%s %s: got %d %q, want %d %q", tt.method, tt.path, w.Code, w.Body, tt.status, tt.text)
		}
	}
}

// An attack that nobody stops ends by itself, and says so.
func TestLongest(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	r := &runner{vantage: "external", log: newLog(t)}
	plan := record.Plan{Rate: 100, Requests: []record.Call{{Method: "GET", Path: "/", Status: 200}},
		Streams: []record.Stream{{Vantage: "external", Mode: record.Fresh, URL: server.URL}}}
	g.Expect(r.start(Order{Plan: plan, Longest: 100 * time.Millisecond})).To(Succeed())
	g.Expect(r.start(Order{Plan: plan})).To(MatchError(errBusy))
	r.wait(t.Context())
	var out bytes.Buffer
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("read what there is"))
	g.Expect(r.log.Copy(ctx, &out, 0, func() {})).To(Succeed())
	g.Expect(out.String()).To(ContainSubstring(`"of":["external","100ms"]`))
	g.Expect(r.status().Running).To(BeFalse())
}

func TestClock(t *testing.T) {
	g := NewWithT(t)
	var out bytes.Buffer
	g.Expect(Clock(strings.NewReader("\n\n"), &out)).To(Succeed())
	lines := strings.Fields(out.String())
	g.Expect(lines).To(HaveLen(2))
	for _, l := range lines {
		at, err := time.Parse(time.RFC3339Nano, l)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(at).To(BeTemporally("~", time.Now(), time.Minute))
	}
}
