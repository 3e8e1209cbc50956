package verdict

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// Diagnosis says what made requests fail, from the record alone, and which change of
// the manifest would have saved them.
type Diagnosis struct {
	Rule     string    `json:"rule"`
	From     time.Time `json:"from"` // of the failures that it explains, to 10 ms
	To       time.Time `json:"to"`
	Failed   int       `json:"failed"`
	What     string    `json:"what"` // one sentence
	Evidence []string  `json:"evidence"`
	Change   string    `json:"change"` // of the manifest, as the lines of a diff
}

// burst is failures of all streams of which none lies OutageGap from the next.
type burst struct {
	from, to time.Time // slots' beginnings
	failed   map[time.Time]int
	classes  map[string]int
}

func (b burst) n() (n int) {
	for _, failed := range b.failed {
		n += failed
	}
	return n
}

// and is the failures of both, of which other's are the later.
func (b burst) and(other burst) burst {
	if b.failed == nil {
		return other
	}
	b.to = other.to
	maps.Copy(b.failed, other.failed)
	for class, n := range other.classes {
		b.classes[class] += n
	}
	return b
}

// rules explain a burst, or do not. The first that does is the diagnosis.
var rules = []func(*facts, burst) (Diagnosis, bool){nobodyReady, refusedWhileTerminating}

// diagnose explains the failures from the turn on. What no rule fits is not explained; the
// bursts that the same one fits are explained together, by one change.
func (f *facts) diagnose() []Diagnosis {
	fits := make([]burst, len(rules))
	for _, b := range f.bursts() {
		for i, rule := range rules {
			if _, ok := rule(f, b); ok {
				fits[i] = fits[i].and(b)
				break
			}
		}
	}
	found := []Diagnosis{}
	for i, b := range fits {
		if d, ok := rules[i](f, b); ok {
			d.From, d.To, d.Failed = b.from, b.to, b.n()
			found = append(found, d)
		}
	}
	slices.SortFunc(found, func(a, b Diagnosis) int { return a.From.Compare(b.From) })
	return found
}

func (f *facts) bursts() []burst {
	type slot struct {
		at    time.Time
		class string
		n     int
	}
	var slots []slot
	for _, name := range f.streams() {
		for _, second := range f.judged(name) {
			for class, counts := range f.seconds[name][second].Failed {
				for i, n := range counts {
					at := time.Unix(second, 0).Add(time.Duration(i) * Slot).UTC()
					if n > 0 && blamed(class) && !at.Before(f.turn.Add(-FaultLead*time.Second)) {
						slots = append(slots, slot{at, class, n})
					}
				}
			}
		}
	}
	slices.SortFunc(slots, func(a, b slot) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.class, b.class)) })
	var all []burst
	for _, s := range slots {
		if len(all) == 0 || s.at.Sub(all[len(all)-1].to) >= OutageGap {
			all = append(all, burst{from: s.at, failed: map[time.Time]int{}, classes: map[string]int{}})
		}
		b := &all[len(all)-1]
		b.to = s.at
		b.failed[s.at] += s.n
		b.classes[s.class] += s.n
	}
	return all
}

// leaver is a Pod that served and was asked to terminate with some grace.
type leaver struct {
	record.Pod
	asked time.Time // when the watch saw that
	left  time.Time // when it was no ready endpoint any more; zero where that was never seen
}

// leavers are in the order of their going.
func (f *facts) leavers() []leaver {
	var all []leaver
	seen := map[string]bool{}
	for _, s := range f.pods {
		p := s.it
		if p.Terminating == nil || p.Stray || seen[p.UID] {
			continue
		}
		seen[p.UID] = true
		if p.Gone || p.Grace == 0 || !f.served(p.UID, s.at) {
			continue // it was given no time, or no requests
		}
		l := leaver{Pod: s.it, asked: s.at}
		only := map[string]record.Victim{s.it.UID: {}}
		for _, e := range f.endpoints {
			if e.at.After(s.at.Add(-time.Second)) && len(among(only, e.it)) == 0 {
				l.left = e.at
				break
			}
		}
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b leaver) int { return a.asked.Compare(b.asked) })
	return all
}

