package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"time"
)

// followFor bounds one reading of the record that follows it; the reader comes back
// with its new offset. An engine leaves a command running whose caller is gone, and
// so it comes to an end.
const followFor = 2 * time.Minute

// Serve answers on a unix socket until ctx is done. An attack under way then is
// dropped.
func Serve(ctx context.Context, socket, recordPath, vantage string) error {
	// What is alive is small, and what requests leave behind soon fills as much again.
	debug.SetGCPercent(400)
	log, err := CreateLog(recordPath)
	if err != nil {
		return err
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing a former agent's socket: %w", err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	server := &http.Server{Handler: handler(&runner{vantage: vantage, log: log}), BaseContext: func(net.Listener) context.Context { return ctx }}
	context.AfterFunc(ctx, func() { server.Close() })
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving on %s: %w", socket, err)
	}
	return nil
}

// handler is the agent's interface:
//
//	POST /attack            an Order as JSON; 409 where an attack is under way
//	POST /stop              returns when all that was due is recorded
//	POST /renew             kept connections are replaced by new ones
//	GET  /status
//	GET  /record?from=BYTES&follow=1   follows until the attack is over
//
// All but the record answer with a Status.
func handler(r *runner) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /attack", func(w http.ResponseWriter, q *http.Request) {
		var o Order
		d := json.NewDecoder(io.LimitReader(q.Body, 16<<20))
		d.DisallowUnknownFields()
		if err := d.Decode(&o); err != nil {
			http.Error(w, fmt.Sprintf("reading the order: %v", err), http.StatusBadRequest)
			return
		}
		switch err := r.start(o); {
		case errors.Is(err, errBusy):
			http.Error(w, err.Error(), http.StatusConflict)
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadRequest)
		default:
			say(w, r.status())
		}
	})
	mux.HandleFunc("POST /stop", func(w http.ResponseWriter, _ *http.Request) {
		r.stop()
		say(w, r.status())
	})
	mux.HandleFunc("POST /renew", func(w http.ResponseWriter, _ *http.Request) {
		r.renew()
		say(w, r.status())
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) { say(w, r.status()) })
	mux.HandleFunc("GET /record", func(w http.ResponseWriter, q *http.Request) { sendRecord(w, q, r) })
	return mux
}

func say(w http.ResponseWriter, s Status) {
	w.Header().Set("Content-Type", "application/json")
	// A caller that is gone asks again.
	_ = json.NewEncoder(w).Encode(s)
}

func sendRecord(w http.ResponseWriter, q *http.Request, r *runner) {
	var from int64
	if s := q.FormValue("from"); s != "" {
		var err error
		if from, err = strconv.ParseInt(s, 10, 64); err != nil || from < 0 {
			http.Error(w, fmt.Sprintf("from=%q: want an offset in bytes", s), http.StatusBadRequest)
			return
		}
	}
	if size, _ := r.log.State(); from > size {
		http.Error(w, fmt.Sprintf("from=%d: the record has %d bytes: it is not the one that was read before", from, size), http.StatusRequestedRangeNotSatisfiable)
		return
	}
	ctx, cancel := context.WithTimeout(q.Context(), followFor)
	defer cancel()
	if q.FormValue("follow") == "1" {
		go func() { r.wait(ctx); cancel() }()
	} else {
		cancel()
	}
	out := http.NewResponseController(w)
	// A caller that is gone comes back with its offset.
	_ = r.log.Copy(ctx, w, from, func() { _ = out.Flush() })
}
