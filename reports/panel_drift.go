package reports

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"time"

	"hagate/reports/lang"
	"hagate/verdict"
	"hagate/verdict/words"
)

// drifts are a scenario's streams that were looked at for one, as rows of a table.
func drifts(s verdict.Scenario, in *lang.Lang) (rows []driftRow) {
	for i, st := range s.Streams {
		if d := st.Drift; d != nil {
			rows = append(rows, driftRow{st.Name, i, d, relative(d.P50, in), relative(d.P99, in), points(d.Failed, in)})
		}
	}
	return rows
}

// driftRow is a stream, its place among them, and its trends in words.
type driftRow struct {
	Name             string
	Index            int
	Drift            *verdict.Drift
	P50, P99, Failed string
}

// Level is a trend's in words.
func (d driftRow) Level(t verdict.Trend) string {
	return words.Duration(time.Duration(t.Level * 1e9))
}

// Drifting says whether anything of any stream drifts.
func (d scenarioData) Drifting() bool {
	return slices.ContainsFunc(d.Drifts, func(r driftRow) bool { return r.Drift.P50.Drifts || r.Drift.P99.Drifts || r.Drift.Failed.Drifts })
}

// relative is a trend in shares of its level.
func relative(t verdict.Trend, in *lang.Lang) string {
	if t.Level == 0 {
		return "–"
	}
	of := func(v float64) float64 { return 100 * v / t.Level }
	if t.Drifts {
		return in.Sprintf("drifts by %s %%/h (95 %% CI %s to %s)", signed(of(t.PerHour)), signed(of(t.Low)), signed(of(t.High)))
	}
	return in.Sprintf("no drift within ±%s %%/h", unsigned(max(math.Abs(of(t.Low)), math.Abs(of(t.High)))))
}

// points is a trend of a share, in percentage points.
func points(t verdict.Trend, in *lang.Lang) string {
	if t.Drifts {
		return in.Sprintf("drifts by %s points/h (95 %% CI %s to %s)", signed(100*t.PerHour), signed(100*t.Low), signed(100*t.High))
	}
	return in.Sprintf("no drift within ±%s points/h", unsigned(100*max(math.Abs(t.Low), math.Abs(t.High))))
}

func signed(v float64) string {
	if v < 0 {
		return "−" + unsigned(-v)
	}
	return "+" + unsigned(v)
}

// unsigned is v to two digits or to a whole number.
func unsigned(v float64) string {
	switch {
	case v >= 10:
		return words.Count(int(math.Round(v)))
	case v == 0:
		return "0"
	}
	return fmt.Sprintf("%.2g", v)
}

// driftChart draws the blocks of each stream, and the slope that they have.
func driftChart(s verdict.Scenario, in *lang.Lang) template.HTML {
	rows := drifts(s, in)
	if len(rows) == 0 {
		return ""
	}
	type figure struct {
		name  string
		title func(stream string) string
		of    func(verdict.Block) float64
		trend func(*verdict.Drift) verdict.Trend
		say   func(float64) string
	}
	latency := func(v float64) string { return words.Duration(time.Duration(v * 1e9)) }
	figures := []figure{
		{"p99", func(stream string) string { return in.Sprintf("p99 of %s", stream) }, func(b verdict.Block) float64 { return b.P99.Seconds() }, func(d *verdict.Drift) verdict.Trend { return d.P99 }, latency},
		{"p50", func(stream string) string { return in.Sprintf("p50 of %s", stream) }, func(b verdict.Block) float64 { return b.P50.Seconds() }, func(d *verdict.Drift) verdict.Trend { return d.P50 }, latency},
	}
	if slices.ContainsFunc(rows, func(r driftRow) bool {
		return slices.ContainsFunc(r.Drift.Blocks, func(b verdict.Block) bool { return b.Failed > 0 })
	}) {
		figures = append(figures, figure{in.Sprintf("failed"), func(stream string) string { return in.Sprintf("failed of %s", stream) }, func(b verdict.Block) float64 { return b.Failed }, func(d *verdict.Drift) verdict.Trend { return d.Failed },
			func(v float64) string { return fmt.Sprintf("%.3g %%", 100*v) }})
	}
	const head, height = 26.0, 110.0
	p := &plane{left: chartLeft, right: chartRight}
	block := rows[0].Drift.Block
	length := block.Minutes() * float64(len(rows[0].Drift.Blocks))
	p.x = scale{high: length}
	x := p.left
	for _, r := range rows {
		p.svg.line(fmt.Sprintf("version v%d", r.Index), x, 8, x+22, 8)
		p.text("tick", x+28, 12, r.Name)
		x += 160
	}
	bottom := head
	for _, f := range figures {
		p.top, p.bottom = bottom, bottom+height
		bottom = p.bottom + panelGap
		p.y.low, p.y.high = math.Inf(1), 0
		for _, r := range rows {
			for _, b := range r.Drift.Blocks {
				p.y.low, p.y.high = min(p.y.low, f.of(b)), max(p.y.high, f.of(b))
			}
		}
		p.text("name", p.left-nameGap, p.top+12, f.name)
		p.text("note", p.left-nameGap, p.top+25, in.Sprintf("every %s", words.Duration(block)))
		for _, edge := range []float64{p.y.low, p.y.high} {
			p.line("rowline", p.left, p.py(edge), p.right, p.py(edge))
			p.text("tick end", p.left-4, p.py(edge)+4, f.say(edge))
		}
		for _, r := range rows {
			var at, values []float64
			for i, b := range r.Drift.Blocks {
				at, values = append(at, block.Minutes()*(float64(i)+0.5)), append(values, f.of(b))
			}
			p.curve(fmt.Sprintf("version v%d", r.Index), at, values, f.title(r.Name))
			t := f.trend(r.Drift)
			half := t.PerHour * length / 60 / 2
			p.curve(fmt.Sprintf("slope v%d", r.Index), []float64{0, length}, []float64{t.Level - half, t.Level + half}, in.Sprintf("slope of %s", r.Name))
		}
	}
	for step, minute := niceStep(length/12), 0.0; minute <= length*1.0001; minute += step {
		p.line("grid", p.px(minute), head, p.px(minute), bottom-panelGap)
		p.text("tick middle", p.px(minute), bottom-2, fmt.Sprintf("%g", math.Round(minute*100)/100))
	}
	p.text("name", p.left-nameGap, bottom-2, in.Sprintf("minutes"))
	return p.image(chartWidth, bottom+8, in.Sprintf("Drift of the streams of %s over time", s.Name))
}
