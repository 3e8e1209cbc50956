package verdict

import (
	"strings"

	"hagate/record"
)

// admissionDenied: the API server takes no new Pod of the workload, for a reason of its
// own: a policy, a webhook, a limit.
//
// For it: its words. A quota and budgets are causes of their own.
func admissionDenied(f *facts, b burst, d *Diagnosis) bool {
	said := f.denied(func(said string) bool {
		return !strings.Contains(said, "exceeded quota") && !strings.Contains(said, "isruption") && !strings.Contains(said, "nodes are available")
	})
	if !b.whole() || said == "" || !f.stuck() {
		return false
	}
	d.pro(shows, record.Say("the API server said: %s", said))
	d.say(record.Say("The API server rejects objects that must be created for the service to recover."),
		record.Say("Change what its message names: the policy, the webhook or the limit, or the Pod template that it rejects."))
	return true
}
