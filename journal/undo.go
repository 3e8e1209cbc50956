package journal

import (
	"context"
	"errors"
	"fmt"
)

// Undo takes one deed back, given its entry's Args. It is called again after a
// failure, and may find the deed never done, done in part, or undone already: all of
// these are success once nothing is left of it.
type Undo func(ctx context.Context, args map[string]string) error

// Undo undoes all that is pending, newest first, with the Undo of each entry's kind,
// and strikes off what succeeded. It goes on after a failure and returns all of them;
// what failed, and what is of no known kind, stays pending. It stops when ctx ends.
func (j *Journal) Undo(ctx context.Context, undoers map[string]Undo) error {
	var errs []error
	for _, e := range j.Pending() {
		if ctx.Err() != nil {
			errs = append(errs, fmt.Errorf("undoing stopped: %w", context.Cause(ctx)))
			break
		}
		undo := undoers[e.Kind]
		if undo == nil {
			errs = append(errs, fmt.Errorf("undoing %s %v: nothing here knows how", e.Kind, e.Args))
			continue
		}
		if err := undo(ctx, e.Args); err != nil {
			errs = append(errs, fmt.Errorf("undoing %s %v: %w", e.Kind, e.Args, err))
			continue
		}
		errs = append(errs, j.Strike(e))
	}
	return errors.Join(errs...)
}
