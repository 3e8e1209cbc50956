package reports

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hagate/reports/lang"
	"hagate/verdict"
	"hagate/verdict/words"
)

//go:embed index.html.tmpl
var indexText string

var indexTemplate = template.Must(template.New("index").Funcs(speaking(nil)).Funcs(template.FuncMap{
	"symbol":   symbol,
	"lower":    lower,
	"count":    words.Count,
	"duration": words.Duration,
	"moment":   moment,
}).Parse(indexText))

// indexData is what the template is given.
type indexData struct {
	Style  template.CSS
	Runs   []runData // newest first
	Trends []trend   // by name
}

// runData is a run's verdict and the folder that it is in.
type runData struct {
	verdict.Verdict
	Page string // relative to the index
}

// trend is what became of one scenario of one target, run after run, oldest first.
type trend struct {
	Target, Name string
	Runs         []trendRun
	in           *lang.Lang
}

type trendRun struct {
	verdict.Scenario
	Page   string
	Failed int // of all streams
	Outage time.Duration
}

// Results counts the verdicts: "9 PASS, 1 FAIL".
func (t trend) Results() string {
	var parts []string
	for _, r := range []verdict.Result{verdict.Pass, verdict.Fail, verdict.Invalid} {
		n := 0
		for _, run := range t.Runs {
			if run.Result == r {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, r))
		}
	}
	return strings.Join(parts, ", ")
}

// Failed, Outage and Recovery are the median and the worst of the runs that could be
// measured, "–" where none could, or there was nothing to recover from. The median of an
// even number is the upper one.
func (t trend) Failed() string {
	return middleAndWorst(t, func(r trendRun) int { return r.Failed }, words.Count)
}

func (t trend) Outage() string {
	return middleAndWorst(t, func(r trendRun) time.Duration { return r.Outage }, words.Duration)
}

func (t trend) Recovery() string {
	const never = time.Duration(1<<63 - 1)
	if !slices.ContainsFunc(t.Runs, func(r trendRun) bool { return len(r.Faults) > 0 }) {
		return "–"
	}
	return middleAndWorst(t, func(r trendRun) time.Duration {
		if !r.Recovered {
			return never
		}
		return r.TimeToRecover
	}, func(d time.Duration) string {
		if d == never {
			return t.in.Sprintf("never")
		}
		return words.Duration(d)
	})
}

func middleAndWorst[T cmp.Ordered](t trend, of func(trendRun) T, say func(T) string) string {
	var values []T
	for _, r := range t.Runs {
		if r.Result != verdict.Invalid {
			values = append(values, of(r))
		}
	}
	if len(values) == 0 {
		return "–"
	}
	slices.Sort(values)
	return say(values[len(values)/2]) + " / " + say(values[len(values)-1])
}

// readRuns reads the verdicts of the runs in dir, oldest first. A folder without one
// that can be read is left out.
func readRuns(dir string) (runs []runData, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", VerdictFile))
	if err != nil {
		return nil, fmt.Errorf("looking for runs in %s: %w", dir, err)
	}
	for _, file := range files {
		folder := filepath.Dir(file)
		if info, err := os.Lstat(folder); err != nil || !info.IsDir() {
			continue // the link to the newest
		}
		v, err := readVerdict(folder)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errUnreadable) {
			continue
		}
		if err != nil {
			return nil, err
		}
		runs = append(runs, runData{Verdict: v, Page: filepath.Base(folder) + "/" + HTMLFile})
	}
	slices.SortFunc(runs, func(a, b runData) int { return a.Started.Compare(b.Started) })
	return runs, nil
}

var errUnreadable = errors.New("not a verdict of schema " + verdict.Schema)

// readVerdict reads the verdict of the run in folder; errUnreadable where it is cut short
// or of another schema.
func readVerdict(folder string) (v verdict.Verdict, err error) {
	file := filepath.Join(folder, VerdictFile)
	text, err := os.ReadFile(file)
	if err != nil {
		return v, err
	}
	if json.Unmarshal(text, &v) != nil || v.Schema != verdict.Schema {
		return v, fmt.Errorf("%s: %w", file, errUnreadable)
	}
	return v, nil
}

// Index writes the page over all runs in dir, newest first, with what became of each
// scenario from run to run.
func Index(dir string, in *lang.Lang) error {
	runs, err := readRuns(dir)
	if err != nil {
		return fmt.Errorf("writing the index of %s: %w", dir, err)
	}
	if in != nil {
		retell(runs)
	}
	data := indexData{Style: template.CSS(style + in.Style()), Runs: runs}
	data.Trends = trends(data.Runs, in)
	slices.Reverse(data.Runs)
	text, err := inLanguage(indexTemplate, indexText, in)
	if err != nil {
		return fmt.Errorf("writing the index of %s: %w", dir, err)
	}
	var out bytes.Buffer
	if err := text.Execute(&out, data); err != nil {
		return fmt.Errorf("writing the index of %s: %w", dir, err)
	}
	if err := replace(filepath.Join(dir, HTMLFile), out.Bytes()); err != nil {
		return fmt.Errorf("writing the index of %s: %w", dir, err)
	}
	return nil
}

// retell has runs say in short why they are what they are: verdict.json has their reasons in
// English.
func retell(runs []runData) {
	for i := range runs {
		runs[i].Reason = runs[i].InShort()
		for j := range runs[i].Scenarios {
			s := &runs[i].Scenarios[j]
			s.Reason = s.InShort()
		}
	}
}

// trends gathers each target's scenarios from runs that are sorted by time.
func trends(runs []runData, in *lang.Lang) []trend {
	var all []trend
	for _, run := range runs {
		for _, s := range run.Counted() {
			at := trendRun{Scenario: s, Page: run.Page}
			for _, st := range s.Streams {
				at.Failed += st.Charged()
				at.Outage = max(at.Outage, st.LongestOutage)
			}
			i := slices.IndexFunc(all, func(t trend) bool { return t.Target == run.Run.Target && t.Name == s.Name })
			if i < 0 {
				i = len(all)
				all = append(all, trend{Target: run.Run.Target, Name: s.Name, in: in})
			}
			all[i].Runs = append(all[i].Runs, at)
		}
	}
	slices.SortFunc(all, func(a, b trend) int {
		return slices.Compare([]string{a.Target, a.Name}, []string{b.Target, b.Name})
	})
	return all
}
