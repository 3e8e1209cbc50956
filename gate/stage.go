package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hagate/record"
	"hagate/target"
)

// step is one part of bringing a run up; its time is printed and recorded.
type step struct {
	name record.Text
	do   func(context.Context) error
	// end ends what do began and the journal does not hold, also where do failed halfway;
	// nil where there is no such thing.
	end        func(context.Context) error
	kubernetes bool // it waits for nodes or Pods to come up
}

// up does the steps in their order, until one fails.
func (r *Run) up(ctx context.Context, steps []step) error {
	for _, s := range steps {
		began := time.Now()
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("before %s: %w", s.name, context.Cause(ctx))
		}
		r.begun = append(r.begun, s)
		if err := s.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		took := time.Since(began)
		fmt.Fprintf(r.out, "hagate: %-28s %6.1f s\n", s.name, took.Seconds())
		if err := r.write(record.Entry{Timing: &record.Timing{Step: s.name, Took: took, Kubernetes: s.kubernetes}}); err != nil {
			return err
		}
	}
	return nil
}

// down ends the steps that were begun, newest first.
func (r *Run) down(ctx context.Context) error {
	var errs []error
	for _, s := range slices.Backward(r.begun) {
		if s.end != nil {
			errs = append(errs, s.end(ctx))
		}
	}
	r.begun = nil
	return errors.Join(errs...)
}

// creating writes a deed to the journal before it is done.
func (r *Run) creating(kind string, args map[string]string) error {
	if _, err := r.journal.Add(kind, args); err != nil {
		return fmt.Errorf("writing the journal before creating a %s: %w", kind, err)
	}
	return nil
}

func (r *Run) creatingObject(o target.Object) error {
	args, err := objectArgs(o)
	if err != nil {
		return err
	}
	return r.creating(undoObject, args)
}

// Close takes down what the run made, newest first, and closes the record. An interrupt
// stops it only where it is the second.
func (r *Run) Close(ctx context.Context) error {
	if !r.Began() {
		return nil
	}
	if r.interrupted == nil {
		ctx = context.WithoutCancel(ctx)
	}
	end := &record.End{Interrupted: r.interrupted != nil}
	if end.Interrupted {
		end.Note = said(r.interrupted)
	}
	errs := []error{r.down(ctx), r.write(record.Entry{End: end}), r.record.Close()}
	began := time.Now()
	if r.journal != nil {
		errs = append(errs, undo(ctx, r.journal), r.journal.Close())
	}
	if r.release != nil {
		r.release()
	}
	fmt.Fprintf(r.out, "hagate: %-28s %6.1f s\n", "cleaning up", time.Since(began).Seconds())
	return errors.Join(errs...)
}

func (r *Run) setting(name, value, reason record.Text) error {
	fmt.Fprintf(r.out, "hagate: %s = %s (%s)\n", name, value, reason)
	return r.write(record.Entry{Setting: &record.Setting{Name: name, Value: value, Reason: reason}})
}
