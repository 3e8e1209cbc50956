package chaos

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"

	"hagate/record"
)

// onNode is f with the node that it hits as its first victim.
func onNode(f record.Fault, node *corev1.Node) record.Fault {
	hit := record.Victim{Kind: "Node", Name: node.Name, UID: string(node.UID)}
	f.Victims = append([]record.Victim{hit}, f.Victims...)
	return f
}

// Inject records f as injecting, does it, and records the evidence that do returns.
// A failure is recorded as well, unless ctx cut it short or the service blocked it: what
// that means is the caller's to say.
func (e *Env) Inject(ctx context.Context, f record.Fault, do func() ([]record.Text, error)) error {
	f.State = record.Injecting
	if err := e.Record(f); err != nil {
		return err
	}
	evidence, err := do()
	f.Evidence, err = evidence, refused(err)
	if err != nil && (ctx.Err() != nil || Blocked(err) != nil) {
		return err
	}
	if r, ok := errors.AsType[*Refused](err); ok {
		f.Refusals = r.Refusals
	}
	return e.end(f, record.Injected, err)
}

// Revert undoes f and records that it begins to, and that it did or failed.
func (e *Env) Revert(f record.Fault, undo func() error) error {
	return e.revertShown(f, func() ([]record.Text, error) { return nil, undo() })
}

// revertShown is Revert with the evidence that undo returns.
func (e *Env) revertShown(f record.Fault, undo func() ([]record.Text, error)) error {
	f.State = record.Reverting
	noted := e.Record(f)
	var err error
	if f.Evidence, err = undo(); noted != nil {
		return errors.Join(noted, err)
	}
	return e.end(f, record.Reverted, err)
}

func (e *Env) end(f record.Fault, state string, err error) error {
	f.State = state
	if err != nil {
		f.State, f.Error = record.Failed, record.Words(err.Error())
	}
	return errors.Join(err, e.Record(f))
}

// stamp is how evidence writes a time.
func stamp(t time.Time) string { return t.UTC().Format("15:04:05.000Z") }
