package reports

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"hagate/record"
	"hagate/verdict/words"
)

// minApart is how close two marks of one class may stand; closer ones are drawn as
// one, which says how many it is.
const minApart = 4.0

// failures has a row of marks a stream, one shape a class; no panel where none failed.
func (c *chart) failures() []panel {
	const row = 22.0
	if len(c.tale.failures) == 0 {
		return nil
	}
	streams := c.tale.start.Plan.Streams
	return []panel{{c.in.Sprintf("failed requests"), c.in.Sprintf("by stream, mark by class"), 30 + row*float64(len(streams)), func(top float64) {
		c.legend(top + 10)
		for i, st := range streams {
			y := top + 34 + row*float64(i)
			c.line("rowline", c.left, y, c.right, y)
			c.text("rowname end", c.left-12, y+4, st.Name())
			c.marks(st.Name(), y)
		}
	}}}
}

func (c *chart) marks(stream string, y float64) {
	type cell struct {
		class string
		x     float64
	}
	seen := map[cell]*failure{}
	for _, f := range c.tale.failures {
		if f.stream != stream || !c.holds(f.at) {
			continue
		}
		at := cell{f.class, math.Floor(c.x(f.at) / minApart)}
		if seen[at] == nil {
			seen[at] = &failure{at: f.at}
		}
		seen[at].n += f.n
	}
	cells := slices.SortedFunc(maps.Keys(seen), func(a, b cell) int { return cmp.Or(cmp.Compare(a.x, b.x), strings.Compare(a.class, b.class)) })
	for _, at := range cells {
		f := seen[at]
		c.path("mark "+kindOf(at.class), shape(at.class, c.x(f.at), y), fmt.Sprintf("%s: %s %s, %s", c.when(f.at), words.Count(f.n), at.class, stream))
	}
}

// legend shows each class that occurs with its count.
func (c *chart) legend(y float64) {
	counts := map[string]int{}
	for _, f := range c.tale.failures {
		if c.holds(f.at) {
			counts[f.class] += f.n
		}
	}
	x := c.left + 8
	for _, class := range slices.Sorted(maps.Keys(counts)) {
		label := fmt.Sprintf("%s %s", words.Count(counts[class]), class)
		if class == record.ClassClosed {
			label = c.in.Sprintf("%s in flight", label)
		}
		c.path("mark "+kindOf(class), shape(class, x, y-4), class)
		c.text("tick", x+9, y, label)
		x += 28 + 6.5*float64(len(label))
	}
}

// kindOf says whose failures of class are, for the colour.
func kindOf(class string) string {
	switch class {
	case record.ClassClosed:
		return "lenient"
	case record.ClassClient:
		return "own"
	}
	return "bad"
}

// shape is the outline of a mark at x, y: never colour alone tells classes apart.
func shape(class string, x, y float64) string {
	at := func(format string, d ...float64) string {
		args := make([]any, len(d))
		for i := range d {
			args[i] = px(d[i] + []float64{x, y}[i%2])
		}
		return fmt.Sprintf(format, args...)
	}
	switch class {
	case record.ClassRefused:
		return at("M%s %sL%s %sM%s %sL%s %s", -4, -4, 4, 4, -4, 4, 4, -4)
	case record.ClassReset:
		return at("M%s %sL%s %sL%s %sL%s %sZ", 0, -5, 5, 0, 0, 5, -5, 0)
	case record.ClassTimeout:
		return at("M%s %sh8v8h-8Z", -4, -4)
	case record.ClassClosed:
		return at("M%s %sL%s %s", 0, -6, 0, 6)
	case record.ClassStatus4, record.ClassStatus5:
		return at("M%s %sL%s %sL%s %sZ", 0, -5, 5, 4, -5, 4)
	}
	return at("M%s %sL%s %sM%s %sL%s %s", 0, -5, 0, 5, -5, 0, 5, 0)
}
