package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"hagate/record"
)

// intake takes over an agent's record, whole lines in their order and each once,
// over any number of connections. Its methods are for one goroutine at a time.
type intake struct {
	exec  Exec
	write func(record.Entry) error
	from  int64 // bytes of the agent's record that were taken over
	err   error // nothing mends it: a line that is no entry, a record that cannot be written
}

// read takes over what there is, and with follow what comes until the load ends or
// the connection does.
func (i *intake) read(ctx context.Context, follow bool) error {
	path := fmt.Sprintf("/record?from=%d", i.from)
	if follow {
		path += "&follow=1"
	}
	out := &lines{take: i.take}
	defer out.close()
	return i.exec(ctx, nil, out, "/agent", "ctl", path)
}

// follow reads until ctx is done.
func (i *intake) follow(ctx context.Context) {
	for ctx.Err() == nil && i.err == nil {
		// An error is a lost connection: what it held up comes with the next one.
		_ = i.read(ctx, true)
		pause(ctx)
	}
}

// readTo reads until the record has come in to its size.
func (i *intake) readTo(ctx context.Context, size int64) error {
	for i.err == nil && i.from < size {
		if err := attempt(ctx, askFor, func(ctx context.Context) error { return i.read(ctx, false) }); err != nil && !pause(ctx) {
			return fmt.Errorf("%d of the load agent's %d bytes of record came in: %w", i.from, size, err)
		}
	}
	if i.err == nil && i.from > size {
		return fmt.Errorf("the load agent has %d bytes of record, %d were read before: it has lost what it saw", size, i.from)
	}
	return i.err
}

// take writes one line, with its line feed, to the run's record.
func (i *intake) take(line []byte) error {
	var e record.Entry
	if err := json.Unmarshal(line, &e); err != nil {
		i.err = fmt.Errorf("the load agent recorded %q: %w", line, err)
	} else {
		i.err = i.write(e)
	}
	if i.err == nil {
		i.from += int64(len(line))
	}
	return i.err
}

// pause waits before an agent is asked again. It returns false when ctx is done.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(retryAfter):
		return true
	}
}

// lines is a writer that hands on whole lines. What comes after the last line feed is
// held back, and lost with the writer.
type lines struct {
	mu     sync.Mutex
	take   func(line []byte) error
	rest   []byte
	closed bool
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, errors.New("the connection to the load agent was given up")
	}
	l.rest = append(l.rest, b...)
	for {
		end := bytes.IndexByte(l.rest, '\n')
		if end < 0 {
			return len(b), nil
		}
		if err := l.take(l.rest[:end+1]); err != nil {
			return 0, err
		}
		l.rest = l.rest[end+1:]
	}
}

// close keeps out what a connection that was given up still delivers.
func (l *lines) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
}
