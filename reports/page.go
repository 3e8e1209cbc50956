package reports

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"hagate/record"
	"hagate/reports/lang"
	"hagate/verdict"
	"hagate/verdict/words"
)

//go:embed page.html.tmpl
var pageText string

//go:embed style.css
var style string

// Style is the style sheet of the report's pages.
func Style() template.CSS { return template.CSS(style) }

// The page's own scripts, and the library that they draw with (uplot/LICENSE).
var (
	//go:embed table.js
	tableScript string
	//go:embed charts.js
	chartsScript string
	//go:embed live.js
	liveScript string
	//go:embed uplot/uPlot.iife.min.js
	chartLibrary template.JS
	//go:embed uplot/uPlot.min.css
	chartStyle template.CSS
)

var pageTemplate = template.Must(template.New("page").Funcs(speaking(nil)).Funcs(template.FuncMap{
	"symbol":      symbol,
	"count":       words.Count,
	"duration":    words.Duration,
	"moment":      moment,
	"clock":       func(t time.Time) string { return t.UTC().Format("15:04:05.000") },
	"classes":     classes,
	"lower":       lower,
	"join":        strings.Join,
	"diff":        diff,
	"percent":     percent,
	"nanoseconds": time.Duration.Nanoseconds,
}).Parse(pageText))

// pageData is what the template is given.
type pageData struct {
	verdict.Verdict
	Style, ChartStyle template.CSS
	ChartLibrary      template.JS
	Scripts           []template.JS
	Scenarios         []scenarioData
	Against           *comparison // nil where nothing was to be compared
	Took              time.Duration
	Record            string // names of the files beside the page
	JUnit             string
	VerdictFile       string
	Logs              string // the folder of them; none where empty
}

// scenarioData is a scenario with its charts and its sums over all streams.
type scenarioData struct {
	verdict.Scenario
	Chart, CloseUp template.HTML
	Strip          template.HTML // the scenario in a row of the table
	CapacityChart  template.HTML // none where the load was not raised
	DriftChart     template.HTML // none where nothing was looked at for drift
	Drifts         []driftRow
	Series         series
	Plan           record.Plan
	NoFault        bool
	Listed         []request
	Unlisted       int
	Lookups        lookups
	Shares         []share
	Agents         []string // what each load agent took, in words
	Cores          string   // who used how many of the machine's on average, where that is known
	Due, Failed    int
	Closed         int
	Retried        int
	Outage         time.Duration
	Baseline       verdict.Latency // of the slowest stream
	Whole          verdict.Latency
	Began          time.Time // moment 0 of the charts
	Met, NotMet    []verdict.Check
	Skipped        []verdict.Check
}

