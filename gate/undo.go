package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"hagate/chaos"
	"hagate/cluster"
	"hagate/cluster/engine"
	"hagate/journal"
	"hagate/load"
	"hagate/target"
)

// Kinds of journal entries of this package; chaos has its own.
const (
	undoCluster   = "cluster"   // name, state: a cluster that this run made and deletes
	undoHandle    = "handle"    // name, kubeconfig, context: how the run's cluster is reached; nothing to undo
	undoLease     = "lease"     // holder: the cluster is this run's as long as anything in it is to be undone
	undoContainer = "container" // name
	undoProcess   = "process"   // dir: a load agent that is a process of this machine, and all that it wrote
	undoObject    = "object"    // object: a target.Object as JSON
)

// undoers says how each kind of entry of j is undone. What lives inside a cluster
// that is itself deleted needs no undoing of its own.
func undoers(j *journal.Journal) map[string]journal.Undo {
	var handle map[string]string
	doomed := false
	for _, e := range j.Pending() {
		switch e.Kind {
		case undoCluster:
			doomed = true
		case undoHandle:
			handle = e.Args
		}
	}
	m := all(nil)
	if !doomed && handle != nil {
		m = inside(handle, j)
	}
	m[undoCluster] = func(ctx context.Context, args map[string]string) error {
		eng, err := engine.Find(ctx)
		if err != nil {
			return err
		}
		return cluster.Delete(ctx, eng, args["name"], args["state"])
	}
	m[undoContainer] = func(ctx context.Context, args map[string]string) error {
		eng, err := engine.Find(ctx)
		if err != nil {
			return err
		}
		return removeContainer(ctx, eng, args["name"])
	}
	m[undoProcess] = func(_ context.Context, args map[string]string) error { return load.EndProcess(args["dir"]) }
	m[undoHandle] = func(_ context.Context, args map[string]string) error {
		if err := nothingBut(j, undoHandle, undoCluster, undoContainer, undoProcess); err != nil {
			return err
		}
		return cluster.Forget(args)
	}
	return m
}

// inside says how what lives inside the cluster of handle is undone. The deletion of
// objects is asked for at once when the first of j's is due, and waited for one by one.
func inside(handle map[string]string, j *journal.Journal) map[string]journal.Undo {
	c, err := cluster.Open(handle)
	if errors.Is(err, fs.ErrNotExist) && handle["borrowed"] == "" {
		return all(nil) // deleted, with what was in it
	}
	if err != nil {
		return all(err)
	}
	client, err := c.Destructive()
	if err != nil {
		return all(err)
	}
	config, err := c.RESTConfig()
	if err != nil {
		return all(err)
	}
	reach := nodes{c}
	m := chaos.Undoers(chaos.Reach{Client: client, NodeExec: reach.exec, Power: reach.power})
	m[undoLease] = func(ctx context.Context, args map[string]string) error {
		if err := nothingBut(j, undoLease, undoHandle, undoCluster); err != nil {
			return err
		}
		return cluster.EndLease(ctx, client, args["holder"])
	}
	asked := false
	m[undoObject] = func(ctx context.Context, args map[string]string) error {
		if !asked {
			asked = true
			target.BeginRemoval(ctx, config, objects(j))
		}
		o, err := objectOf(args)
		if err != nil {
			return err
		}
		return target.Remove(ctx, config, []target.Object{o})
	}
	return m
}

// objects are those that j still holds, newest first.
func objects(j *journal.Journal) (list []target.Object) {
	for _, e := range j.Pending() {
		if e.Kind != undoObject {
			continue
		}
		if o, err := objectOf(e.Args); err == nil {
			list = append(list, o)
		}
	}
	return list
}

func objectOf(args map[string]string) (o target.Object, err error) {
	if err := json.Unmarshal([]byte(args["object"]), &o); err != nil {
		return o, fmt.Errorf("reading the journal's object: %w", err)
	}
	return o, nil
}

// nodes reaches the nodes of a cluster that was opened again, through the engine.
type nodes struct{ c *cluster.Cluster }

func (n nodes) open(ctx context.Context) error {
	if n.c.Kind != nil {
		return nil
	}
	eng, err := engine.Find(ctx)
	if err != nil {
		return err
	}
	return n.c.Reach(eng)
}

func (n nodes) exec(ctx context.Context, node string, args ...string) ([]byte, error) {
	if err := n.open(ctx); err != nil {
		return nil, err
	}
	return n.c.NodeExec(ctx, node, args...)
}

func (n nodes) power(ctx context.Context, node string, on bool) error {
	if err := n.open(ctx); err != nil {
		return err
	}
	return n.c.Power(ctx, node, on)
}

// all has err be what comes of undoing anything inside a cluster.
func all(err error) map[string]journal.Undo {
	m := chaos.Undoers(chaos.Reach{})
	m[undoObject], m[undoLease] = nil, nil
	for kind := range m {
		m[kind] = func(context.Context, map[string]string) error { return err }
	}
	return m
}

// nothingBut is an error while j holds an entry that is of none of these kinds: what the
// cluster's handle and Lease stand for is not over before that is undone.
func nothingBut(j *journal.Journal, kinds ...string) error {
	for _, e := range j.Pending() {
		if !slices.Contains(kinds, e.Kind) {
			return fmt.Errorf("kept, to undo %s %v later", e.Kind, e.Args)
		}
	}
	return nil
}

// undo takes down everything that j still holds, newest first.
func undo(ctx context.Context, j *journal.Journal) error {
	return j.Undo(ctx, undoers(j))
}

// Recover undoes what runs that died left behind.
func Recover(ctx context.Context, stateDir string, out io.Writer) error {
	dead, err := journal.Dead(stateDir)
	errs := []error{err}
	for _, j := range dead {
		fmt.Fprintf(out, "hagate: a run crashed and left %d changes behind: reverting them\n", len(j.Pending()))
		errs = append(errs, undo(ctx, j), j.Close())
	}
	return errors.Join(errs...)
}

func removeContainer(ctx context.Context, eng *engine.Engine, name string) error {
	found, err := eng.Run(ctx, "ps", "--all", "--quiet", "--filter", "name=^"+name+"$")
	if err != nil || len(found) == 0 {
		return err
	}
	_, err = eng.Run(ctx, "rm", "--force", "--volumes", name)
	return err
}

// forget strikes the pending entries of kind off: somebody else answers for them now.
func (r *Run) forget(kind string) error {
	for _, e := range slices.Clone(r.journal.Pending()) {
		if e.Kind == kind {
			if err := r.journal.Strike(e); err != nil {
				return err
			}
		}
	}
	return nil
}

func objectArgs(o target.Object) (map[string]string, error) {
	text, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encoding %s %s: %w", o.Kind, o.Name, err)
	}
	return map[string]string{"object": string(text)}, nil
}
