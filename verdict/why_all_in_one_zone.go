package verdict

import (
	"slices"
	"strings"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// allInOneZone: all Pods stood on one node, or on the nodes of one zone, and the fault took
// it; or nothing was done, and it was looked for.
//
// For it: where the ready endpoints were right before the fault, and failures until a Pod
// elsewhere was ready. Against it: the fault evicts, and a budget keeps evictions from
// taking all Pods at once. A single Pod is nobody-left.
func allInOneZone(f *facts, b burst, d *Diagnosis) bool {
	h, turn, taken := f.homeTaken(b)
	switch low := f.readyLow(); {
	case !h.one(), b.whole() && f.stuck(), !b.whole() && !taken:
		return false
	case !b.whole():
		back := f.readyElsewhere(h, turn)
		if n := b.when(span{turn, back}.near(2 * OutageGap)); 2*n > b.n() {
			d.pro(shows, record.Say("%s were due while no Pod elsewhere was ready, for %s from the fault on", share(n, b.n()), words.Duration(back.Sub(turn))))
		} else {
			d.con(shows, record.Say("only %s were due while no Pod elsewhere was ready", share(n, b.n())))
		}
	case taken && low < f.start.SLO.MinReady:
		d.pro(suggests, record.Say("at the worst moment %d of %d endpoints were ready", low, f.start.Replicas))
	case len(f.rounds) == 0 && !f.foundThere(h).IsZero():
		d.pro(suggests, record.Say("their placement was checked: %s", f.foundThere(h)))
	default:
		return false
	}
	key := "kubernetes.io/hostname"
	d.say(record.Say("All Pods run on one node, a single point of failure."), record.Say("Spread the Pods over nodes with a topologySpreadConstraint or an anti-affinity."))
	if len(h.nodes) == 1 {
		d.pro(shows, record.Say("all %d Pods ran on node %s", h.pods, h.nodes[0]))
	} else {
		key = "topology.kubernetes.io/zone"
		d.say(record.Say("All Pods run in one zone, a single point of failure."), record.Say("Spread the Pods over zones with a topologySpreadConstraint or an anti-affinity."))
		d.pro(shows, record.Say("all %d Pods ran in zone %s, on %s", h.pods, h.zone, once(h.nodes)))
	}
	t := f.template()
	if bound(t) {
		d.pro(allows, record.Say("the template has a node selector or a required node affinity, which may allow no node elsewhere: it has to be widened then"))
	}
	if f.effect().Evicts {
		d.con(shows, record.Say("the fault evicts, and a PodDisruptionBudget keeps evictions from taking all Pods at once"))
	}
	how := "ScheduleAnyway"
	if t.Spread {
		how = "DoNotSchedule"
		d.pro(0, record.Say("the template has a topologySpreadConstraint or an anti-affinity, which did not keep them apart"))
	} else if len(t.Containers) > 0 {
		d.pro(allows, record.Say("the template has no topologySpreadConstraint and no anti-affinity"))
	}
	d.change("workload", " spec:", "   template:", "     spec:",
		"+      topologySpreadConstraints:",
		"+      - topologyKey: "+key,
		"+        maxSkew: 1",
		"+        whenUnsatisfiable: "+how,
		"+        nodeTaintsPolicy: Honor",
		"+        labelSelector: {matchLabels: …}")
	return true
}

// bound says whether the template may leave its Pods to the nodes of one place. What every
// node of a kind has, such as its operating system, does not.
func bound(t record.Template) bool {
	for key := range t.NodeSelector {
		if key != "kubernetes.io/os" && key != "kubernetes.io/arch" {
			return true
		}
	}
	return t.NodeAffinity
}

// home is where all ready Pods are that clients are sent to.
type home struct {
	pods  int
	nodes []string // sorted
	zone  string   // of all of them; none where that is not known
}

// one says whether it is one place to more than one Pod.
func (h home) one() bool { return h.pods > 1 && (len(h.nodes) == 1 || h.zone != "") }

func (f *facts) home(at time.Time) (h home) {
	zones := map[string]string{}
	for _, n := range f.nodes {
		zones[n.it.Name] = n.it.Zone
	}
	for _, e := range f.endpointsAt(at).List {
		if !e.Ready {
			continue
		}
		if h.pods++; h.pods == 1 {
			h.zone = zones[e.Node]
		} else if h.zone != zones[e.Node] {
			h.zone = ""
		}
		h.nodes = append(h.nodes, e.Node)
	}
	slices.Sort(h.nodes)
	h.nodes = slices.Compact(h.nodes)
	return h
}

// homeTaken is where the Pods were as the last fault before the end of b went in, when that
// was, and whether it was one place, of which the fault took every node.
func (f *facts) homeTaken(b burst) (h home, turn time.Time, taken bool) {
	turn = f.turn
	var nodes []string
	for _, r := range f.rounds {
		if !r.turn.After(b.to) {
			turn, nodes = r.turn, r.nodes
		}
	}
	h = f.home(turn)
	return h, turn, h.one() && !slices.ContainsFunc(h.nodes, func(n string) bool { return !slices.Contains(nodes, n) })
}

// foundThere is what a scenario found that looks at where the Pods are, and was not right;
// else nothing.
func (f *facts) foundThere(h home) record.Text {
	for _, found := range f.findings {
		if !found.Met() && slices.ContainsFunc(h.nodes, func(n string) bool { return strings.Contains(found.Got.String(), n) }) {
			return found.Got
		}
	}
	return record.Text{}
}

// readyElsewhere is when a Pod outside of h was first ready after a time; the end where none
// was.
func (f *facts) readyElsewhere(h home, after time.Time) time.Time {
	for _, e := range f.endpoints {
		if e.at.After(after) && slices.ContainsFunc(f.own(e.it).List, func(p record.Endpoint) bool { return p.Ready && !slices.Contains(h.nodes, p.Node) }) {
			return e.at
		}
	}
	return f.last
}
