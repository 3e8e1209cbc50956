package chaos

import (
	"context"
	"fmt"
)

// waitNodeBack waits until a node that was off, or cut off, is ready, and until its Pod
// network is there. The kubelet calls the node ready before that, and a Pod that is placed
// there meanwhile answers no Pod of another node, or is not even started: its kubelet may
// not have heard of it. Where nodes are out of reach, ready is all that is waited for.
func waitNodeBack(ctx context.Context, env *Env, node string) error {
	if err := waitNodeReady(ctx, env.Client, node, true); err != nil || env.PodNetwork == nil {
		return err
	}
	if err := env.PodNetwork(ctx, node); err != nil {
		return fmt.Errorf("waiting for the Pod network of node %s: %w", node, err)
	}
	return nil
}
