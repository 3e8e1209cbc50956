package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"hagate/reports"
	"hagate/target"
	"hagate/verdict"
)

// FixedDir is the folder, in a run's own, of the copy of its target with the changes that
// its verdict proposes.
const FixedDir = "fixed"

// Fix applies the changes that v proposes to a copy of the target, plays what failed once
// more on the copy, and sets the two side by side in the second run's report. The target
// itself is not changed, and v stays what it is. It is an error where no proposed change can
// be applied as it stands.
func (r *Run) Fix(ctx context.Context, w io.Writer, v verdict.Verdict, scenarios []string) error {
	failed, patches := proposed(v)
	if len(patches) == 0 {
		return errors.New("FIX=1: none of the proposed changes can be applied automatically: apply them by hand")
	}
	copied := filepath.Join(r.Dir, FixedDir)
	changed, err := target.Fix(r.Config.Target, copied, scenarios, patches)
	if err != nil {
		return fmt.Errorf("FIX=1: applying the proposed changes: %w", err)
	}
	fmt.Fprintf(w, "\nhagate: FIX=1: the proposed changes are in %s (%s); rerunning %s with them\n", copied, strings.Join(changed, ", "), cmp.Or(strings.Join(failed, ", "), "all"))
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("FIX=1: finding hagate's own executable: %w", err)
	}
	again := exec.CommandContext(ctx, program, "test")
	again.Env = append(os.Environ(), "TARGET="+copied, "FIX=0", "LABELS="+cmp.Or(strings.Join(failed, " || "), r.Config.Labels))
	if r.traffic.Rate > 0 { // before and after are compared
		again.Env = append(again.Env, fmt.Sprintf("RATE=%d", r.traffic.Rate))
	}
	again.Stdout, again.Stderr = w, os.Stderr
	if err := again.Run(); err != nil {
		if _, exited := errors.AsType[*exec.ExitError](err); !exited {
			return fmt.Errorf("FIX=1: rerunning the failed scenarios: %w", err)
		}
	}
	after, err := filepath.EvalSymlinks(filepath.Join(r.Config.Out, "latest"))
	if err != nil {
		return fmt.Errorf("FIX=1: finding the second run: %w", err)
	}
	if after == r.Dir {
		return errors.New("FIX=1: the second run left no verdict")
	}
	now, err := reports.Render(after, r.Dir, r.Config.Lang)
	if err != nil {
		return fmt.Errorf("FIX=1: comparing the two runs: %w", err)
	}
	fmt.Fprintln(w, "\nbefore and after the proposed changes:")
	for _, s := range now.Counted() {
		fmt.Fprintf(w, "%-8s → %-8s %-20s %s\n", before(v, s.Name), s.Result, s.Name, s.Reason)
	}
	_, err = fmt.Fprintf(w, "report: %s\n", filepath.Join(after, reports.HTMLFile))
	return err
}

// proposed are the scenarios that failed, none where the service did not come up, and the
// changes that the best cause of each proposes and that can be applied as they stand.
func proposed(v verdict.Verdict) (failed []string, patches []target.Patch) {
	why := slices.Clone(v.Diagnoses)
	for _, s := range v.Counted() {
		if s.Result == verdict.Fail {
			failed, why = append(failed, s.Name), append(why, s.Diagnoses...)
		}
	}
	for _, d := range why {
		if d.Alternative {
			continue
		}
		for _, p := range d.Patch {
			patches = append(patches, target.Patch{Object: p.Object, Merge: p.Merge})
		}
	}
	return failed, target.Unique(patches)
}

// before is what a scenario was in v; where none began, what v is.
func before(v verdict.Verdict, scenario string) verdict.Result {
	for _, s := range v.Counted() {
		if s.Name == scenario {
			return s.Result
		}
	}
	if len(v.Scenarios) == 0 {
		return v.Result
	}
	return verdict.Skipped
}
