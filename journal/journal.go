// Package journal keeps what has to be undone, written down before it is done, so
// that the next run can put right what a dead one left. What a kind of entry means,
// and how it is undone, is known to whoever adds it.
//
// A run's journal is STATEDIR/journals/RUN.jsonl: an Entry a line, synced one by one.
// The process that writes it holds a lock on the file, which the kernel frees however
// that process ends: a journal that can be locked belongs to a dead run.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Entry is one deed to undo, or, with Undone set, word that it has been undone.
type Entry struct {
	ID     int               `json:"id"` // from 1, unique in its journal
	Time   time.Time         `json:"time"`
	Kind   string            `json:"kind,omitempty"`
	Args   map[string]string `json:"args,omitempty"` // what the kind's Undo needs
	Undone bool              `json:"undone,omitempty"`
}

// Journal is the open and locked journal of one run. It is safe for use by several
// goroutines.
type Journal struct {
	mu      sync.Mutex
	f       *os.File
	size    int64 // up to the end of the last whole line
	last    int   // ID
	pending []Entry
}

// Create begins the journal of run, which must not have one yet.
func Create(stateDir, run string) (*Journal, error) {
	if err := os.MkdirAll(dir(stateDir), 0o700); err != nil {
		return nil, fmt.Errorf("creating the journal of run %s: %w", run, err)
	}
	f, err := createLocked(filepath.Join(dir(stateDir), run+suffix))
	if err != nil {
		return nil, fmt.Errorf("creating the journal of run %s: %w", run, err)
	}
	return &Journal{f: f}, nil
}

// Add writes a deed down. It must be called before the deed, which must not be done
// when Add returns an error: nothing would undo it.
func (j *Journal) Add(kind string, args map[string]string) (Entry, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e := Entry{ID: j.last + 1, Time: time.Now().UTC(), Kind: kind, Args: args}
	if err := j.append(e); err != nil {
		return Entry{}, err
	}
	j.last++
	j.pending = append(j.pending, e)
	return e, nil
}

// Strike takes an entry off that has been undone, or needs no undoing any more. An
// entry that is off already stays off.
func (j *Journal) Strike(e Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := slices.IndexFunc(j.pending, func(p Entry) bool { return p.ID == e.ID })
	if i < 0 {
		return nil
	}
	if err := j.append(Entry{ID: e.ID, Time: time.Now().UTC(), Undone: true}); err != nil {
		return err
	}
	j.pending = slices.Delete(j.pending, i, i+1)
	return nil
}

// Pending lists what is still to be undone, newest first.
func (j *Journal) Pending() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := slices.Clone(j.pending)
	slices.Reverse(p)
	return p
}

// Close gives the journal up. Its file is removed when nothing is pending; else it is
// left for the next run.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var err error
	if len(j.pending) == 0 {
		err = os.Remove(j.f.Name())
	}
	if err = errors.Join(err, j.f.Close()); err != nil {
		return fmt.Errorf("closing the journal: %w", err)
	}
	return nil
}

// append brings e to the disk whole, or leaves the file as it was.
func (j *Journal) append(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding journal entry %d: %w", e.ID, err)
	}
	line = append(line, '\n')
	if _, err = j.f.WriteAt(line, j.size); err == nil {
		err = j.f.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the journal: %w", err), j.f.Truncate(j.size))
	}
	j.size += int64(len(line))
	return nil
}
