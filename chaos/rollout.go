package chaos

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"hagate/record"
)

// Rollout rolls a workload out to a new version, and Revert rolls it back.
type Rollout struct {
	Workload Object
	Victims  []record.Victim // the Pods of the old version
	Of       string          // the component that the workload is of, such as DNS; the target's where empty
	// Slow is how long the new version's containers wait before they start what they
	// are to run. It takes a shell in their images.
	Slow time.Duration
}

func (f Rollout) Declares() record.Fault {
	rollout := record.Fault{Name: "rollout", Effect: record.Effect{Kind: record.PodsReplaced, Updates: true}, Victims: f.Victims}
	if f.Slow > 0 {
		rollout.Name += "-slow"
	}
	if f.Of != "" {
		rollout.Name, rollout.Effect = strings.ToLower(f.Of)+"-rollout", record.Effect{Kind: record.ComponentAway, Away: f.Of}
	}
	return rollout
}

func (f Rollout) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		began := time.Now()
		var edits []func(*corev1.Container) error
		version := record.Say("a new version")
		if f.Slow > 0 {
			edits = append(edits, func(c *corev1.Container) error { return startLate(c, f.Slow) })
			version = record.Say("a version that starts %s late", f.Slow)
		}
		err := newVersion(ctx, env, f.Workload, began, edits...)
		if err != nil {
			return nil, err
		}
		evidence := record.Say("%s got %s at %s", f.Workload, version, stamp(began))
		if err := waitGrown(ctx, env, f.Workload); err != nil {
			return []record.Text{evidence}, err
		}
		return []record.Text{record.Say("%s, and was rolled out at %s", evidence, stamp(time.Now()))}, nil
	})
}

// startLate has a container wait before it runs its command.
func startLate(c *corev1.Container, wait time.Duration) error {
	if len(c.Command) == 0 {
		return fmt.Errorf("container %s names no command that a wait could be put before: give it one", c.Name)
	}
	c.Args = append(c.Command, c.Args...)
	c.Command = []string{"sh", "-c", fmt.Sprintf(`sleep %g; exec "$0" "$@"`, wait.Seconds())}
	return nil
}

// Revert rolls back and waits for that.
func (f Rollout) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return rollBack(ctx, env, f.Workload) })
}

// rollBack puts a workload back where a change of it is in the journal.
func rollBack(ctx context.Context, env *Env, o Object) error {
	if err := putBack(ctx, env, o); err != nil {
		return err
	}
	return waitRolledOut(ctx, env, o)
}
