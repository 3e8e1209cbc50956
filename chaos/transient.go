package chaos

import (
	"context"
	"fmt"
	"time"
)

// transientFor is how long what runs on a node by itself may do so, should nobody end it.
const transientFor = 5 * time.Minute

// transient has systemd run a script of bash on a node until undoCommands ends it, with
// args as its arguments. The end is run when it ends, and once more when it is undone.
func transient(ctx context.Context, env *Env, node, unit, script, end string, args ...string) error {
	do := append([]string{"systemd-run", "--quiet", "--collect", "--unit=" + unit, fmt.Sprintf("--property=RuntimeMaxSec=%d", int(transientFor.Seconds())),
		"bash", "-c", "trap '" + end + "; exit 0' TERM; " + script, "bash"}, args...)
	undo := append([]string{"sh", "-c", "if systemctl --quiet is-active " + unit + "; then systemctl stop " + unit + "; fi; " + end + " 2>/dev/null || true", "sh"}, args...)
	return command(ctx, env, node, do, undo)
}
