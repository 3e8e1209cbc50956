package verdict

import (
	"strings"

	"hagate/record"
)

// places are what the scheduler says of nodes that do not fit, and what to change.
var places = []struct {
	words     string
	what, fix record.Text
}{
	{words: "didn't match pod anti-affinity rules", what: record.Say("A required anti-affinity leaves no node for another Pod."),
		fix: record.Say("Make the anti-affinity preferred, or use a topologySpreadConstraint with ScheduleAnyway, or make rollouts terminate a Pod first (maxSurge: 0, maxUnavailable: 1).")},
	{words: "didn't match pod affinity rules", what: record.Say("A required podAffinity keeps the Pods together, so no replacement can run elsewhere."),
		fix: record.Say("Make the podAffinity preferred or remove it, and spread the Pods over nodes.")},
	{words: "didn't match pod topology spread constraints", what: record.Say("A topologySpreadConstraint leaves no node for another Pod."),
		fix: record.Say("Set the topologySpreadConstraint to whenUnsatisfiable: ScheduleAnyway, or make it count only nodes that a Pod can be scheduled onto (nodeTaintsPolicy: Honor).")},
	{words: "volume node affinity conflict", what: record.Say("The Pod's volume is bound to a node that cannot take it any more."),
		fix: record.Say("Use a volume that other nodes can mount as well, or have the data live in several replicas.")},
	{words: "node affinity/selector", what: record.Say("The Pod's node selector or node affinity matches no remaining node."),
		fix: record.Say("Widen the node selector or node affinity, so that at least two nodes match.")},
	{words: "Insufficient", what: record.Say("No remaining node has room for what the Pod requests."),
		fix: record.Say("Lower the requests to what the Pod needs, or give the cluster room for one more Pod than it runs.")},
	{words: "didn't have free ports", what: record.Say("The Pod uses a hostPort, and that port is free on no other node."),
		fix: record.Say("Remove hostPort and use a Service.")},
	// where nothing else is said: a control plane's nodes nearly always have some
	{words: "untolerated taint", what: record.Say("The remaining nodes have taints that the Pod does not tolerate."),
		fix: record.Say("Add the tolerations, or let the Pod run on other nodes.")},
}

// unschedulable: a Pod that is to take another's place finds no node.
//
// For it: the scheduler's words. Which of its reasons it is: the first that stands in
// them of those that the service can change. Against it: nothing waits for a node.
func unschedulable(f *facts, b burst, d *Diagnosis) bool {
	said, who := "", ""
	for _, p := range f.waiting() {
		if p.Node == "" && strings.Contains(p.Message, "nodes are available") {
			said, who = p.Message, p.Name
		}
	}
	if said == "" {
		waits := map[string]bool{}
		for _, p := range f.waiting() {
			waits[p.Name] = p.Node == ""
		}
		for _, e := range f.said(func(e record.Event) bool { return e.Reason == "FailedScheduling" }) {
			if name := strings.TrimPrefix(e.it.Object, "Pod/"); waits[name] {
				said, who = e.it.Message, name
			}
		}
	}
	for _, r := range f.refusals() {
		if said == "" && strings.Contains(r.Said, "nodes are available") {
			said, who = r.Said, r.Asked
		}
	}
	if said == "" || !b.whole() && len(f.withoutReady()) == 0 {
		return false
	}
	d.pro(refutes, record.Say("of %s the scheduler said: %s", who, short(said)))
	what, fix := record.Say("A replacement Pod cannot be scheduled."), record.Say("Change what keeps it off the remaining nodes.")
	for _, p := range places {
		if strings.Contains(said, p.words) {
			what, fix = p.what, p.fix
			break
		}
	}
	d.say(what, fix)
	if t := f.template(); strings.Contains(said, places[0].words) && f.effect().Updates && t.MaxSurge != "" && t.MaxSurge != "0" {
		d.change("workload", surgeless(t)...)
	}
	return true
}

// surgeless has an update take one Pod away before it makes the next.
func surgeless(t record.Template) []string {
	lines := []string{" spec:", "   strategy:", "     rollingUpdate:"}
	if t.MaxSurge != "" {
		lines = append(lines, "-      maxSurge: "+t.MaxSurge, "-      maxUnavailable: "+t.MaxUnavailable)
	}
	return append(lines, "+      maxSurge: 0", "+      maxUnavailable: 1")
}
