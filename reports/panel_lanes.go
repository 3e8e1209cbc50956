package reports

import (
	"slices"
	"time"

	"hagate/record"
)

const (
	laneHeight = 34.0
	laneBar    = 17.0 // height of the state's bar; the endpoint's is under it
)

// pods has a lane a Pod: the states of its life and, under them, when it was a ready
// endpoint of the Service.
func (c *chart) pods() []panel {
	var panels []panel
	for _, l := range c.tale.pods {
		if !shows(c, l) {
			continue
		}
		panels = append(panels, panel{"", "", laneHeight - panelGap, func(top float64) {
			name, note := c.podName(l)
			c.laneName(top, name, note)
			lane(c, l, top, podState)
			for _, s := range c.endpointSpans(l.id) {
				c.rect("endpoint", c.x(s[0]), top+laneBar+2, c.x(s[1])-c.x(s[0]), 4, c.in.Sprintf("ready endpoint from %s to %s", c.when(s[0]), c.when(s[1])))
			}
		}})
	}
	return panels
}

// nodes has a lane for each node to which something happened.
func (c *chart) nodes() []panel {
	var panels []panel
	for _, l := range c.tale.nodes {
		if calm(l) || !shows(c, l) {
			continue
		}
		panels = append(panels, panel{"", "", laneHeight - panelGap, func(top float64) {
			c.laneName(top, l.id, c.in.Sprintf("node"))
			lane(c, l, top, nodeState)
		}})
	}
	return panels
}

// podName is the Pod's name, where it ran, and that it is none of the workload's.
func (c *chart) podName(l *life[record.Pod]) (name, note string) {
	for _, ch := range l.changes {
		if ch.to.Node != "" {
			note = c.in.Sprintf("on %s", ch.to.Node)
			if ch.to.Stray {
				note = c.in.Sprintf("on %s, not the workload's", ch.to.Node)
			}
		}
	}
	return l.changes[0].to.Name, note
}

// calm says whether nothing happened to the node.
func calm(l *life[record.Node]) bool {
	return !slices.ContainsFunc(l.changes, func(ch change[record.Node]) bool { return nodeState(ch.to) != "in service" })
}

func (c *chart) laneName(top float64, name, note string) {
	const most = 31
	if r := []rune(name); len(r) > most {
		name = "…" + string(r[len(r)-most+1:])
	}
	c.text("lanename end", c.left-12, top+10, name)
	c.text("note", c.left-12, top+22, note)
}

// shows says whether any of l lies within the chart.
func shows[T any](c *chart, l *life[T]) bool {
	first, last := l.changes[0], l.changes[len(l.changes)-1]
	gone := false
	if p, ok := any(last.to).(record.Pod); ok {
		gone = p.Gone
	}
	return !first.at.After(c.to) && !(gone && last.at.Before(c.from))
}

// lane draws the states of l one after the other.
func lane[T any](c *chart, l *life[T], top float64, state func(T) string) {
	for _, s := range stretches(c, l, state) {
		x, w := c.x(s.from), c.x(s.to)-c.x(s.from)
		c.rect("life "+stateClass[s.state], x, top, w, laneBar, c.in.Sprintf("%s from %s to %s", s.state, c.when(s.from), c.when(s.to)))
		if w > 7*float64(len(s.state))+6 {
			c.text("state "+stateClass[s.state], x+5, top+12.5, s.state)
		}
	}
}

// stretch is a time for which a state lasted.
type stretch struct {
	from, to time.Time
	state    string
}

// stretches are the states of l that lie within the chart, equal neighbours as one.
func stretches[T any](c *chart, l *life[T], state func(T) string) (all []stretch) {
	for i := 0; i < len(l.changes); {
		s := stretch{l.changes[i].at, c.to, state(l.changes[i].to)}
		for i++; i < len(l.changes) && state(l.changes[i].to) == s.state; i++ {
		}
		if i < len(l.changes) {
			s.to = l.changes[i].at
		}
		if s.state != "gone" && !s.to.Before(c.from) && !s.from.After(c.to) {
			all = append(all, s)
		}
	}
	return all
}

// stateClass is the style of each state.
var stateClass = map[string]string{
	"pending": "pending", "starting": "starting", "running, not ready": "starting", "ready": "ready", "terminating": "terminating", "ended": "terminating",
	"in service": "ready", "cordoned": "pending", "not ready": "terminating",
}

func podState(p record.Pod) string {
	switch {
	case p.Gone:
		return "gone"
	case p.Terminating != nil:
		return "terminating"
	case p.Phase == "Succeeded" || p.Phase == "Failed":
		return "ended"
	case p.Phase == "Pending":
		return "pending"
	case !p.Started:
		return "starting"
	case !p.Ready:
		return "running, not ready"
	}
	return "ready"
}

func nodeState(n record.Node) string {
	switch {
	case n.Gone:
		return "gone"
	case !n.Ready:
		return "not ready"
	case n.Unschedulable:
		return "cordoned"
	}
	return "in service"
}

// endpointSpans are the times within the chart at which the Pod uid was a ready
// endpoint.
func (c *chart) endpointSpans(uid string) [][2]time.Time {
	var spans [][2]time.Time
	for i, e := range c.tale.endpoints {
		end := c.to
		if i+1 < len(c.tale.endpoints) {
			end = c.tale.endpoints[i+1].at
		}
		in := slices.ContainsFunc(e.to.List, func(p record.Endpoint) bool { return p.UID == uid && p.Ready })
		if !in || end.Before(c.from) || e.at.After(c.to) {
			continue
		}
		if n := len(spans); n > 0 && spans[n-1][1].Equal(e.at) {
			spans[n-1][1] = end
			continue
		}
		spans = append(spans, [2]time.Time{e.at, end})
	}
	return spans
}
