package verdict

import "hagate/record"

// preempted: the scheduler took Pods away for others of a higher priority.
// https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
//
// For it: the scheduler's word, near the failures.
func preempted(f *facts, b burst, d *Diagnosis) bool {
	var names []string
	said := ""
	for _, e := range f.said(func(e record.Event) bool { return e.Reason == "Preempted" }) {
		if l := f.podOf(e); l != nil && (b.whole() || span{b.from, b.to}.within(e.at, 2*leadLimit)) {
			names, said = append(names, l.name), e.it.Message
		}
	}
	if len(names) == 0 {
		return false
	}
	d.pro(shows+suggests, "taken away by the scheduler, for Pods of a higher priority: "+once(names))
	if said != "" {
		d.pro(0, "the scheduler said: "+short(said))
	}
	d.say("The scheduler took Pods away to make room for others of a higher priority, and no node had room for their replacements.",
		"Give the service a priority class above that of what may wait, or have nodes with room for both; a PodDisruptionBudget does not hold the scheduler off.")
	return true
}