// served says whether the Pod uid was a ready endpoint at any time before t.
func (f *facts) served(uid string, t time.Time) bool {
	return slices.ContainsFunc(f.endpoints, func(e seen[record.Endpoints]) bool {
		return e.at.Before(t) && slices.ContainsFunc(e.it.List, func(p record.Endpoint) bool { return p.UID == uid && p.Ready })
	})
}

// hit says whether the object is a victim of any of the faults.
func (f *facts) hit(kind, name string) bool {
	return slices.ContainsFunc(f.faults, func(fault Fault) bool {
		return slices.ContainsFunc(fault.Victims, func(v record.Victim) bool { return v.Kind == kind && v.Name == name })
	})
}

// leadLimit is how long before a burst a Pod may have been asked to terminate, beyond
// its grace, and still be what the burst is about.
const leadLimit = 5 * time.Second

// refusedWhileTerminating: a Pod that is asked to terminate stops answering while the
// EndpointSlice, or a node's rules, still send requests to it.
// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-flow
func refusedWhileTerminating(f *facts, b burst) (Diagnosis, bool) {
	connection := b.classes[record.ClassRefused] + b.classes[record.ClassReset] + b.classes[record.ClassTimeout] + b.classes[record.ClassNetwork]
	if 2*connection < b.n() {
		return Diagnosis{}, false
	}
	if f.hit("Component", "kube-controller-manager") {
		return Diagnosis{}, false // nobody was there to take the endpoint away
	}
	d := Diagnosis{Rule: "refused-while-terminating"}
	var lag time.Duration
	grace := 0
	leavers := f.leavers()
	for i, l := range leavers {
		next := b.to.Add(Slot) // a failure is laid at the door of the last that began to leave
		if i+1 < len(leavers) && leavers[i+1].asked.Before(next) {
			next = leavers[i+1].asked.Truncate(Slot)
		}
		if l.asked.After(b.to) || l.asked.Add(time.Duration(l.Grace)*time.Second+leadLimit).Before(b.from) {
			continue
		}
		before, after := 0, 0
		var last time.Time
		for at, n := range b.failed {
			if at.Before(l.asked.Truncate(Slot)) || !at.Before(next) {
				continue
			}
			switch {
			case l.left.IsZero() || at.Before(l.left):
				before += n
			case f.nobodyReadyIn(l.left, at):
				continue // the nodes refuse by themselves until they have heard of the next endpoint
			default:
				after += n
			}
			if at.After(last) {
				last = at
			}
		}
		if before+after == 0 {
			continue
		}
		lag = max(lag, last.Sub(l.asked))
		evidence := fmt.Sprintf("Pod %s on %s began to terminate at %s", l.Name, l.Node, clockOf(l.asked))
		if l.left.IsZero() {
			evidence += fmt.Sprintf("; the EndpointSlice called it ready all the while, and %s requests failed", words.Count(before))
		} else {
			evidence += fmt.Sprintf("; %s requests failed until the EndpointSlice no longer called it ready, %s later", words.Count(before), words.Duration(max(0, l.left.Sub(l.asked))))
		}
		if after > 0 {
			evidence = fmt.Sprintf("%s, and %s more until the nodes' rules had followed, %s after the beginning", evidence, words.Count(after), words.Duration(last.Sub(l.asked)))
		}
		grace = l.Grace
		d.Evidence = append(d.Evidence, evidence)
	}
	if len(d.Evidence) == 0 {
		return Diagnosis{}, false
	}
	wait := max(5, int(math.Ceil(2*lag.Seconds()))+1)
	d.What = "A Pod that terminates stops answering while requests are still sent to it: it has to go on until every node has heard that it leaves."
	d.Evidence = append(d.Evidence, fmt.Sprintf("a preStop of %d s is twice the longest that was seen and a second more, and at least 5 s", wait))
	lines := []string{" spec:", "   template:", "     spec:"}
	if finish := 20; grace < wait+finish {
		d.Evidence = append(d.Evidence, fmt.Sprintf("the grace period of %d s leaves less than %d s beside it to finish what was begun", grace, finish))
		lines = append(lines, fmt.Sprintf("-      terminationGracePeriodSeconds: %d", grace), fmt.Sprintf("+      terminationGracePeriodSeconds: %d", wait+finish+5))
	}
	d.Change = strings.Join(append(lines,
		"       containers:",
		"       - name: …",
		"+        lifecycle:",
		"+          preStop:",
		fmt.Sprintf("+            sleep: {seconds: %d}", wait)), "\n")
	return d, true
}

