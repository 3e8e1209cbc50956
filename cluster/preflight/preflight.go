// Package preflight looks at the machine before a run: every precondition, what was
// found, and the fix. It changes nothing.
package preflight

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
)

// Status is how a check went.
type Status string

const (
	OK   Status = "ok"
	Warn Status = "warn" // a run works, with a concession or at some risk
	Fail Status = "fail" // a run does not work
)

// Check is one precondition.
type Check struct {
	Name   string
	Found  string
	Status Status
	Fix    string // what to do about it; empty when OK
}

// Checks looks at this machine. registry says whether images can be pulled.
func Checks(ctx context.Context, registry func(context.Context) error) []Check {
	return judge(look(ctx, registry))
}

// Print writes one line a check, its fix below it. It returns an error when a check
// failed, with how many did.
func Print(w io.Writer, checks []Check) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	failed := 0
	for _, c := range checks {
		if c.Status == Fail {
			failed++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", c.Status, c.Name, c.Found)
		if c.Fix != "" {
			fmt.Fprintf(table, "\t\t→ %s\n", c.Fix)
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the checks: %w", err)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks fail: see the fixes above", failed, len(checks))
	}
	return nil
}
