package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"hagate/record"
)

// Asking asks Pods on their own addresses, past every Service.
type Asking struct {
	Call record.Call `json:"call"`
	URL  string      `json:"url"` // as clients have it: "http://host:port"; its host is the Host
	// Pods are the addresses, host and port, by the Pods' UIDs.
	Pods    map[string]string `json:"pods"`
	Every   time.Duration     `json:"every"`   // from one request to a Pod to the next, or as long as one takes
	Timeout time.Duration     `json:"timeout"` // of one request
}

// Answers reads an Asking and does as it says, each request on a connection of its own,
// until in ends or ctx does, and no longer than Longest. It writes an Entry for what each
// Pod answers, first and whenever that changes, with the time at which the request began.
func Answers(ctx context.Context, in io.Reader, w io.Writer) error {
	var order Asking
	d := json.NewDecoder(in)
	d.DisallowUnknownFields()
	if err := d.Decode(&order); err != nil {
		return fmt.Errorf("reading whom to ask: %w", err)
	}
	ctx, end := context.WithTimeout(ctx, Longest)
	defer end()
	go func() {
		_, _ = io.Copy(io.Discard, in)
		end()
	}()
	var all sync.WaitGroup
	var mu sync.Mutex
	var failed error
	out := json.NewEncoder(w)
	for uid, address := range order.Pods {
		all.Go(func() {
			order.follow(ctx, uid, address, func(e record.Entry) {
				mu.Lock()
				defer mu.Unlock()
				if failed == nil {
					failed = out.Encode(e)
				}
				if failed != nil {
					end() // nobody listens any more
				}
			})
		})
	}
	all.Wait()
	return failed
}

// follow asks one Pod.
func (o Asking) follow(ctx context.Context, uid, address string, emit func(record.Entry)) {
	var dialer net.Dialer
	client := newClient(o.Timeout)
	client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, address)
	}
	host := ""
	for name, value := range o.Call.Header {
		if strings.EqualFold(name, "Host") {
			host = value
		}
	}
	tick := time.NewTicker(o.Every)
	defer tick.Stop()
	last := -1
	for {
		at := time.Now()
		status, err := ask(ctx, client, o.Call, o.URL+o.Call.Path, host)
		if ctx.Err() != nil {
			return
		}
		if status != last {
			last = status
			a := record.Answer{UID: uid, Address: address, Status: status}
			if err != nil {
				a.Error = err.Error()
			}
			emit(record.Entry{Time: at.UTC(), Answer: &a})
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
