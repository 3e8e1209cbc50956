package cluster

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/kind/pkg/exec"
)

// TestInterruptible ends a creation that goes on until its nodes are taken away.
func TestInterruptible(t *testing.T) {
	eng, calls := fakeEngine(t, "hagate-1-worker\\n")
	p := NewProvider(eng, "hagate-1", t.TempDir())
	ctx, cancel := context.WithCancelCause(context.Background())
	stopped := errors.New("stopped by the user")
	err := p.interruptible(ctx, func() error {
		cancel(stopped)
		for {
			if text, _ := os.ReadFile(calls); strings.Contains("\n"+string(text), "\nrm --force") {
				return errors.New("the node is gone")
			}
		}
	})
	if !errors.Is(err, stopped) {
		t.Errorf("error %v, want why it was stopped", err)
	}
	if err := p.interruptible(ctx, func() error { t.Error("begun after the end"); return nil }); !errors.Is(err, stopped) {
		t.Errorf("error %v", err)
	}
	if err := p.interruptible(context.Background(), func() error { return nil }); err != nil {
		t.Error(err)
	}
}

func TestComplaint(t *testing.T) {
	failed := &exec.RunError{Command: []string{"kubeadm"}, Output: []byte("1\n2\n3\n4\n5\nno room\n"), Inner: errors.New("exit status 1")}
	if got := complaint(failed); got != ": 2; 3; 4; 5; no room" {
		t.Errorf("got %q", got)
	}
	if got := complaint(errors.New("other")); got != "" {
		t.Errorf("got %q", got)
	}
}
