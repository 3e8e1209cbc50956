package gate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"hagate/chaos"
	"hagate/record"
)

// blocked is the step of a fault that the service would not let finish, by the error that it
// ended with; nil where the error is the harness's or the cluster's. Of one that came too
// late, says tells what keeps the workload from it.
func blocked(err error, late bool, atMost time.Duration, says func() []record.Refusal) *record.Fault {
	refused, answered := errors.AsType[*chaos.Refused](err)
	if answered && refused.Blocked() {
		return &record.Fault{State: record.Blocked, Refusals: refused.Refusals, Error: sentence(refused.Refusals)}
	}
	if answered || !late {
		return nil
	}
	f := &record.Fault{State: record.Blocked, Refusals: says(), Error: record.Say("not done within %s: %s", atMost, err)}
	if said := sentence(f.Refusals); !said.IsZero() {
		f.Error = record.Say("not done within %s: %s", atMost, said)
	}
	return f
}

// sentence is what was said for the service's sake.
func sentence(refusals []record.Refusal) record.Text {
	var said []string
	for _, r := range refusals {
		if text := r.String(); r.Whose == record.WhoseService && !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	return record.Words(strings.Join(said, "; "))
}

// says is what keeps the target's workload from having its Pods, as far as the API answers.
func (r *Run) says(ctx context.Context, since time.Time) []record.Refusal {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return chaos.Says(ctx, r.destructive, r.Workload(), since)
}

// stalled records what keeps the service from recovering, where somebody says so.
func (r *Run) stalled(ctx context.Context, fault record.Fault, since time.Time) error {
	refusals := r.says(ctx, since)
	if len(refusals) == 0 {
		return nil
	}
	return r.write(record.Entry{Fault: &record.Fault{Name: fault.Name, Effect: fault.Effect, State: record.Stalled, Refusals: refusals, Error: sentence(refusals)}})
}
