package reports

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"hagate/reports/lang"
	"hagate/verdict"
	"hagate/verdict/words"
)

// plane is a chart that has no time axis: x and y each on a log or a linear scale.
type plane struct {
	svg
	left, right, top, bottom float64
	x, y                     scale
}

// scale maps values from low to high onto 0 to 1.
type scale struct {
	low, high float64
	log       bool
}

func (s scale) at(v float64) float64 {
	low, high := s.low, s.high
	if s.log {
		v, low, high = math.Log(v), math.Log(low), math.Log(high)
	}
	if high <= low {
		return 0.5
	}
	return min(1, max(0, (v-low)/(high-low)))
}

func (p *plane) px(v float64) float64 { return p.left + p.x.at(v)*(p.right-p.left) }
func (p *plane) py(v float64) float64 { return p.bottom - p.y.at(v)*(p.bottom-p.top) }

// curve joins points in the order of xs.
func (p *plane) curve(class string, xs, ys []float64, title string) {
	var d strings.Builder
	for i := range xs {
		verb := "L"
		if i == 0 {
			verb = "M"
		}
		fmt.Fprintf(&d, "%s%s %s", verb, px(p.px(xs[i])), px(p.py(ys[i])))
	}
	p.path(class, d.String(), title)
}

// decades are the powers of ten that span low to high, up to the minute beyond which no
// latency is told apart.
func decades(low, high time.Duration) scale {
	return scale{math.Pow(10, math.Floor(math.Log10(low.Seconds()))), min(time.Minute.Seconds(), math.Pow(10, math.Ceil(math.Log10(high.Seconds())+1e-9))), true}
}

// capacityChart draws what each step of a raised load came to, against its rate: latency
// above, the share that failed below, and the knee across both.
func capacityChart(s verdict.Scenario, in *lang.Lang) template.HTML {
	c := s.Capacity
	if c == nil || len(c.Steps) == 0 {
		return ""
	}
	const top, latencyHeight, gap, failedHeight = 44.0, 190.0, 30.0, 70.0
	const bottom = top + latencyHeight + gap + failedHeight
	streams := float64(c.Streams)
	first, last := float64(c.Steps[0].Rate)*streams, float64(c.Steps[len(c.Steps)-1].Rate)*streams
	p := &plane{left: chartLeft, right: chartRight, top: top, bottom: top + latencyHeight, x: scale{first / 1.2, last * 1.2, true}}

	var rates []float64
	quantile := map[string][]float64{}
	least, most, share := time.Minute, time.Microsecond, 0.0
	for _, step := range c.Steps {
		rates = append(rates, float64(step.Rate)*streams)
		l := step.Latency
		for name, d := range map[string]time.Duration{"p50": l.P50, "p99": l.P99, "p999": l.P999} {
			quantile[name] = append(quantile[name], max(time.Microsecond, d).Seconds())
		}
		if l.P50 > 0 {
			least, most = min(least, l.P50), max(most, l.P999)
		}
		share = max(share, step.Share())
	}
	p.y = decades(least, max(least, most))

	knee := float64(c.Knee) * streams
	if c.Knee > 0 {
		p.rect("band settled", p.left, top, p.px(knee)-p.left, bottom-top, "")
	}
	p.text("name", p.left-nameGap, top+12, in.Sprintf("latency"))
	p.text("note", p.left-nameGap, top+25, in.Sprintf("worst stream, log scale"))
	for power := p.y.low; power <= p.y.high*1.001; power *= 10 {
		p.line("rowline", p.left, p.py(power), p.right, p.py(power))
		p.text("tick end", p.left-4, p.py(power)+4, words.Duration(time.Duration(math.Round(power*1e9))))
	}
	for _, name := range []string{"p50", "p99", "p999"} {
		label := strings.Replace(name, "p999", "p99.9", 1)
		p.curve("quantile "+name, rates, quantile[name], label)
		for i, r := range rates {
			d := time.Duration(quantile[name][i] * 1e9)
			p.rect("dot "+name, p.px(r)-3, p.py(quantile[name][i])-3, 6, 6, in.Sprintf("%s at %s requests/s: %s", label, words.Count(int(r)), words.Duration(d)))
		}
	}
	p.names(quantile, rates)

	p.top, p.bottom, p.y = bottom-failedHeight, bottom, scale{high: max(share, 0.01)}
	p.text("name", p.left-nameGap, p.top+12, in.Sprintf("failed"))
	p.text("note", p.left-nameGap, p.top+25, in.Sprintf("share of all requests"))
	p.text("tick end", p.left-4, p.bottom-1, "0")
	p.text("tick end", p.left-4, p.top+8, fmt.Sprintf("%.3g %%", 100*p.y.high))
	p.line("axisline", p.left, p.bottom, p.right, p.bottom)
	for i, step := range c.Steps {
		x, v := p.px(rates[i]), step.Share()
		if step.Failed > 0 {
			y := min(p.py(v), p.bottom-2)
			p.rect("failed", x-9, y, 18, p.bottom-y, in.Sprintf("%s of %s failed at %s requests/s", words.Count(step.Failed), words.Count(step.Due), words.Count(int(rates[i]))))
		}
		p.line("grid", x, top, x, bottom)
		p.text("tick middle", x, bottom+14, words.Count(int(rates[i])))
	}
	p.text("name", p.left-nameGap, bottom+14, in.Sprintf("requests/s"))
	p.text("note", p.left-nameGap, bottom+27, in.Sprintf("all streams, log scale"))

	if promised := float64(c.Promised) * streams; promised >= p.x.low && promised <= p.x.high {
		p.line("promised", p.px(promised), top-6, p.px(promised), bottom)
		p.text("promisedname middle", p.px(promised), top-10, in.Sprintf("promised"))
	}
	if end := c.Steps[len(c.Steps)-1]; end.EndedBy != "" {
		p.text("endname middle", p.px(last), p.top-8, outcome(end, in))
	}
	if c.Knee > 0 {
		p.line("knee", p.px(knee), top-6, p.px(knee), bottom) // under the name of what was promised
		label := in.Sprintf("knee: %s/s", words.Count(int(knee)))
		if c.AtLeast {
			label = in.Sprintf("at least %s/s", words.Count(int(knee)))
		}
		p.text("kneename middle", p.px(knee), top-24, label)
	}
	return p.image(chartWidth, bottom+34, in.Sprintf("Sustained load of %s during the load ramp", s.Name))
}

// names puts each quantile's name at the end of its line, none on another.
func (p *plane) names(quantile map[string][]float64, rates []float64) {
	last := len(rates) - 1
	below := math.Inf(1)
	for _, name := range []string{"p50", "p99", "p999"} {
		below = min(p.py(quantile[name][last])+4, below-12)
		p.text("quantilename "+name, p.px(rates[last])+8, below, strings.Replace(name, "p999", "p99.9", 1))
	}
}

// outcome is what became of a step, for the table.
func outcome(step verdict.LoadStep, in *lang.Lang) string {
	switch step.EndedBy {
	case verdict.EndedByFailures:
		return in.Sprintf("requests failed")
	case verdict.EndedByLatency:
		return in.Sprintf("p99 too high")
	case verdict.EndedByClient:
		return in.Sprintf("client-side limit")
	}
	return in.Sprintf("sustained")
}
