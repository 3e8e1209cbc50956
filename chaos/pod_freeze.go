package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hagate/record"
)

// freezeKind of journal entry: the processes of the Pod uid on node were stopped, and
// are to go on.
const freezeKind = "freeze"

// ErrOutOfReach is the error of a fault that needs a node where none can be reached.
var ErrOutOfReach = errors.New("nodes are not accessible from here: the cluster is not a kind cluster of this machine's engine")

// PodFreeze stops a Pod's processes with SIGSTOP: it is there and answers nobody.
// Revert lets them go on.
type PodFreeze struct{ Victim record.Victim }

func (f PodFreeze) Declares() record.Fault {
	return record.Fault{Name: "pod-freeze", Effect: record.Effect{Kind: record.PodsHeld}, Victims: []record.Victim{f.Victim}, Returns: true}
}

func (f PodFreeze) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		procs, err := findTree(ctx, env, f.Victim)
		if err != nil {
			return nil, err
		}
		evidence, err := freeze(ctx, env, f.Victim, procs)
		if err != nil {
			return nil, err
		}
		return []record.Text{evidence}, nil
	})
}

func (f PodFreeze) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return thawOwn(ctx, env, f.Victim) })
}

// findTree finds the processes of a Pod's containers.
func findTree(ctx context.Context, env *Env, v record.Victim) (processes, error) {
	if env.NodeExec == nil {
		return nil, ErrOutOfReach
	}
	procs, err := node{v.Node, env.NodeExec}.tree(ctx, v.UID)
	if err != nil {
		return nil, fmt.Errorf("finding the processes of %s: %w", nameOf(v), err)
	}
	return procs, nil
}

// freeze stops procs of a Pod, after writing down that they are to go on.
func freeze(ctx context.Context, env *Env, v record.Victim, procs processes) (evidence record.Text, err error) {
	if _, err := env.Journal.Add(freezeKind, map[string]string{"node": v.Node, "uid": v.UID}); err != nil {
		return evidence, fmt.Errorf("writing the journal before freezing %s: %w", nameOf(v), err)
	}
	host, began := node{v.Node, env.NodeExec}, time.Now()
	if procs, err = host.stop(ctx, v.UID, procs); err != nil {
		return evidence, fmt.Errorf("freezing %s: %w", nameOf(v), err)
	}
	return record.Say("on node %s %s got SIGSTOP at %s", v.Node, procs.named(), stamp(began)), nil
}

// stop sends SIGSTOP to procs of the Pod uid, and to those that came of them before they
// got it. It returns all that are there at the end.
func (n node) stop(ctx context.Context, uid string, procs processes) (processes, error) {
	for got := map[process]bool{}; ; {
		if err := n.signal(ctx, "STOP", procs); err != nil {
			return nil, err
		}
		for _, p := range procs {
			got[p] = true
		}
		all, err := n.tree(ctx, uid)
		if err != nil {
			return nil, fmt.Errorf("looking for those that came meanwhile: %w", err)
		}
		if !slices.ContainsFunc(all, func(p process) bool { return !got[p] }) {
			return all, nil
		}
		procs = all
	}
}

// thawOwn lets a Pod's processes go on where an entry of the journal says that this run
// stopped them.
func thawOwn(ctx context.Context, env *Env, v record.Victim) error {
	return takeBack(env, freezeKind, with("uid", v.UID), func(args map[string]string) error { return thaw(ctx, env.NodeExec, args) })
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
