package reports

import (
	"html/template"
	"slices"
	"time"

	"hagate/record"
	"hagate/reports/lang"
	"hagate/verdict"
)

const (
	chartWidth = 1180.0
	chartLeft  = 220.0 // of the panels; their names stand left of it
	chartRight = 1168.0
	panelGap   = 18.0
	nameGap    = 58.0 // between a panel and its name, for the scale
)

// chart is one scenario between two moments: every panel on one time axis.
type chart struct {
	svg
	axis
	tale *tale
	s    verdict.Scenario
	in   *lang.Lang
	bin  time.Duration // width of a bar: whole slots, a divisor or a multiple of a second
}

// panel is one strip of a chart; draw gets its top edge.
type panel struct {
	name, note string
	height     float64
	draw       func(top float64)
}

// whole draws the scenario from its beginning to its end.
func whole(s verdict.Scenario, t *tale, in *lang.Lang) template.HTML {
	from, to := s.Started, s.Ended
	const bars = 600 // at most
	bin := (to.Sub(from) / bars).Truncate(time.Second) + time.Second
	return draw(s, t, in, from, to, bin, in.Sprintf("The whole scenario %s", s.Name))
}

// closeUp draws the seconds around the failures, or nothing where there were none.
func closeUp(s verdict.Scenario, t *tale, in *lang.Lang) template.HTML {
	from, to, ok := around(s, t)
	if !ok {
		return ""
	}
	return draw(s, t, in, from, to, 50*time.Millisecond, in.Sprintf("The seconds around the failures of %s", s.Name))
}

// around is the time around the failures from the fault on; false where there were none.
func around(s verdict.Scenario, t *tale) (from, to time.Time, ok bool) {
	const most = 8 * time.Second
	turn := turn(s)
	var first, last time.Time
	for _, f := range t.failures {
		if turn.IsZero() || f.at.Before(turn.Add(-time.Second)) {
			continue
		}
		if first.IsZero() || f.at.Before(first) {
			first = f.at
		}
		if f.at.After(last) {
			last = f.at
		}
	}
	if first.IsZero() {
		return from, to, false
	}
	from = turn.Add(-time.Second / 2)
	if first.Before(from) || first.Sub(from) > most/2 {
		from = first.Add(-time.Second / 2)
	}
	to = last.Add(time.Second)
	if to.Sub(from) > most {
		to = from.Add(most)
	}
	return from, to, true
}

// turn is when the fault went in or, without one, when the scenario settled.
func turn(s verdict.Scenario) time.Time {
	var settled time.Time
	for _, p := range s.Phases {
		switch p.Name {
		case record.FaultIn, record.StepUp:
			return p.Time
		case record.Settled:
			settled = p.Time
		}
	}
	return settled
}

func newChart(s verdict.Scenario, t *tale, in *lang.Lang, from, to time.Time, bin time.Duration) *chart {
	zero := turn(s)
	if zero.IsZero() {
		zero = from
	}
	return &chart{axis: axis{from: from, to: to, zero: zero, left: chartLeft, right: chartRight}, tale: t, s: s, in: in, bin: bin}
}

func draw(s verdict.Scenario, t *tale, in *lang.Lang, from, to time.Time, bin time.Duration, name string) template.HTML {
	c := newChart(s, t, in, from, to, bin)
	panels := slices.Concat([]panel{c.requests()}, c.failures(), []panel{c.latency()}, c.lookupsPanel(), c.versionsPanel(), []panel{c.replicas()}, c.pods(), c.nodes())
	const head = 44.0
	bottom := head
	for _, p := range panels {
		bottom += p.height + panelGap
	}
	bottom += panelGap / 2
	c.bands(head, bottom)
	c.timeAxis(head, bottom)
	top := head + panelGap/2
	for _, p := range panels {
		c.text("name", chartLeft-nameGap, top+12, p.name)
		c.text("note", chartLeft-nameGap, top+25, p.note)
		p.draw(top)
		top += p.height + panelGap
	}
	c.faultLines(head, bottom)
	return c.image(chartWidth, bottom+34, name)
}

// bands tints the phases and names them above.
func (c *chart) bands(top, bottom float64) {
	for i, p := range c.s.Phases {
		end := c.to
		if i+1 < len(c.s.Phases) {
			end = c.s.Phases[i+1].Time
		}
		if p.Name == record.Done || !end.After(c.from) || !p.Time.Before(c.to) {
			continue
		}
		x, w := c.x(p.Time), c.x(end)-c.x(p.Time)
		c.rect("band "+p.Name, x, top, w, bottom-top, "")
		if w > 44 {
			c.text("phase", x+6, top-5, p.Name)
		}
	}
}

func (c *chart) timeAxis(top, bottom float64) {
	at, labels := c.ticks()
	for i, t := range at {
		c.line("grid", c.x(t), top, c.x(t), bottom)
		c.text("tick middle", c.x(t), bottom+14, labels[i])
	}
	c.text("name", chartLeft-nameGap, bottom+14, c.in.Sprintf("time"))
	c.text("tick", chartLeft, bottom+29, c.in.Sprintf("0 is %s UTC; this chart begins at %s", c.zero.UTC().Format("2006-01-02 15:04:05.000"), c.from.UTC().Format("15:04:05.000")))
}

// faultLines marks the steps of the fault across all panels, named above.
func (c *chart) faultLines(top, bottom float64) {
	free := c.left // left edge of the room for the next name
	for _, f := range c.s.Faults {
		if !c.holds(f.Time) {
			continue
		}
		x := c.x(f.Time)
		c.line("fault", x, top-16, x, bottom)
		label := "▼ " + f.State
		if f.State == record.Injecting {
			label = "▼ " + f.Name
		}
		if x >= free {
			c.text("faultname", x-4, top-20, label)
			free = x + 8*float64(len([]rune(label)))
		}
	}
}

// strip is the whole scenario in a line: what failed over what was sent, and the fault.
func strip(s verdict.Scenario, t *tale, in *lang.Lang) template.HTML {
	const width, height, bars = 96.0, 14.0, 48
	c := newChart(s, t, in, s.Started, s.Ended, max(time.Second/record.SlotsPerSecond, (s.Ended.Sub(s.Started)/bars).Truncate(time.Second/record.SlotsPerSecond)))
	c.left, c.right = 0, width
	c.rect("stripback", 0, 0, width, height, "")
	for at := c.from.Truncate(c.bin); at.Before(c.to); at = at.Add(c.bin) {
		ok, failed := t.sum(at, at.Add(c.bin))
		if ok+failed == 0 {
			continue
		}
		x, w := c.x(at), c.x(at.Add(c.bin))-c.x(at)
		c.rect("ok", x, 4, w, height-4, "")
		if failed > 0 {
			h := max(3, (height-4)*float64(failed)/float64(ok+failed))
			c.rect("failed", x, height-h, w, h, "")
		}
	}
	for _, p := range s.Phases {
		if p.Name == record.FaultIn {
			c.line("fault", c.x(p.Time), 0, c.x(p.Time), height)
		}
	}
	return c.image(width, height, in.Sprintf("When requests of %s failed", s.Name))
}
