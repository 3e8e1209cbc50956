package chaos

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	nodeutil "k8s.io/component-helpers/node/util"

	"hagate/journal"
)

// Reach is what undoing needs of a cluster. The nodes' functions are Env's, and nil
// where nodes are out of reach.
type Reach struct {
	Client   kubernetes.Interface
	NodeExec func(ctx context.Context, node string, args ...string) ([]byte, error)
	Power    func(ctx context.Context, node string, on bool) error
}

// settleWithin is how long the API server and a node may take to come back.
const settleWithin = 3 * time.Minute

// settle waits until the API server answers and a node is ready: what is undone next
// needs both.
func (r Reach) settle(ctx context.Context, node string) error {
	if r.Client == nil {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, settleWithin, fmt.Errorf("not within %s", settleWithin))
	defer cancel()
	if err := waitAPI(ctx, r.Client); err != nil {
		return err
	}
	return waitNodeReady(ctx, r.Client, node, true)
}

// heartbeat is when the kubelet of a node last reported; zero where nobody can say.
func (r Reach) heartbeat(ctx context.Context, node string) time.Time {
	if r.Client == nil {
		return time.Time{}
	}
	ctx, cancel := context.WithTimeout(ctx, askOnce)
	defer cancel()
	n, err := r.Client.CoreV1().Nodes().Get(ctx, node, metav1.GetOptions{})
	if err != nil {
		return time.Time{}
	}
	_, ready := nodeutil.GetNodeCondition(&n.Status, corev1.NodeReady)
	if ready == nil {
		return time.Time{}
	}
	return ready.LastHeartbeatTime.Time
}

const (
	askOnce = 5 * time.Second
	// hearWithin is longer than the cluster takes to call a silent node not ready (40 s, or 50 s
	// from 1.32 on): by then its last word on a node is true again.
	hearWithin = time.Minute
)

// waitHeard waits until the kubelet of a node that was powered on has reported since heard.
// The cluster may not have noticed that it was off, and goes on calling it ready until its
// kubelet is up and says at first that it is not. A node that was on reports nothing new, and
// costs hearWithin.
func (r Reach) waitHeard(ctx context.Context, node string, heard time.Time) {
	if heard.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, hearWithin)
	defer cancel()
	_ = wait.PollUntilContextCancel(ctx, time.Second, true, func(ctx context.Context) (bool, error) {
		now := r.heartbeat(ctx, node)
		return !now.IsZero() && !now.Equal(heard), nil
	})
}

// takeBack undoes what the journal holds of kind and mine says is meant, newest first, and
// strikes it off.
func takeBack(env *Env, kind string, mine func(args map[string]string) bool, undo func(args map[string]string) error) error {
	for _, e := range env.Journal.Pending() {
		if e.Kind != kind || !mine(e.Args) {
			continue
		}
		if err := undo(e.Args); err != nil {
			return err
		}
		if err := env.Journal.Strike(e); err != nil {
			return err
		}
	}
	return nil
}

// with is for takeBack: whose argument key has that value.
func with(key, value string) func(map[string]string) bool {
	return func(args map[string]string) bool { return args[key] == value }
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
		fillerKind: func(ctx context.Context, args map[string]string) error {
			return removeFiller(ctx, r.Client, args)
		},
		freezeKind: func(ctx context.Context, args map[string]string) error {
			if r.NodeExec == nil {
				return ErrOutOfReach
			}
			return thaw(ctx, r.NodeExec, args)
		},
		commandKind: func(ctx context.Context, args map[string]string) error {
			if r.NodeExec == nil {
				return ErrOutOfReach
			}
			if err := undoCommand(ctx, r.NodeExec, args); err != nil {
				return err
			}
			return r.settle(ctx, args["node"])
		},
		componentKind: func(ctx context.Context, args map[string]string) error {
			if r.NodeExec == nil {
				return ErrOutOfReach
			}
			f, env := ComponentDown{args["node"], args["component"]}, &Env{NodeExec: r.NodeExec}
			if _, err := f.moveBack(ctx, env); err != nil {
				return err
			}
			if err := r.settle(ctx, f.Node); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeoutCause(ctx, settleWithin, fmt.Errorf("not within %s", settleWithin))
			defer cancel()
			_, err := f.endBackOff(ctx, env)
			return err
		},
		powerKind: func(ctx context.Context, args map[string]string) error {
			if r.Power == nil {
				return ErrOutOfReach
			}
			heard := r.heartbeat(ctx, args["node"])
			if err := r.Power(ctx, args["node"], true); err != nil {
				return err
			}
			r.waitHeard(ctx, args["node"], heard)
			return r.settle(ctx, args["node"])
		},
	}
}
