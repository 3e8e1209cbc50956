package gate

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"hagate/record"
	"hagate/reports"
	"hagate/verdict"
)

// tellGitHub gives a GitHub Actions job its summary, and an annotation for each
// scenario that did not pass. Elsewhere it does nothing.
// https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions
func tellGitHub(w io.Writer, dir string, v verdict.Verdict) error {
	if os.Getenv("GITHUB_ACTIONS") == "true" {
		all := v.Scenarios
		if len(all) == 0 && v.Result != verdict.Pass {
			all = []verdict.Scenario{v.Whole()}
		}
		for _, s := range all {
			if s.Result != verdict.Pass && s.MeasuredAgain == "" {
				why := record.Join("\n", s.Reason, s.Cause, s.Fix).String()
				fmt.Fprintf(w, "::error title=%s::%s\n", commandProperty.Replace(fmt.Sprintf("hagate %s: %s", s.Result, s.Name)), commandData.Replace(why))
			}
		}
	}
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(dir, reports.SummaryFile))
	if err != nil {
		return fmt.Errorf("writing the job's summary: %w", err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("writing the job's summary: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the job's summary: %w", err)
	}
	return nil
}

// What a workflow command wants escaped in its message and in its properties.
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
