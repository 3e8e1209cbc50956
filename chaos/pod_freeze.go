package chaos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hagate/record"
)

// freezeKind of journal entry: the processes of the Pod uid on node were stopped, and
// are to go on.
const freezeKind = "freeze"

// ErrOutOfReach is the error of a fault that needs a node where none can be reached.
var ErrOutOfReach = errors.New("nodes are out of reach from here: the cluster is not a kind cluster of this machine's engine")

// PodFreeze stops a Pod's processes with SIGSTOP: it is there and answers nobody.
// Revert lets them go on.
type PodFreeze struct{ Victim record.Victim }

func (PodFreeze) Name() string { return "pod-freeze" }

func (f PodFreeze) fault() record.Fault {
	return record.Fault{Name: f.Name(), Victims: []record.Victim{f.Victim}, Returns: true}
}

func (f PodFreeze) Inject(ctx context.Context, env *Env) error {
	return env.inject(ctx, f.fault(), func() ([]string, error) {
		if env.NodeExec == nil {
			return nil, ErrOutOfReach
		}
		host := node{f.Victim.Node, env.NodeExec}
		procs, err := host.tree(ctx, f.Victim.UID)
		if err != nil {
			return nil, fmt.Errorf("finding the processes of %s: %w", nameOf(f.Victim), err)
		}
		args := map[string]string{"node": f.Victim.Node, "uid": f.Victim.UID}
		if _, err := env.Journal.Add(freezeKind, args); err != nil {
			return nil, fmt.Errorf("writing the journal before freezing %s: %w", nameOf(f.Victim), err)
		}
		began := time.Now()
		if err := host.signal(ctx, "STOP", procs); err != nil {
			return nil, fmt.Errorf("freezing %s: %w", nameOf(f.Victim), err)
		}
		return []string{fmt.Sprintf("on node %s %s got SIGSTOP at %s", f.Victim.Node, procs, stamp(began))}, nil
	})
}

// Revert lets the Pod's processes go on where an entry of the journal says that this
// run stopped them.
func (f PodFreeze) Revert(ctx context.Context, env *Env) error {
	return env.revert(f.fault(), func() error {
		for _, e := range env.Journal.Pending() {
			if e.Kind != freezeKind || e.Args["uid"] != f.Victim.UID {
				continue
			}
			if err := thaw(ctx, env.NodeExec, e.Args); err != nil {
				return err
			}
			if err := env.Journal.Strike(e); err != nil {
				return err
			}
		}
		return nil
	})
}

// thaw lets the processes of a Pod go on. A Pod of which nothing runs is success.
func thaw(ctx context.Context, exec func(context.Context, string, ...string) ([]byte, error), args map[string]string) error {
	host := node{args["node"], exec}
	procs, err := host.tree(ctx, args["uid"])
	if errors.Is(err, errNothingRuns) {
		return nil
	}
	if err == nil {
		err = host.signal(ctx, "CONT", procs)
	}
	if err != nil {
		return fmt.Errorf("letting the processes of Pod %s on node %s go on: %w", args["uid"], args["node"], err)
	}
	return nil
}
