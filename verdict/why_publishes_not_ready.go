package verdict

import (
	"hagate/record"
	"hagate/verdict/words"
)

// publishesNotReady: the Service leads to Pods whether they are ready or not: before they
// have started, and until they have gone.
//
// For it: the field, and Pods behind the Service that were not ready, or were on their way
// out, as the requests failed. Against it: the failures are answers, or come from Pods
// that were ready.
func publishesNotReady(f *facts, b burst, d *Diagnosis) bool {
	if b.whole() || !f.service().PublishNotReady {
		return false
	}
	d.pro(shows, record.Say("the Service has publishNotReadyAddresses: true"))
	n := 0
	var names []string
	for at, failed := range b.failed {
		found := false
		for _, l := range f.lives() {
			if !l.stray && l.served(at, leadLimit) && !f.podReady(l, at) {
				names, found = append(names, l.name), true
			}
		}
		if found {
			n += failed
		}
	}
	if 2*n > b.n() {
		d.pro(shows, record.Say("%s were due while not ready or terminating Pods were endpoints of the Service: %s", share(n, b.n()), once(names)))
	} else {
		d.con(shows, record.Say("only %s were due while an endpoint of the Service was a Pod that was not ready", share(n, b.n())))
	}
	if b.mostly(record.ClassStatus5, record.ClassStatus4) {
		d.con(suggests, record.Say("%s are responses, not connection failures", words.Count(b.of(record.ClassStatus5, record.ClassStatus4))))
	}
	d.say(record.Say("The Service routes requests to Pods that are not ready: before they have started, and after they have stopped."),
		record.Say("Remove publishNotReadyAddresses from the Service; if peers need it for discovery, give them a headless Service of their own."))
	d.change("service", " spec:", "-  publishNotReadyAddresses: true", "+  publishNotReadyAddresses: false")
	return true
}
