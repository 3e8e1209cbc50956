package verdict

import (
	"strings"

	"hagate/record"
)

// quotaExceeded: the namespace's quota leaves no room for one more Pod.
//
// For it: the words of the API server, to a controller or to the fault. Against it: the
// Pods came all the same.
func quotaExceeded(f *facts, b burst, d *Diagnosis) bool {
	if !b.whole() {
		return false
	}
	said := f.denied(func(said string) bool { return strings.Contains(said, "exceeded quota") })
	if said == "" {
		return false
	}
	d.pro(refutes, record.Say("the API server said: %s", said))
	if !f.stuck() {
		d.con(shows, record.Say("the Pods were created later all the same"))
	}
	d.say(record.Say("The namespace's ResourceQuota leaves no room for one more Pod, so no new one can be created while the old ones run."),
		record.Say("Raise the ResourceQuota by the resources of one Pod, or make rollouts terminate a Pod first (maxSurge: 0, maxUnavailable: 1)."))
	if t := f.template(); t.MaxSurge != "" && t.MaxSurge != "0" {
		d.pro(allows, record.Say("a rollout creates %s more Pods before it terminates one (maxSurge)", t.MaxSurge))
		d.change("workload", surgeless(t)...)
	}
	return true
}

// denied is what the API server refused to a controller or to a fault, in words that fit;
// none where empty.
func (f *facts) denied(fits func(string) bool) (said string) {
	for _, r := range f.refusals() {
		if r.Whose != record.WhoseHarness && fits(r.Said) && r.By == "" {
			said = short(r.Said)
		}
	}
	for _, e := range f.said(func(e record.Event) bool { return e.Reason == "FailedCreate" && fits(e.Message) }) {
		said = short(e.it.Message)
	}
	return said
}
