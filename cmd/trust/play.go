package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"hagate/cases"
	"hagate/reports"
	"hagate/target"
	"hagate/verdict"
)

var errStopped = errors.New("stopped: the next `make trust` goes on from here")

// play plays what is planned, one after the other, and writes down what became of each.
func (c corpus) play(plays []cases.Play) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	for i, p := range plays {
		fmt.Printf("%d of %d: %s, round %d%s: %s\n", i+1, len(plays), p.Case.Name, p.Round, map[bool]string{true: ", on a busy machine"}[p.Busy], strings.Join(p.Scenarios, " "))
		runs, err := c.once(p, signals)
		if err != nil {
			return err
		}
		right := true // and so are the causes
		for j := range runs {
			runs[j].Commit, runs[j].Case, runs[j].Round, runs[j].Busy = p.Commit, p.Case.Name, p.Round, p.Busy
			o, named := p.Case.Judge(runs[j])
			right = right && o == cases.Right && (named || len(p.Case.Scenarios[runs[j].Scenario].Cause) == 0)
			fmt.Printf("  %-9s %s %s %s: %s\n", o, runs[j].Scenario, runs[j].Verdict, runs[j].Cause, runs[j].Reason)
		}
		if err := cases.AppendRuns(c.runs(), runs...); err != nil {
			return err
		}
		if right && os.Getenv("ALL") == "" {
			c.forget()
		}
	}
	return nil
}

// forget removes the report of the newest run: those that were right would fill the disk.
func (c corpus) forget() {
	if newest, err := filepath.EvalSymlinks(filepath.Join(c.out, "runs", "latest")); err == nil {
		os.RemoveAll(newest)
	}
}

// once plays p. A target that is refused is played no further.
func (c corpus) once(p cases.Play, signals <-chan os.Signal) ([]cases.Run, error) {
	began := time.Now().UTC()
	_, refusal := target.Load(filepath.Join("cases", p.Case.Name), c.scenarios)
	switch {
	case refusal != nil && p.Case.Refused:
		return []cases.Run{{Started: began, Verdict: cases.Refused, Reason: refusal.Error()}}, nil
	case p.Case.Refused:
		return []cases.Run{{Started: began, Verdict: cases.Accepted, Reason: "nothing refused it"}}, nil
	case refusal != nil:
		return every(p, cases.Run{Started: began, Verdict: cases.Refused, Reason: refusal.Error()}), nil
	}
	if p.Busy {
		stop, err := fill()
		if err != nil {
			return nil, err
		}
		defer stop()
	}
	v, err := c.gate(p, signals)
	if err != nil {
		return nil, err
	}
	counted := v.Counted()
	var runs []cases.Run
	for _, name := range p.Scenarios {
		i := slices.IndexFunc(counted, func(s verdict.Scenario) bool { return s.Name == name })
		if i < 0 { // not begun: the run's own verdict says why
			run := cases.Of(v.Whole())
			run.Scenario = name
			runs = append(runs, run)
			continue
		}
		runs = append(runs, cases.Of(counted[i]))
	}
	return runs, nil
}

// every is r for each scenario of p.
func every(p cases.Play, r cases.Run) (runs []cases.Run) {
	for _, name := range p.Scenarios {
		r.Scenario = name
		runs = append(runs, r)
	}
	return runs
}

// gate runs the suite on p as `make test-ha` does, on a cluster that is kept, and hands
// signals on to it. What it prints goes to a file.
func (c corpus) gate(p cases.Play, signals <-chan os.Signal) (v verdict.Verdict, err error) {
	out := filepath.Join(c.out, "runs")
	latest := filepath.Join(out, "latest")
	os.Remove(latest) // what is there at the end is of this run
	log, err := os.Create(filepath.Join(c.out, "output.log"))
	if err != nil {
		return v, fmt.Errorf("keeping what the run prints: %w", err)
	}
	defer log.Close()
	cmd := exec.Command("bin/hagate", "test", "--labels="+strings.Join(p.Scenarios, " || "))
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.root, environment(p.Case, out), log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a terminal's Ctrl-C comes once, from here
	if err := cmd.Start(); err != nil {
		return v, fmt.Errorf("starting the gate: %w: run `make trust`, which builds it", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stopped := false
	for running := true; running; {
		select {
		case s := <-signals:
			stopped = true
			syscall.Kill(-cmd.Process.Pid, s.(syscall.Signal))
		case <-ended: // the verdict says how
			running = false
		}
	}
	if stopped {
		return v, errStopped
	}
	text, err := os.ReadFile(filepath.Join(latest, reports.VerdictFile))
	if err != nil {
		return v, fmt.Errorf("%s: the run left no verdict: %w: see %s", p.Case.Name, err, log.Name())
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return v, fmt.Errorf("reading the verdict of %s: %w", p.Case.Name, err)
	}
	return v, nil
}

// environment is this process's, but for what is the case's own.
func environment(c cases.Case, out string) []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{"TARGET", "LABELS", "PROFILE", "KEEP", "WATCH", "RATE", "DURATION", "OUT"}, name)
	})
	env = append(env, "TARGET=cases/"+c.Name, "KEEP=1", "OUT="+out)
	if c.Rate > 0 {
		env = append(env, fmt.Sprintf("RATE=%d", c.Rate))
	}
	if c.Duration > 0 {
		env = append(env, "DURATION="+c.Duration.String())
	}
	return env
}
