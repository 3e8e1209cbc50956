package reports

import (
	"fmt"
	"math"
	"time"

	"hagate/verdict/words"
)

// requests is a stack of bars: succeeded below, failed above.
func (c *chart) requests() panel {
	const height = 96.0
	type bar struct {
		at         time.Time
		ok, failed int
	}
	var bars []bar
	most := 0
	for at := c.from.Truncate(c.bin); at.Before(c.to); at = at.Add(c.bin) {
		b := bar{at: at}
		if b.ok, b.failed = c.tale.sum(at, at.Add(c.bin)); b.ok+b.failed > 0 {
			bars = append(bars, b)
			most = max(most, b.ok+b.failed)
		}
	}
	return panel{c.in.Sprintf("requests"), c.every(c.bin), height, func(top float64) {
		scale := height / math.Max(1, float64(most))
		for _, b := range bars {
			x := c.x(b.at)
			w := c.x(b.at.Add(c.bin)) - x
			gap := math.Min(1, w/5)
			ok, failed := float64(b.ok)*scale, float64(b.failed)*scale
			if b.failed > 0 {
				failed = math.Max(failed, 2)
			}
			title := c.in.Sprintf("%s: %d succeeded, %d failed", c.when(b.at), b.ok, b.failed)
			c.rect("ok", x, top+height-ok, w-gap, ok, title)
			c.rect("failed", x, top+height-ok-failed, w-gap, failed, title)
		}
		c.line("axisline", c.left, top+height, c.right, top+height)
		c.text("tick end", c.left-4, top+height-1, "0")
		c.text("tick end", c.left-4, top+8, words.Count(most))
	}}
}

// every names the length of a bar.
func (c *chart) every(bin time.Duration) string {
	if bin == time.Second {
		return c.in.Sprintf("a second")
	}
	return c.in.Sprintf("every %s", words.Duration(bin))
}

// when is t against the chart's zero, and by the clock.
func (c *chart) when(t time.Time) string {
	return fmt.Sprintf("%+.2f s (%s UTC)", t.Sub(c.zero).Seconds(), t.UTC().Format("15:04:05.00"))
}
