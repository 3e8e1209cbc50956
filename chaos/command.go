package chaos

import (
	"context"
	"encoding/json"
	"fmt"
)

// commandKind of journal entry: a command was run on a node, and another undoes it.
// The undoing one is run whether or not the first did anything, and again after a
// failure.
const commandKind = "command"

// command runs do on a node, after writing undo down.
func command(ctx context.Context, env *Env, node string, do, undo []string) error {
	if env.NodeExec == nil {
		return ErrOutOfReach
	}
	text, err := json.Marshal(undo)
	if err != nil {
		return fmt.Errorf("encoding %v: %w", undo, err)
	}
	if _, err := env.Journal.Add(commandKind, map[string]string{"node": node, "undo": string(text)}); err != nil {
		return fmt.Errorf("writing the journal before changing node %s: %w", node, err)
	}
	if _, err := env.NodeExec(ctx, node, do...); err != nil {
		return fmt.Errorf("on node %s: %w", node, err)
	}
	return nil
}

// undoCommands takes back every command that the journal has of a node, and strikes it
// off.
func undoCommands(ctx context.Context, env *Env, node string) error {
	return takeBack(env, commandKind, with("node", node), func(args map[string]string) error {
		return undoCommand(ctx, env.NodeExec, args)
	})
}

func undoCommand(ctx context.Context, exec func(context.Context, string, ...string) ([]byte, error), args map[string]string) error {
	var undo []string
	if err := json.Unmarshal([]byte(args["undo"]), &undo); err != nil {
		return fmt.Errorf("reading how to undo on node %s: %w", args["node"], err)
	}
	if _, err := exec(ctx, args["node"], undo...); err != nil {
		return fmt.Errorf("undoing on node %s: %w", args["node"], err)
	}
	return nil
}
