package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"hagate/record"
)

// Log is the agent's record: entries are appended, and any number of readers follow
// from any offset. It is safe for concurrent use.
type Log struct {
	f *os.File

	mu      sync.Mutex
	size    int64
	err     error
	changed chan struct{} // closed and replaced with every entry
}

// CreateLog makes the record at path, and its folder where there is none.
func CreateLog(path string) (*Log, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("creating the record's folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("creating the record: %w", err)
	}
	return &Log{f: f, changed: make(chan struct{})}, nil
}

// Append writes e. The first failure is kept: what comes after it is not written, as
// the record has a hole then, and State says so.
func (l *Log) Append(e record.Entry) {
	e.Time = e.Time.UTC()
	line, err := json.Marshal(e)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	if err == nil {
		_, err = l.f.WriteAt(append(line, '\n'), l.size)
	}
	if err != nil {
		l.err = fmt.Errorf("writing the agent's record: %w", err)
		return
	}
	l.size += int64(len(line)) + 1
	close(l.changed)
	l.changed = make(chan struct{})
}

// State returns the record's size in bytes and what went wrong with it.
func (l *Log) State() (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size, l.err
}

// Copy writes the record to w from an offset in bytes to the end, and what is
// appended until ctx is done; what was there by then is copied. flush is called when
// there is nothing more to write for now. An error is w's.
func (l *Log) Copy(ctx context.Context, w io.Writer, from int64, flush func()) error {
	for {
		last := ctx.Err() != nil
		l.mu.Lock()
		size, changed := l.size, l.changed
		l.mu.Unlock()
		if from < size {
			if _, err := io.Copy(w, io.NewSectionReader(l.f, from, size-from)); err != nil {
				return err
			}
			from = size
		}
		flush()
		if last {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}
