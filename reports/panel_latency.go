package reports

import (
	"fmt"
	"math"
	"strings"
	"time"

	"hagate/verdict/words"
)

// latency draws the median, the 99th percentile and the maximum of each bar, at least
// a second, over all streams, on a log scale.
func (c *chart) latency() panel {
	const height = 96.0
	type point struct {
		at        int64
		quantiles [3]time.Duration
	}
	var points []point
	least, most := time.Minute, time.Microsecond
	bin := max(c.bin, time.Second)
	step := int64(bin / time.Second)
	for at := c.from.Truncate(bin).Unix(); at <= c.to.Unix(); at += step {
		if l := c.tale.latency(at, at+step); l.p50 > 0 {
			points = append(points, point{at, [3]time.Duration{l.p50, l.p99, l.max}})
			least, most = min(least, l.p50), max(most, l.max)
		}
	}
	return panel{c.in.Sprintf("latency"), c.in.Sprintf("%s, log scale", c.every(bin)), height, func(top float64) {
		if len(points) == 0 {
			c.text("tick", c.left+8, top+height/2, c.in.Sprintf("no request succeeded"))
			return
		}
		low, high := math.Floor(math.Log10(least.Seconds())), math.Ceil(math.Log10(most.Seconds())+1e-9)
		y := func(d time.Duration) float64 {
			return top + height - (math.Log10(d.Seconds())-low)/(high-low)*height
		}
		for power := low; power <= high; power++ {
			d := time.Duration(math.Round(math.Pow(10, power) * 1e9))
			c.line("rowline", c.left, y(d), c.right, y(d))
			c.text("tick end", c.left-4, y(d)+4, words.Duration(d))
		}
		below := math.Inf(1) // the lowest place left for a name
		for i, name := range []string{"p50", "p99", "max"} {
			var d strings.Builder
			var last int64
			for _, p := range points {
				from, to := c.x(time.Unix(p.at, 0)), c.x(time.Unix(p.at+step, 0))
				verb := "L"
				if p.at != last+step {
					verb = "M"
				}
				fmt.Fprintf(&d, "%s%s %sH%s", verb, px(from), px(y(p.quantiles[i])), px(to))
				last = p.at
			}
			c.path("quantile "+name, d.String(), name)
			final := points[len(points)-1]
			below = min(y(final.quantiles[i])-4, below-11)
			c.text("quantilename end "+name, c.right-4, below, name)
		}
	}}
}
