package chaos

import (
	"context"

	"k8s.io/client-go/kubernetes"

	"hagate/journal"
)

// Undoers says how each kind of journal entry of this package is undone. The kinds
// can be listed without a client.
func Undoers(client kubernetes.Interface) map[string]journal.Undo {
	return map[string]journal.Undo{
		cordonKind: func(ctx context.Context, args map[string]string) error {
			return uncordon(ctx, client, args["node"])
		},
	}
}
