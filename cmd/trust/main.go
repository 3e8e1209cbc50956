// Command trust plays the corpus in cases/ and says how often the gate was right.
package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"

	"hagate/cases"
	"hagate/gate"
	"hagate/reports"
)

const usage = `usage: trust [report]

  plays every case in cases/ that has not been played as often as is asked, at whatever
  commit, and adds what became of it to docs/trust.jsonl; or, with report, writes
  docs/trust.md and reports/out/trust/index.html from that

  N=3 M=10     how often a case with a defect, and a sound one
  BUSY=0.1     share of the runs on a machine made busy
  CASES=glob   these cases alone
  ALL=1        keep the reports of right plays, too
  AGAIN=1      also what has been played as often`

func main() {
	if err := do(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "trust:", err)
		os.Exit(1)
	}
}

func do(args []string) error {
	if slices.Equal(args, []string{hogCommand}) {
		return hog()
	}
	if len(args) > 1 || len(args) == 1 && args[0] != "report" {
		return errors.New(usage)
	}
	config, err := gate.FromEnv()
	if err != nil {
		return err
	}
	c := corpus{root: ".", out: filepath.Join(config.Out, "trust")}
	if c.scenarios, err = cases.Scenarios(filepath.Join(c.root, "docs", "scenarios.md")); err != nil {
		return err
	}
	if c.all, err = cases.Load(filepath.Join(c.root, "cases"), c.scenarios); err != nil {
		return err
	}
	if err := os.MkdirAll(c.out, 0o755); err != nil {
		return fmt.Errorf("making the folder of what is played: %w", err)
	}
	if len(args) == 1 {
		return c.report()
	}
	plays, err := c.plan()
	if err != nil {
		return err
	}
	return c.play(plays)
}

// corpus is all cases, and the folder of what became of them.
type corpus struct {
	root, out string
	scenarios []string
	all       []cases.Case
}

// runs is the file of all that were played: each stays.
func (c corpus) runs() string { return filepath.Join(c.root, "docs", "trust.jsonl") }

// plan is what is left to play of what the environment asks for.
func (c corpus) plan() ([]cases.Play, error) {
	rounds := cases.Rounds{Defect: 3, Sound: 10, Busy: 0.1}
	for name, set := range map[string]*int{"N": &rounds.Defect, "M": &rounds.Sound} {
		if v := os.Getenv(name); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 {
				return nil, fmt.Errorf("%s=%q: want how often a case is played, such as 3", name, v)
			}
			*set = n
		}
	}
	if v := os.Getenv("BUSY"); v != "" {
		share, err := strconv.ParseFloat(v, 64)
		if err != nil || share < 0 || share > 1 {
			return nil, fmt.Errorf("BUSY=%q: want the share of runs on a machine made busy, 0 to 1", v)
		}
		rounds.Busy = share
	}
	var runs []cases.Run
	if os.Getenv("AGAIN") != "1" {
		var err error
		if runs, err = cases.ReadRuns(c.runs()); err != nil {
			return nil, err
		}
	}
	commits := map[string]string{}
	for _, one := range c.all {
		var err error
		if commits[one.Name], err = commit(c.root, one.Name); err != nil {
			return nil, err
		}
	}
	plays := cases.Plan(c.all, runs, commits, rounds)
	glob := os.Getenv("CASES")
	if _, err := path.Match(glob, ""); err != nil {
		return nil, fmt.Errorf("CASES=%q: %w: want a pattern such as pod-* or stateful", glob, err)
	}
	return slices.DeleteFunc(plays, func(p cases.Play) bool {
		fits, _ := path.Match(glob, p.Case.Name)
		return glob != "" && !fits
	}), nil
}

// report writes the matrix of what has been played.
func (c corpus) report() error {
	runs, err := cases.ReadRuns(c.runs())
	if err != nil {
		return err
	}
	m := cases.NewMatrix(c.all, runs)
	page, err := m.Page(reports.Style())
	if err != nil {
		return err
	}
	file := filepath.Join(c.out, reports.HTMLFile)
	if err := os.WriteFile(file, page, 0o644); err != nil {
		return fmt.Errorf("writing the matrix as a page: %w", err)
	}
	fmt.Println(file)
	return cases.Keep(filepath.Join(c.root, "docs", "trust.md"), m.Markdown())
}
