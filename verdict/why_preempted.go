package verdict

import "hagate/record"

// preempted: the scheduler took Pods away for others of a higher priority.
// https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
//
// For it: the scheduler's word, near the failures.
func preempted(f *facts, b burst, d *Diagnosis) bool {
	names, said := f.saidOfPods("Preempted", b)
	if len(names) == 0 {
		return false
	}
	d.pro(shows+suggests, record.Say("preempted by the scheduler, for Pods of a higher priority: %s", once(names)))
	if said != "" {
		d.pro(0, record.Say("the scheduler said: %s", short(said)))
	}
	d.say(record.Say("The scheduler preempted Pods for others of a higher priority, and no node had room for their replacements."),
		record.Say("Give the service a priority class above that of what may wait, or add nodes with room for both; a PodDisruptionBudget does not prevent preemption."))
	return true
}