// nobodyReadyIn says whether the Service had no ready endpoint at a time between the two.
func (f *facts) nobodyReadyIn(from, to time.Time) bool {
	return slices.ContainsFunc(f.endpoints, func(e seen[record.Endpoints]) bool {
		return !e.at.Before(from) && e.at.Before(to) && e.it.Ready() == 0
	})
}

type span struct{ from, to time.Time }

// withoutReady are the times in which the Service had no ready endpoint of the workload.
func (f *facts) withoutReady() (all []span) {
	for i, e := range f.endpoints {
		if f.own(e.it).Ready() > 0 {
			continue
		}
		end := f.last
		if i+1 < len(f.endpoints) {
			end = f.endpoints[i+1].at
		}
		if n := len(all); n > 0 && all[n-1].to.Equal(e.at) {
			all[n-1].to = end
		} else {
			all = append(all, span{e.at, end})
		}
	}
	return all
}

// nobodyReady: for a time the Service had no ready endpoint at all.
func nobodyReady(f *facts, b burst) (Diagnosis, bool) {
	d := Diagnosis{Rule: "nobody-ready"}
	for _, w := range f.withoutReady() {
		if !w.from.After(b.to.Add(OutageGap)) && !w.to.Before(b.from) {
			d.Evidence = append(d.Evidence, fmt.Sprintf("the Service had no ready endpoint from %s to %s, for %s", clockOf(w.from), clockOf(w.to), words.Duration(w.to.Sub(w.from))))
		}
	}
	if len(d.Evidence) == 0 {
		return Diagnosis{}, false
	}
	nodes := map[string]bool{}
	for _, v := range f.replaced() {
		nodes[v.Node] = true
	}
	fault := ""
	if len(f.faults) > 0 {
		fault = f.faults[0].Name
	}
	switch {
	case f.start.Replicas == 1:
		d.What = "The only Pod went, and nobody was left to answer."
		d.Evidence = append(d.Evidence, "the workload declares 1 replica")
		d.Change = " spec:\n-  replicas: 1\n+  replicas: 3"
	case strings.HasPrefix(fault, "rollout") || strings.HasPrefix(fault, "config-"):
		d.What = "A rollout took the old Pods away before new ones were ready."
		d.Change = " spec:\n   strategy:\n+    type: RollingUpdate\n+    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}"
	case len(f.rounds) > 0 && len(f.rounds[0].nodes) > 0 && len(nodes) == 1:
		d.What = "Every Pod was on the one node that went."
		for node := range nodes {
			d.Evidence = append(d.Evidence, fmt.Sprintf("all %d Pods ran on %s", len(f.replaced()), node))
		}
		d.Change = ` spec:
   template:
     spec:
+      topologySpreadConstraints:
+      - topologyKey: kubernetes.io/hostname
+        maxSkew: 1
+        whenUnsatisfiable: ScheduleAnyway
+        labelSelector: {matchLabels: …}`
		if len(f.pdbs) == 0 {
			d.Evidence = append(d.Evidence, "no PodDisruptionBudget covers the workload")
			d.Change += fmt.Sprintf(`
+---
+apiVersion: policy/v1
+kind: PodDisruptionBudget
+spec:
+  minAvailable: %d
+  selector: {matchLabels: …}`, max(1, f.start.Replicas-1))
		}
	default:
		return Diagnosis{}, false
	}
	return d, true
}

func clockOf(t time.Time) string { return t.UTC().Format("15:04:05.000") }
