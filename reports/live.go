package reports

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"hagate/record"
	"hagate/reports/lang"
	"hagate/verdict"
)

// running stands where a verdict will, on the page of a run that goes on.
const running verdict.Result = "RUNNING"

// redrawn is how often the charts of the scenario under way are.
const redrawn = time.Second

// Live serves the page of a run while it goes on, on loopback alone: what Render would
// write so far, and the charts of the scenario under way redrawn every second, as
// server-sent events. It draws from the entries that Observe is given.
type Live struct {
	URL string

	server http.Server
	over   chan struct{} // closed by Close
	in     *lang.Lang
	report string // set before over is closed

	mu    sync.Mutex
	judge verdict.Judge
	tales tales
	now   string // the scenario under way; empty between two
}

// NewLive starts to serve the page in a language.
func NewLive(in *lang.Lang) (*Live, error) {
	l := &Live{in: in, over: make(chan struct{})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serving the page of the run: %w", err)
	}
	l.URL = "http://" + listener.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", l.page)
	mux.HandleFunc("GET /events", l.events)
	l.server.Handler = ownHost(listener.Addr().String(), mux)
	go l.server.Serve(listener)
	return l, nil
}

// ownHost answers only requests for host: a page of the Web whose name was made to lead
// to loopback gets nothing.
func ownHost(host string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Host != host {
			http.Error(w, "not here", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, q)
	})
}

// Observe takes one entry in. It can be given to record.Writer.Observe.
func (l *Live) Observe(e record.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.judge.Add(e)
	l.tales.add(e)
	switch {
	case e.Start != nil:
		l.now = e.Scenario
	case e.Phase != nil && e.Phase.Name == record.Done:
		l.now = ""
	}
}

// Close tells those who watch where the report is, and ends.
func (l *Live) Close(report string) error {
	l.report = report
	close(l.over)
	time.Sleep(redrawn / 10) // for the last event to leave
	return l.server.Close()
}

func (l *Live) page(w http.ResponseWriter, _ *http.Request) {
	text, err := l.soFar()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(text)
}

// soFar is the page of what there is.
func (l *Live) soFar() ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.judge.Verdict()
	v.Result, v.Reason = running, record.Say("scenarios finished: %d", ended(v))
	for i := range v.Scenarios {
		if s := &v.Scenarios[i]; s.Name == l.now {
			s.Result, s.Reason, s.Checks, s.Diagnoses, s.Cause, s.Fix = running, record.Say("in progress"), nil, nil, record.Text{}, record.Text{}
		}
	}
	return page(v, l.tales, nil, "", l.in)
}

func ended(v verdict.Verdict) (n int) {
	for _, s := range v.Scenarios {
		if slices.ContainsFunc(s.Phases, func(p verdict.Phase) bool { return p.Name == record.Done }) {
			n++
		}
	}
	return n
}

// update is what an event of the scenario under way carries.
type update struct {
	Name   string `json:"name"`
	Series series `json:"series"`
}

// events sends "series" while a scenario is under way, "ended" when one has ended, and
// "over" with the path of the report at the end of the run.
func (l *Live) events(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	flush := http.NewResponseController(w)
	tick := time.NewTicker(redrawn)
	defer tick.Stop()
	last := ""
	for {
		name, text := l.series()
		if last != "" && name != last {
			fmt.Fprint(w, "event: ended\ndata:\n\n")
		}
		if last = name; name != "" {
			fmt.Fprintf(w, "event: series\ndata: %s\n\n", text)
		}
		if flush.Flush() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-q.Context().Done():
			return
		case <-l.over:
			path, _ := json.Marshal(l.report)
			fmt.Fprintf(w, "event: over\ndata: %s\n\n", path)
			flush.Flush()
			return
		}
	}
}

// series is what the scenario under way looks like now.
func (l *Live) series() (name string, text []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tales[l.now]
	if l.now == "" || t == nil {
		return "", nil
	}
	text, err := json.Marshal(update{l.now, plot(l.judge.Scenario(l.now), t, l.in)})
	if err != nil {
		return "", nil
	}
	return l.now, text
}
