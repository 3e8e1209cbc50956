package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"hagate/record"
)

// DNSSlow has the Pods of the cluster's DNS answer late: their processes are stopped with
// SIGSTOP and go on, again and again, so that a question waits in the socket meanwhile.
// Revert lets them go on.
type DNSSlow struct {
	Victims []record.Victim
	By      time.Duration // that an answer is late at the most
}

func (f DNSSlow) Declares() record.Fault {
	return record.Fault{Name: "dns-slow", Effect: record.Effect{Kind: record.ComponentAway, Away: record.DNS}, Victims: f.Victims, Returns: true}
}

// awake is how long the processes go on between two stops: the questions that have come
// meanwhile are answered in it.
const awake = 200 * time.Millisecond

const stopAndGo = `while :; do kill -STOP "$@"; sleep %.3f; kill -CONT "$@"; sleep %.3f; done`

// Inject returns when the processes of each victim have been seen to be stopped.
func (f DNSSlow) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() (evidence []record.Text, err error) {
		if env.NodeExec == nil {
			return nil, ErrOutOfReach
		}
		for i, v := range f.Victims {
			host := node{v.Node, env.NodeExec}
			procs, err := host.tree(ctx, v.UID)
			if err != nil {
				return evidence, fmt.Errorf("finding the processes of %s: %w", nameOf(v), err)
			}
			began := time.Now()
			script := fmt.Sprintf(stopAndGo, f.By.Seconds(), awake.Seconds())
			if err := transient(ctx, env, v.Node, fmt.Sprintf("hagate-dns-%d", i), script, `kill -CONT "$@"`, procs.pids()...); err != nil {
				return evidence, fmt.Errorf("stopping %s again and again: %w", nameOf(v), err)
			}
			if err := host.waitStopped(ctx, procs); err != nil {
				return evidence, err
			}
			evidence = append(evidence, record.Say("on node %s %s get SIGSTOP for %s and SIGCONT for %s again and again since %s, and were seen stopped at %s",
				v.Node, procs.named(), f.By, awake, stamp(began), stamp(time.Now())))
		}
		return evidence, nil
	})
}

// waitStopped waits until the kernel calls one of p stopped.
func (n node) waitStopped(ctx context.Context, p processes) error {
	err := wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		out, err := n.shell(ctx, `for p; do sed -n 's/^State:[[:space:]]*//p' "/proc/$p/status"; done`, p)
		return strings.Contains(string(out), "T (stopped)"), err
	})
	if err != nil {
		return fmt.Errorf("waiting for %s to be stopped: %w", p, err)
	}
	return nil
}

func (f DNSSlow) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error {
		var done []string
		for _, v := range f.Victims {
			if slices.Contains(done, v.Node) {
				continue
			}
			done = append(done, v.Node)
			if err := undoCommands(ctx, env, v.Node); err != nil {
				return err
			}
		}
		return nil
	})
}
