package verdict

import (
	"fmt"
	"time"

	"hagate/record"
)

// failsByItself: the service answers requests wrongly, with nothing done to it.
//
// For it: answers with another status came from Pods that were there and ready, before the
// fault or without one. Whatever else is known of the failures is a cause that fits better.
func failsByItself(f *facts, b burst, d *Diagnosis) bool {
	if !b.mostly(record.ClassStatus5, record.ClassStatus4, record.ClassBad) || !f.start.NoFault && !f.turn.IsZero() && !b.from.Before(f.turn.Add(-FaultLead*time.Second)) {
		return false
	}
	statuses, pods := map[string]int{}, map[string]int{}
	for _, t := range b.asked {
		if t.status != 0 {
			statuses[fmt.Sprintf("answered %d", t.status)] += t.n
		}
		if t.pod != "" {
			pods[t.pod] += t.n
		}
	}
	d.pro(suggests, "answers without any disruption: "+most(statuses))
	if on, known := f.answerers(b, func(l *life, at time.Time) bool { return f.untouched(l, at) }); 2*on > known {
		d.pro(allows, fmt.Sprintf("%s were answered by Pods to which nothing was done: %s", share(on, b.n()), most(pods)))
	}
	d.say("The service answers requests with errors though nothing is done to it.",
		"Look for these answers in the logs of the Pods (logs/ beside the report): no disruption is needed to have them.")
	return true
}
