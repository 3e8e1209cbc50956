package gate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"hagate/load"
	"hagate/record"
)

const (
	firstWrites = 20               // acknowledged before the fault goes in
	dataWait    = 30 * time.Second // for them

	// writeLines acknowledges a line once the file system has it.
	writeLines = `n=0; while n=$((n+1)); do echo "$n" >>"$1" && sync "$1" && echo "$n"; sleep 0.05; done`
)

// writer appends numbered lines to a file in a Pod, and remembers the acknowledged.
type writer struct {
	file string
	pod  record.Victim
	mu   sync.Mutex
	out  bytes.Buffer
	done chan struct{} // closed when the Pod has ended it
	err  error         // that it ended with; read after done
}

func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}

// acknowledged are the lines that were.
func (w *writer) acknowledged() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.out.String()
	return strings.Fields(text[:strings.LastIndexByte(text, '\n')+1]) // whole lines alone
}

// StartWriting has a Pod on the node that PickNode chooses write to the target's data
// until it goes, and returns when it has acknowledged firstWrites lines.
func (r *Run) StartWriting(ctx context.Context) error {
	_, pods, err := r.PickNode()
	if err != nil {
		return err
	}
	v := pods[0]
	w := &writer{file: path.Join(r.target.Spec.Data.Path, "hagate-"+r.ID+"-"+r.scenario), pod: v, done: make(chan struct{})}
	r.writer = w
	exec := load.PodExec(r.rest, r.destructive, v.Namespace, v.Name, r.target.DataContainer())
	go func() {
		defer close(w.done)
		w.err = exec(ctx, nil, w, "sh", "-c", writeLines, "sh", w.file)
	}()
	ended := func() bool {
		select {
		case <-w.done:
			return true
		default:
			return false
		}
	}
	began := r.wait(ctx, dataWait, func() bool { return len(w.acknowledged()) >= firstWrites || ended() })
	if !began || len(w.acknowledged()) < firstWrites {
		if ended() {
			return fmt.Errorf("writing %s in Pod %s/%s: %w", w.file, v.Namespace, v.Name, w.err)
		}
		return fmt.Errorf("writing %s in Pod %s/%s: fewer than %d lines were acknowledged within %s", w.file, v.Namespace, v.Name, firstWrites, dataWait)
	}
	return nil
}

// Writes is the Pod that StartWriting chose.
func (r *Run) Writes() (record.Victim, error) {
	if r.writer == nil {
		return record.Victim{}, errors.New("no Pod writes")
	}
	return r.writer.pod, nil
}

// LooksAtData finds that what the Pod had acknowledged is there for the one that took
// its place: of the same name where there is one, as a StatefulSet has it, else any.
func (r *Run) LooksAtData(ctx context.Context) error {
	want := record.Say("every write that the Pod acknowledged before it went is there for the one that took its place")
	wrote, err := r.Writes()
	if err != nil {
		return err
	}
	w := r.writer
	pods, err := r.AllPods()
	if err != nil {
		return r.Found(want, record.Say("it was not replaced: %s", err.Error()), 1, record.AtMost(0))
	}
	reader := pods[max(0, slices.IndexFunc(pods, func(v record.Victim) bool { return v.Name == wrote.Name }))]
	exec := load.PodExec(r.rest, r.destructive, reader.Namespace, reader.Name, r.target.DataContainer())
	var text bytes.Buffer
	if err := exec(ctx, nil, &text, "sh", "-c", `if [ -e "$1" ]; then cat "$1"; fi`, "sh", w.file); err != nil {
		return fmt.Errorf("reading %s in Pod %s: %w", w.file, reader.Name, err)
	}
	there, acknowledged := strings.Fields(text.String()), w.acknowledged()
	lost := lacking(acknowledged, there)
	if err := exec(ctx, nil, nil, "rm", "-f", w.file); err != nil {
		return fmt.Errorf("deleting %s in Pod %s: %w", w.file, reader.Name, err)
	}
	return r.Found(want, record.Say("Pod %s acknowledged %d writes to %s; Pod %s (another one: %t) has %d, and lacks %d of the acknowledged",
		wrote.Name, len(acknowledged), w.file, reader.Name, reader.UID != wrote.UID, len(there), lost), lost, record.AtMost(0).OnAnyMachine())
}

// lacking counts the lines of acknowledged that are not in there, which is sorted.
func lacking(acknowledged, there []string) (n int) {
	for _, line := range acknowledged {
		if _, ok := slices.BinarySearchFunc(there, line, byNumber); !ok {
			n++
		}
	}
	return n
}

// byNumber orders numbers as text without leading zeros.
func byNumber(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
