// Package chaos holds faults. Each knows how to inject itself, how to revert itself
// and how to prove that it happened; none knows what a service owes under it.
//
// A fault is recorded as injecting before anything is done and as injected, with its
// evidence, once the effect is there. What outlives the process is in the journal
// before it is done, so that Undoers can take it back where Revert was never called.
package chaos

import (
	"context"
	"io"

	"k8s.io/client-go/kubernetes"

	"hagate/journal"
	"hagate/record"
)

// Fault is one disruption. It holds no state of its own between the two calls.
type Fault interface {
	// Declares says what the fault is: its name, which is the same for every fault of a
	// kind ("pod-delete"), its effect, the Pods that it is to hit, whether they live on, and
	// how many replicas the workload declares meanwhile.
	Declares() record.Fault
	// Inject returns when the fault has taken effect. Where ctx ends before that, the
	// error says how far it came, and it is the caller who says what that means.
	Inject(context.Context, *Env) error
	// Revert puts back what Inject did, in whole or in part, and is success where
	// nothing is left to put back.
	Revert(context.Context, *Env) error
}

// Env is what a fault may use.
type Env struct {
	Client   kubernetes.Interface // from the guard: the only client for faults
	Journal  *journal.Journal
	Progress io.Writer // for people
	Record   func(record.Fault) error
	// NodeExec runs a command on a node and returns what it printed. It is nil where
	// nodes are out of reach.
	NodeExec func(ctx context.Context, node string, args ...string) ([]byte, error)
	// Power takes a node down hard, or up again. It is nil where nodes are out of reach.
	Power func(ctx context.Context, node string, on bool) error
	// PodNetwork waits until Pods on a node reach those on others, and are reached from
	// there. It is nil where nodes are out of reach.
	PodNetwork func(ctx context.Context, node string) error
}
