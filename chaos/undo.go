package chaos

import (
	"context"

	"k8s.io/client-go/kubernetes"

	"hagate/journal"
)

// Reach is what undoing needs of a cluster. The nodes' functions are Env's, and nil
// where nodes are out of reach.
type Reach struct {
	Client   kubernetes.Interface
	NodeExec func(ctx context.Context, node string, args ...string) ([]byte, error)
	Power    func(ctx context.Context, node string, on bool) error
}

// Undoers says how each kind of journal entry of this package is undone. The kinds
// can be listed with the zero Reach.
func Undoers(r Reach) map[string]journal.Undo {
	return map[string]journal.Undo{
		cordonKind: func(ctx context.Context, args map[string]string) error {
			return uncordon(ctx, r.Client, args["node"])
		},
		changeKind: func(ctx context.Context, args map[string]string) error {
			return undoChange(ctx, r.Client, args)
		},
		freezeKind: func(ctx context.Context, args map[string]string) error {
			if r.NodeExec == nil {
				return ErrOutOfReach
			}
			return thaw(ctx, r.NodeExec, args)
		},
		powerKind: func(ctx context.Context, args map[string]string) error {
			if r.Power == nil {
				return ErrOutOfReach
			}
			return r.Power(ctx, args["node"], true)
		},
	}
}
