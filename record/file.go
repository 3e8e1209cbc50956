package record

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// FileName is a record's name inside a run's folder.
const FileName = "record.jsonl"

// Writer appends entries to a record. It is safe for use by several goroutines.
// Every entry is on its way to the kernel when Write returns, so that what was
// recorded outlives the death of the process.
type Writer struct {
	mu       sync.Mutex
	f        *os.File
	err      error
	scenario string
	watchers []func(Entry)
}

// Create opens the record at path for appending, making it where there is none.
func Create(path string) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening record: %w", err)
	}
	return &Writer{f: f}, nil
}

// Observe has fn called with every entry that is written from now on, in order,
// under the writer's lock: it must be quick and must not write.
func (w *Writer) Observe(fn func(Entry)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watchers = append(w.watchers, fn)
}

// Enter names the scenario that entries without one belong to from now on.
func (w *Writer) Enter(scenario string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.scenario = scenario
}

// Write appends e. Time now is filled in where e has none. The first error (a full
// disk) is kept and returned by every later call and by Close.
func (w *Writer) Write(e Entry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	e.Time = e.Time.UTC()
	if e.Scenario == "" {
		e.Scenario = w.scenario
	}
	for _, fn := range w.watchers {
		fn(e)
	}
	if w.err != nil {
		return w.err
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding record entry: %w", err)
	}
	if _, err := w.f.Write(append(line, '\n')); err != nil {
		w.err = fmt.Errorf("writing record %s: %w", w.f.Name(), err)
	}
	return w.err
}

// Close syncs the record to disk and closes it.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(w.err, w.f.Sync(), w.f.Close())
}

// Read calls fn with every entry of the record in r, in order. A last line that was
// cut short, as by a killed writer, is left out; any other malformed line is an
// error that names it.
func Read(r io.Reader, fn func(Entry) error) error {
	in := bufio.NewReaderSize(r, 1<<20)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading record line %d: %w", n, err)
		}
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("record line %d: %w", n, err)
		}
		if e.Fault != nil && e.Fault.Effect.Kind == "" {
			e.Fault.Effect = olderEffect(e.Fault.Name)
		}
		if err := fn(e); err != nil {
			return err
		}
	}
}

// ReadFile is Read on the file at path.
func ReadFile(path string, fn func(Entry) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening record: %w", err)
	}
	defer f.Close()
	if err := Read(f, fn); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
