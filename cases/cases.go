// Package cases is the corpus: services whose right verdict is known, and how often the
// gate gave it.
//
// A case is a folder: a target, and case.yaml, which says what is right. The package is
// pure but for reading those files; cmd/trust plays them.
package cases

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hagate/target"
	"hagate/verdict"
)

// FileName is the name of the file that says what is right of a case.
const FileName = "case.yaml"

// Case is a service and what the gate has to say of it.
type Case struct {
	Name string `yaml:"-"` // of its folder

	Report    []string               `yaml:"report"` // public reports that it was rebuilt from
	About     string                 `yaml:"about"`
	Sound     bool                   `yaml:"sound"`   // nothing is the service's fault
	Refused   bool                   `yaml:"refused"` // before anything is created
	Says      string                 `yaml:"says"`    // part of what a refusal has to say
	Scenarios map[string]Expectation `yaml:"scenarios"`
	Rate      int                    `yaml:"rate"`     // requests/second of each stream; the target's own where 0
	Duration  time.Duration          `yaml:"duration"` // of steady
}

// Expectation is what is right of one scenario.
type Expectation struct {
	Verdict verdict.Result `yaml:"verdict"`
	Cause   Causes         `yaml:"cause"`  // any of them is right
	Fails   []string       `yaml:"fails"`  // checks that must not hold
	Passes  []string       `yaml:"passes"` // checks that must hold
	Gate    bool           `yaml:"gate"`   // played by make test
}

// Names are the scenarios of the case, sorted.
func (c Case) Names() []string { return slices.Sorted(maps.Keys(c.Scenarios)) }

// Gated are the scenarios of the case that make test plays.
func (c Case) Gated() []string {
	return slices.DeleteFunc(c.Names(), func(name string) bool { return !c.Scenarios[name].Gate })
}

// Load reads and checks every case of the folders in dir. scenarios are all that there
// are. The error joins all that is wrong, a line for each with file, line and fix.
func Load(dir string, scenarios []string) ([]Case, error) {
	targets, err := filepath.Glob(filepath.Join(dir, "*", target.FileName))
	if err != nil {
		return nil, fmt.Errorf("looking for cases in %s: %w", dir, err)
	}
	if len(targets) == 0 {
		return nil, fmt.Errorf("looking for cases: no folder of %s has a %s", dir, target.FileName)
	}
	var all []Case
	var wrong []error
	for _, t := range targets {
		folder := filepath.Dir(t)
		file := filepath.Join(folder, FileName)
		text, err := os.ReadFile(file)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("reading what is right of a case: %w: write what the verdicts of %s have to be", err, folder))
			continue
		}
		c, err := parse(file, text, scenarios)
		c.Name = filepath.Base(folder)
		all, wrong = append(all, c), append(wrong, err)
	}
	return all, errors.Join(wrong...)
}

// check looks at what a file says as a whole.
func (c Case) check(f *file, scenarios []string) {
	if strings.TrimSpace(c.About) == "" {
		f.problem("missing: say in a sentence what is special about the service", "about")
	}
	for _, report := range c.Report {
		if u, err := url.Parse(report); err != nil || u.Scheme != "https" || u.Host == "" {
			f.problem(fmt.Sprintf("%q is no address: write the whole https://…, or leave it out of what is own knowledge", report), "report")
		}
	}
	switch {
	case c.Refused && c.Sound:
		f.problem("nothing refuses a sound service: take one of sound and refused out", "refused")
	case c.Refused && c.Says == "":
		f.problem("missing: give the words that the refusal has to have", "says")
	case c.Refused && len(c.Scenarios) > 0:
		f.problem("none is played of a service that is refused: take them out", "scenarios")
	case !c.Refused && c.Says != "":
		f.problem("only what is refused says something: add refused: true, or take it out", "says")
	case !c.Refused && len(c.Scenarios) == 0:
		f.problem("none: name at least one and its right verdict", "scenarios")
	}
	if c.Rate < 0 || c.Rate > target.MaxRate {
		f.problem(fmt.Sprintf("%d is out of range: give 1 to %d requests/second", c.Rate, target.MaxRate), "rate")
	}
	if c.Duration != 0 && (c.Duration < 10*time.Second || c.Duration > time.Hour) {
		f.problem(fmt.Sprintf("%s is out of range: give 10s to 1h", c.Duration), "duration")
	}
	fails := false
	for _, name := range c.Names() {
		if !slices.Contains(scenarios, name) {
			f.problem("no such scenario: "+target.Instead(name, scenarios), "scenarios", name)
		}
		e := c.Scenarios[name]
		fails = fails || e.Verdict != verdict.Pass
		if c.Sound && e.Verdict == verdict.Fail {
			f.problem("a sound service cannot FAIL: mend one of the two", "scenarios", name)
		}
		e.check(f, name)
	}
	if !c.Sound && !c.Refused && len(c.Scenarios) > 0 && !fails {
		f.problem("no scenario shows a defect: add one that does, or sound: true", "sound")
	}
}

func (e Expectation) check(f *file, scenario string) {
	at := func(field string) []string { return []string{"scenarios", scenario, field} }
	if !slices.Contains([]verdict.Result{verdict.Pass, verdict.Fail, verdict.Invalid}, e.Verdict) {
		f.problem(fmt.Sprintf("%q is no verdict: write PASS, FAIL or INVALID", e.Verdict), at("verdict")...)
	}
	for _, id := range e.Cause {
		if !slices.Contains(verdict.CauseIDs(), id) {
			f.problem(fmt.Sprintf("%q is no cause: %s", id, target.Instead(id, verdict.CauseIDs())), at("cause")...)
		}
	}
	if e.Verdict == verdict.Pass && len(e.Cause)+len(e.Fails) > 0 {
		f.problem("a PASS has no cause and no check that fails: take them out", "scenarios", scenario)
	}
	known := verdict.CheckNames()
	for field, names := range map[string][]string{"fails": e.Fails, "passes": e.Passes} {
		for _, name := range names {
			if !slices.Contains(known, name) {
				f.problem(fmt.Sprintf("%q is no check: %s", name, target.Instead(name, known)), at(field)...)
			}
		}
	}
	for _, name := range e.Fails {
		if slices.Contains(e.Passes, name) {
			f.problem(fmt.Sprintf("%s cannot fail and pass: take one out", name), at("passes")...)
		}
	}
}