func page(v verdict.Verdict, t tales, against *comparison, logs string, in *lang.Lang) ([]byte, error) {
	data := pageData{Verdict: v, Against: against, Style: template.CSS(style + in.Style()), ChartStyle: chartStyle, ChartLibrary: chartLibrary, Scripts: []template.JS{template.JS(in.Script(tableScript)), template.JS(in.Script(chartsScript))}, Took: v.Ended.Sub(v.Started),
		Record: record.FileName, JUnit: JUnitFile, VerdictFile: VerdictFile, Logs: logs}
	if v.Result == running {
		data.Scripts = append(data.Scripts, template.JS(in.Script(liveScript)))
	}
	for _, s := range v.Scenarios {
		data.Scenarios = append(data.Scenarios, describe(s, t[s.Name], in))
	}
	text, err := inLanguage(pageTemplate, pageText, in)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := text.Execute(&out, data); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func describe(s verdict.Scenario, t *tale, in *lang.Lang) scenarioData {
	d := scenarioData{Scenario: s, Chart: whole(s, t, in), CloseUp: closeUp(s, t, in), Strip: strip(s, t, in), CapacityChart: capacityChart(s, in), DriftChart: driftChart(s, in), Drifts: drifts(s, in), Series: plot(s, t, in), Plan: t.start.Plan, NoFault: t.start.NoFault,
		Listed: t.listed, Unlisted: t.unlisted, Lookups: t.lookups, Shares: t.shares(), Began: turn(s)}
	slices.SortFunc(d.Listed, func(a, b request) int { return a.Time.Compare(b.Time) })
	for _, st := range s.Streams {
		d.Due += st.Due
		d.Failed += st.Charged()
		d.Closed += st.ClosedInFlight
		d.Retried += st.Retried
		d.Outage = max(d.Outage, st.LongestOutage)
		d.Baseline = d.Baseline.Worst(st.Baseline)
		d.Whole = d.Whole.Worst(st.Whole)
	}
	for _, c := range s.Checks {
		switch c.Result {
		case verdict.Pass:
			d.Met = append(d.Met, c)
		case verdict.Skipped:
			d.Skipped = append(d.Skipped, c)
		default:
			d.NotMet = append(d.NotMet, c)
		}
	}
	for _, v := range slices.Sorted(maps.Keys(t.own)) {
		d.Agents = append(d.Agents, in.Sprintf("%s %.1f %% of one core", v, 100*t.own[v].Seconds()/float64(t.ownFor[v])))
	}
	if n := float64(len(t.cpu)); n > 0 {
		var mean record.CPU
		for _, c := range t.cpu {
			mean.Cores = c.Cores
			mean.Service += c.Service / n
			mean.Cluster += c.Cluster / n
			mean.Harness += c.Harness / n
			mean.Others += c.Others / n
		}
		d.Cores = in.Sprintf("service %.1f, cluster %.1f, harness %.1f, others %.1f of %d", mean.Service, mean.Cluster, mean.Harness, mean.Others, mean.Cores)
	}
	return d
}

// inLanguage is a template, which is made from text, in a language.
func inLanguage(english *template.Template, text string, in *lang.Lang) (*template.Template, error) {
	t, err := english.Clone()
	if err != nil || in == nil {
		return t, err
	}
	return t.Funcs(speaking(in)).Parse(in.Template(text))
}

// speaking are the functions of templates that speak a language.
func speaking(in *lang.Lang) template.FuncMap {
	return template.FuncMap{
		"say":     sayer(in),
		"bar":     func(p part) template.HTML { return p.bar(in) },
		"outcome": func(s verdict.LoadStep) string { return outcome(s, in) },
	}
}

// sayer gives a text of a verdict or a record in a language; of a string, that is one as a
// whole. What is not known there stays English, and is marked as that.
func sayer(in *lang.Lang) func(any) any {
	return func(it any) any {
		t, ok := it.(record.Text)
		if !ok {
			t = lang.Whole(fmt.Sprint(it))
		}
		text, known := in.Text(t)
		if !known {
			return template.HTML(`<span lang="en">` + template.HTMLEscapeString(text) + `</span>`)
		}
		return text
	}
}

// Since is t against moment 0 of the charts.
func (d scenarioData) Since(t time.Time) string {
	return fmt.Sprintf("%+.2f s", t.Sub(d.Began).Seconds())
}

// percent is a share, 0 to 1, in words; a dash where it is below 0, unknown.
func percent(share float64) string {
	if share < 0 {
		return "–"
	}
	return fmt.Sprintf("%.3g %%", 100*share)
}

// diffLine is a line of a change, and whether it comes, goes or stays.
type diffLine struct{ Class, Text string }

func diff(text string) (lines []diffLine) {
	for _, line := range strings.Split(text, "\n") {
		class := "stays"
		switch {
		case strings.HasPrefix(line, "+"):
			class = "comes"
		case strings.HasPrefix(line, "-"):
			class = "goes"
		}
		lines = append(lines, diffLine{class, line})
	}
	return lines
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

func lower(r verdict.Result) string { return strings.ToLower(string(r)) }

func symbol(r verdict.Result) string {
	switch r {
	case verdict.Pass:
		return "✔"
	case verdict.Fail:
		return "✘"
	case verdict.Invalid:
		return "?"
	case running:
		return "…"
	}
	return "–"
}

// classes is "15 refused, 2 reset", broken between classes only.
func classes(by map[string]int) string {
	var parts []string
	for _, c := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, words.Count(by[c])+"\u00a0"+c)
	}
	return strings.Join(parts, ", ")
}
