package cases

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"hagate/verdict"
)

// What becomes of a service before anything is created.
const (
	Refused  verdict.Result = "REFUSED"
	Accepted verdict.Result = "ACCEPTED"
)

// Run is one scenario of a case, played once; or a case that was to be refused, looked at
// once, without a scenario.
type Run struct {
	Commit   string         `json:"commit"` // the newest that changed the gate or the case
	Case     string         `json:"case"`
	Scenario string         `json:"scenario,omitempty"`
	Round    int            `json:"round"`
	Started  time.Time      `json:"started"`
	Seconds  float64        `json:"seconds"`
	Busy     bool           `json:"busy,omitempty"` // the machine was made so
	Verdict  verdict.Result `json:"verdict"`
	Reason   string         `json:"reason"`
	Cause    string         `json:"cause,omitempty"`  // the rule that fits best
	Failed   []string       `json:"failed,omitempty"` // checks that did not hold
}

// Of is what of a scenario's verdict is judged.
func Of(s verdict.Scenario) Run {
	r := Run{Scenario: s.Name, Started: s.Started, Seconds: s.Ended.Sub(s.Started).Seconds(), Verdict: s.Result, Reason: s.Reason.String()}
	if len(s.Diagnoses) > 0 {
		r.Cause = s.Diagnoses[0].Rule
	}
	for _, c := range s.Checks {
		if c.Result == verdict.Fail || c.Result == verdict.Invalid {
			r.Failed = append(r.Failed, c.Name)
		}
	}
	return r
}

// Outcome says whether a verdict was right.
type Outcome string

const (
	Right     Outcome = "right"
	Wrong     Outcome = "wrong"
	Abstained Outcome = "abstained" // INVALID: nothing was said
)

// Judge says whether a run's verdict was right, and whether its cause was.
func (c Case) Judge(r Run) (o Outcome, cause bool) {
	if c.Refused {
		if r.Verdict == Refused && strings.Contains(r.Reason, c.Says) {
			return Right, false
		}
		return Wrong, false
	}
	want := c.Scenarios[r.Scenario]
	failed := func(name string) bool { return slices.Contains(r.Failed, name) }
	switch {
	case r.Verdict == verdict.Invalid && want.Verdict != verdict.Invalid:
		return Abstained, false
	case r.Verdict != want.Verdict, slices.ContainsFunc(want.Passes, failed),
		slices.ContainsFunc(want.Fails, func(name string) bool { return !failed(name) }):
		return Wrong, false
	}
	return Right, slices.Contains(want.Cause, r.Cause)
}

// ReadRuns reads a file of runs, one a line, oldest first. None is there before the first
// was played.
func ReadRuns(file string) ([]Run, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the runs that were played: %w", err)
	}
	defer f.Close()
	var runs []Run
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var r Run
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s:%d: reading a run: %w: take the line out", file, n, err)
		}
		runs = append(runs, r)
	}
	return runs, lines.Err()
}

// AppendRuns adds runs to a file of them.
func AppendRuns(file string, runs ...Run) error {
	var text []byte
	for _, r := range runs {
		line, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("writing a run: %w", err)
		}
		text = append(append(text, line...), '\n')
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("writing the runs that were played: %w", err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
