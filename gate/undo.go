package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"hagate/chaos"
	"hagate/cluster"
	"hagate/cluster/engine"
	"hagate/journal"
	"hagate/target"
)

// Kinds of journal entries of this package; chaos has its own.
const (
	undoCluster   = "cluster"   // name, state: a cluster that this run made and deletes
	undoHandle    = "handle"    // name, kubeconfig, context: how the run's cluster is reached; nothing to undo
	undoContainer = "container" // name
	undoObject    = "object"    // object: a target.Object as JSON
)

// undoers says how each kind of entry of j is undone. What lives inside a cluster
// that is itself deleted needs no undoing of its own.
func undoers(j *journal.Journal) (map[string]journal.Undo, error) {
	nothing := func(context.Context, map[string]string) error { return nil }
	m := map[string]journal.Undo{
		undoCluster: func(ctx context.Context, args map[string]string) error {
			eng, err := engine.Find(ctx)
			if err != nil {
				return err
			}
			return cluster.Delete(ctx, eng, args["name"], args["state"])
		},
		undoHandle: nothing,
		undoContainer: func(ctx context.Context, args map[string]string) error {
			eng, err := engine.Find(ctx)
			if err != nil {
				return err
			}
			return removeContainer(ctx, eng, args["name"])
		},
		undoObject: nothing,
	}
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
	if doomed || handle == nil {
		for kind := range chaos.Undoers(nil) {
			m[kind] = nothing
		}
		return m, nil
	}
	c, err := cluster.Open(handle)
	if err != nil {
		return nil, err
	}
	client, err := c.Destructive()
	if err != nil {
		return nil, err
	}
	config, err := c.RESTConfig()
	if err != nil {
		return nil, err
	}
	for kind, undo := range chaos.Undoers(client) {
		m[kind] = undo
	}
	m[undoObject] = func(ctx context.Context, args map[string]string) error {
		var o target.Object
		if err := json.Unmarshal([]byte(args["object"]), &o); err != nil {
			return fmt.Errorf("reading the journal's object: %w", err)
		}
		return target.Remove(ctx, config, []target.Object{o})
	}
	return m, nil
}

// undo takes down everything that j still holds, newest first.
func undo(ctx context.Context, j *journal.Journal) error {
	m, err := undoers(j)
	if err != nil {
		return err
	}
	return j.Undo(ctx, m)
}

// Recover undoes what runs that died left behind.
func Recover(ctx context.Context, stateDir string, out io.Writer) error {
	dead, err := journal.Dead(stateDir)
	if err != nil {
		return err
	}
	var errs []error
	for _, j := range dead {
		fmt.Fprintf(out, "hagate: a run died and left %d things behind: undoing them\n", len(j.Pending()))
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
