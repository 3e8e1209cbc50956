package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"hagate/verdict/words"
)

// maxVersions is how many versions have a line of their own; a scenario has two or
// three.
const maxVersions = 4

// version is how many answers each second had from the Pods of one version.
type version struct {
	name string
	n    map[int64]int // by Unix second
}

// versions are those that answered, in the order in which their Pods came, or none
// where there was but one.
func (t *tale) versions() (list []version) {
	of := map[string]string{}
	for _, l := range t.pods {
		if p := l.changes[0].to; p.Version != "" {
			of[p.Name] = p.Version
			if !slices.ContainsFunc(list, func(v version) bool { return v.name == p.Version }) {
				list = append(list, version{p.Version, map[int64]int{}})
			}
		}
	}
	for second, answers := range t.answers {
		for a, n := range answers {
			if i := slices.IndexFunc(list, func(v version) bool { return v.name == of[a.pod] }); i >= 0 {
				list[i].n[second] += n
			}
		}
	}
	list = slices.DeleteFunc(list, func(v version) bool { return len(v.n) == 0 })
	if len(list) < 2 || len(list) > maxVersions {
		return nil
	}
	return list
}

// versionsPanel draws the answers of each version, each in a line of its own pattern.
func (c *chart) versionsPanel() []panel {
	list := c.tale.versions()
	if list == nil {
		return nil
	}
	const height = 70.0
	bin := max(c.bin, time.Second)
	step := int64(bin / time.Second)
	most := 1
	lines := make([][]int, len(list))
	from := c.from.Truncate(bin).Unix()
	for i, v := range list {
		for at := from; at <= c.to.Unix(); at += step {
			n := 0
			for s := at; s < at+step; s++ {
				n += v.n[s]
			}
			lines[i] = append(lines[i], n)
			most = max(most, n)
		}
	}
	return []panel{{c.in.Sprintf("versions"), c.in.Sprintf("answers %s", c.every(bin)), height, func(top float64) {
		y := func(n int) float64 { return top + height - float64(n)/float64(most)*(height-14) }
		c.line("axisline", c.left, top+height, c.right, top+height)
		c.text("tick end", c.left-4, top+height-1, "0")
		c.text("tick end", c.left-4, y(most)+4, words.Count(most))
		for i, v := range list {
			var d strings.Builder
			named := false
			for j, n := range lines[i] {
				at := from + int64(j)*step
				verb := "L"
				if j == 0 {
					verb = "M"
				}
				x := c.x(time.Unix(at, 0))
				fmt.Fprintf(&d, "%s%s %sH%s", verb, px(x), px(y(n)), px(c.x(time.Unix(at+step, 0))))
				if n > 0 && !named && j+1 < len(lines[i]) {
					named = true
					c.text(fmt.Sprintf("versionname v%d", i), math.Min(x+3, c.right-80), top+9, v.name)
				}
			}
			c.path(fmt.Sprintf("version v%d", i), d.String(), c.in.Sprintf("answers of version %s", v.name))
		}
	}}}
}

// versionSeries is the line of one version: its answers in the seconds of T.
type versionSeries struct {
	Name string `json:"name"`
	N    []int  `json:"n"`
}

// versionSeries has a point a second.
func (c *chart) versionSeries() (t []float64, lines []versionSeries) {
	list := c.tale.versions()
	for at := c.from.Unix(); len(list) > 0 && at <= c.to.Unix(); at++ {
		t = append(t, c.since(time.Unix(at, 0)))
	}
	for _, v := range list {
		line := versionSeries{Name: v.name}
		for at := c.from.Unix(); at <= c.to.Unix(); at++ {
			line.N = append(line.N, v.n[at])
		}
		lines = append(lines, line)
	}
	return t, lines
}
