package cases

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"strings"
)

// Between these the matrix stands in its document.
const (
	Begin = "<!-- the matrix: make trust-report -->\n"
	End   = "<!-- end of the matrix -->\n"
)

// Markdown is the matrix as tables.
func (m Matrix) Markdown() string {
	var b strings.Builder
	all, sound, cells, played := m.Count()
	fmt.Fprintf(&b, "%d services, %d of them sound; of %d scenarios with a known verdict %d were played.\n\n", all, sound, cells, played)
	b.WriteString("| | runs | share | 95 % between | goal |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range m.Totals() {
		fmt.Fprintf(&b, "| %s | %d of %d | %s | %s | %s |\n", s.Of, s.K, s.N, s.Percent(), s.Bounds(), s.Goal)
	}
	b.WriteString("\n| case | scenario | right verdict | right | wrong | abstained | cause named | right, 95 % between | busy: right, wrong, abstained | commit |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, c := range m.Cells {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", c.Case.Name, c.Title(), c.Right(),
			c.count(c.Quiet.Right), c.count(c.Quiet.Wrong), c.count(c.Quiet.Abstained), c.Named(), c.Bounds(), c.OnBusy(), c.Commit)
	}
	if amiss := m.Amiss(); len(amiss) > 0 {
		b.WriteString("\nWhat was not right, or had another cause:\n\n| case | scenario | verdict | wanted | cause said | reason | when | commit |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
		for _, a := range amiss {
			fmt.Fprintf(&b, "| %s | %s | %s%s | %s | %s | %s | %s | %s |\n", a.Cell.Case.Name, a.Cell.Title(), a.Run.Verdict, busy(a.Run), a.Cell.Right(), a.Run.Cause, inCell(a.Run.Reason), a.When(), a.Run.Commit)
		}
	}
	return b.String()
}

// Amiss are the runs that were not right, or had another cause, with their cells.
func (m Matrix) Amiss() (all []Amiss) {
	for _, c := range m.Cells {
		for _, r := range c.Amiss {
			all = append(all, Amiss{c, r})
		}
	}
	return all
}

// Amiss is a run that was not right, or had another cause.
type Amiss struct {
	Cell Cell
	Run  Run
}

// When is the time at which the run began, in UTC.
func (a Amiss) When() string { return a.Run.Started.UTC().Format("2006-01-02 15:04") }

func busy(r Run) string {
	if r.Busy {
		return " (busy)"
	}
	return ""
}

// inCell is text on one line, without what would end a table's cell.
func inCell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", "\\|")
}

// Percent is the share that was seen.
func (s Share) Percent() string {
	if s.N == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(s.K)/float64(s.N))
}

// Bounds are the two ends of the interval.
func (s Share) Bounds() string {
	if s.N == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f and %.1f %%", 100*s.Low, 100*s.High)
}

// Title is the scenario, or what stands in for it.
func (c Cell) Title() string {
	if c.Scenario == "" {
		return "(before a cluster)"
	}
	return c.Scenario
}

// Right is the right verdict and its cause.
func (c Cell) Right() string {
	want := c.Want()
	if len(want.Cause) == 0 {
		return string(want.Verdict)
	}
	return string(want.Verdict) + ": " + strings.Join(want.Cause, " or ")
}

// Bounds are those of the share that was right.
func (c Cell) Bounds() string { return share("", c.Quiet.Right, c.Quiet.Runs, "").Bounds() }

// Named is how often the cause was named rightly.
func (c Cell) Named() string {
	if c.Quiet.Asked == 0 {
		return "–"
	}
	return fmt.Sprintf("%d of %d", c.Quiet.Named, c.Quiet.Asked)
}

// OnBusy counts the runs on a machine made busy.
func (c Cell) OnBusy() string {
	if c.Busy.Runs == 0 {
		return "–"
	}
	return fmt.Sprintf("%d, %d, %d", c.Busy.Right, c.Busy.Wrong, c.Busy.Abstained)
}

// State is the badge of the cell: right, wrong, abstained, or not played.
func (c Cell) State() string {
	switch runs := c.Quiet.plus(c.Busy); {
	case runs.Runs == 0:
		return "skipped"
	case runs.Wrong > 0:
		return "fail"
	case c.Quiet.Abstained > 0:
		return "invalid"
	}
	return "pass"
}

func (c Cell) count(n int) string {
	if c.Quiet.Runs == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

//go:embed matrix.html.tmpl
var pageText string

var pageTemplate = template.Must(template.New("matrix").Funcs(template.FuncMap{
	"symbol": func(state string) string {
		return map[string]string{"pass": "✓", "fail": "✗", "invalid": "?", "skipped": "–"}[state]
	},
	"busy": busy,
}).Parse(pageText))

// Page is the matrix as one HTML file, in the report's style.
func (m Matrix) Page(style template.CSS) ([]byte, error) {
	data := struct {
		Matrix
		Style                     template.CSS
		All, Sound, Total, Played int
	}{Matrix: m, Style: style}
	data.All, data.Sound, data.Total, data.Played = m.Count()
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("writing the matrix as a page: %w", err)
	}
	return out.Bytes(), nil
}

// Keep writes text between Begin and End of file.
func Keep(file, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("writing the matrix into its document: %w", err)
	}
	head, rest, begins := strings.Cut(string(old), Begin)
	_, tail, ends := strings.Cut(rest, End)
	if !begins || !ends {
		return fmt.Errorf("writing the matrix: %s has no lines %q and %q: put them back", file, strings.TrimSpace(Begin), strings.TrimSpace(End))
	}
	return os.WriteFile(file, []byte(head+Begin+text+End+tail), 0o644)
}
