package reports

import (
	"fmt"
	"strings"
	"time"

	"hagate/verdict/words"
)

// lookupSeries has a point for each second with lookups: the slowest of them in
// milliseconds, and how many failed.
type lookupSeries struct {
	T      []float64 `json:"t"`
	Max    []float64 `json:"max"`
	Failed []int     `json:"failed"`
}

// asksNames says whether every new connection looked the service's name up, so that DNS
// is part of the story.
func (c *chart) asksNames() bool { return c.tale.start.Plan.FreshNames && c.tale.lookups.N > 0 }

func (c *chart) lookupSeries() *lookupSeries {
	if !c.asksNames() {
		return nil
	}
	s := &lookupSeries{}
	for at := c.from.Unix(); at <= c.to.Unix(); at++ {
		if l, ok := c.tale.names[at]; ok {
			s.T, s.Max, s.Failed = append(s.T, c.since(time.Unix(at, 0))), append(s.Max, l.Max.Seconds()*1e3), append(s.Failed, l.Failed)
		}
	}
	return s
}

// lookupsPanel draws the slowest lookup of each second, and marks those with a lookup
// that failed.
func (c *chart) lookupsPanel() []panel {
	if !c.asksNames() {
		return nil
	}
	const height = 60.0
	most := time.Millisecond
	for at := c.from.Unix(); at <= c.to.Unix(); at++ {
		most = max(most, c.tale.names[at].Max)
	}
	return []panel{{c.in.Sprintf("name lookups"), c.in.Sprintf("slowest of a second"), height, func(top float64) {
		y := func(d time.Duration) float64 { return top + height - float64(d)/float64(most)*(height-14) }
		c.line("axisline", c.left, top+height, c.right, top+height)
		c.text("tick end", c.left-4, top+height-1, "0")
		c.text("tick end", c.left-4, y(most)+4, words.Duration(most))
		var d strings.Builder
		last := int64(0)
		for at := c.from.Unix(); at <= c.to.Unix(); at++ {
			l, ok := c.tale.names[at]
			if !ok {
				continue
			}
			verb := "L"
			if at != last+1 {
				verb = "M"
			}
			from, to := c.x(time.Unix(at, 0)), c.x(time.Unix(at+1, 0))
			fmt.Fprintf(&d, "%s%s %sH%s", verb, px(from), px(y(l.Max)), px(to))
			last = at
			if l.Failed > 0 {
				x := (from + to) / 2
				c.path("mark bad", fmt.Sprintf("M%s %sl8 8m-8 0l8 -8", px(x-4), px(top+2)), c.in.Sprintf("%d of %d lookups failed", l.Failed, l.N))
			}
		}
		c.path("quantile max", d.String(), c.in.Sprintf("slowest lookup"))
	}}}
}
