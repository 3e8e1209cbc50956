package reports

import (
	"fmt"
	"math"
	"strings"
	"time"

	"hagate/record"
)

// replicas draws the ready endpoints and the workload's ready replicas as steps,
// with the floor that was promised.
func (c *chart) replicas() panel {
	const height = 64.0
	most := c.s.Replicas
	for _, e := range c.tale.endpoints {
		most = max(most, c.tale.ready(e.to))
	}
	return panel{c.in.Sprintf("ready endpoints"), c.in.Sprintf("behind the Service"), height, func(top float64) {
		y := func(n int) float64 { return top + height - float64(n)/math.Max(1, float64(most))*(height-10) }
		for n := range most + 1 {
			if most <= 10 || n == most || n == 0 {
				c.text("tick end", c.left-4, y(n)+4, fmt.Sprint(n))
				c.line("rowline", c.left, y(n), c.right, y(n))
			}
		}
		c.line("floor", c.left, y(c.s.SLO.MinReady), c.right, y(c.s.SLO.MinReady))
		c.text("floorname", c.right-4, y(c.s.SLO.MinReady)-4, c.in.Sprintf("promised: never fewer than %d", c.s.SLO.MinReady))
		workload := func(w record.Workload) int { return w.Ready }
		c.path("workload", steps(c, c.tale.workloads, workload, y), c.in.Sprintf("ready replicas of the workload"))
		c.path("endpoints", steps(c, c.tale.endpoints, c.tale.ready, y), c.in.Sprintf("ready endpoints"))
	}}
}

// steps is a line that changes at once and stays until the next change.
func steps[T any](c *chart, changes []change[T], value func(T) int, y func(int) float64) string {
	var d strings.Builder
	end := func(i int) time.Time {
		if i+1 < len(changes) {
			return changes[i+1].at
		}
		return c.to
	}
	for i, ch := range changes {
		if end(i).Before(c.from) || ch.at.After(c.to) {
			continue
		}
		verb := "L"
		if d.Len() == 0 {
			verb = "M"
		}
		at := y(value(ch.to))
		fmt.Fprintf(&d, "%s%s %sH%s", verb, px(c.x(ch.at)), px(at), px(c.x(end(i))))
	}
	return d.String()
}
