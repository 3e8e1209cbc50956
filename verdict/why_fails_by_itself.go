package verdict

import (
	"net/http"
	"strconv"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// failsByItself: the service answers requests wrongly, or hangs up on them, with nothing done
// to it.
//
// For it: answers with another status came from Pods that were there and ready, or new
// connections were taken and hung up on, before the fault or without one. Whatever else is
// known of the failures is a cause that fits better.
func failsByItself(f *facts, b burst, d *Diagnosis) bool {
	if !f.start.NoFault && !f.turn.IsZero() && !b.from.Before(f.turn.Add(-time.Duration(f.lead())*time.Second)) {
		return false
	}
	if !b.mostly(record.ClassStatus5, record.ClassStatus4, record.ClassBad) {
		return f.hangsUp(b, d) || f.fallsSilent(b, d)
	}
	statuses, pods, tooMany := map[string]int{}, map[string]int{}, 0
	for _, t := range b.asked {
		if t.status == http.StatusTooManyRequests {
			tooMany += t.n
		}
		if t.status != 0 {
			statuses[strconv.Itoa(t.status)] += t.n
		}
		if t.pod != "" {
			pods[t.pod] += t.n
		}
	}
	d.pro(suggests, record.Say("answers without any disruption: %s", most(statuses, func(status string) record.Text { return record.Say("answered %s", status) })))
	if on, known := f.answerers(b, func(l *life, at time.Time) bool { return f.untouched(l, at) }); 2*on > known {
		d.pro(allows, record.Say("%s were answered by Pods that no fault had hit: %s", share(on, b.n()), most(pods, record.Words)))
	}
	d.say(record.Say("The service answers requests with errors without any disruption."),
		record.Say("Look for these answers in the logs of the Pods (logs/ beside the report): no disruption is needed to have them."))
	if 2*tooMany > b.n() {
		d.say(record.Say("The service rate-limits requests (429) without any disruption."),
			record.Say("Raise the rate limit above the declared load, or do not count by client address: behind a Service, a gateway or NAT, many clients share one."))
	}
	return true
}

// fallsSilent says whether Pods take requests and answer none for a while, with none of them
// on its way out or started again.
func (f *facts) fallsSilent(b burst, d *Diagnosis) bool {
	if !b.mostly(record.ClassTimeout) || b.span() < f.start.Plan.Timeout/2 {
		return false
	}
	if busy := b.when(func(at time.Time) bool { return f.onTheWayOut(at, leadLimit) || f.startedNear(at) }); 2*busy > b.n() {
		return false
	}
	d.pro(suggests, record.Say("%s were accepted or waited for, and not answered in time, though no Pod was terminating and none was restarted", share(b.of(record.ClassTimeout), b.n())))
	if before, usual := f.slowBefore(b); before > 0 && before <= 2*usual+LateRequest {
		d.pro(allows, record.Say("right before, requests were answered as quickly as ever (p99 %s, %s in the baseline)", words.Duration(before), words.Duration(usual)))
	}
	d.say(record.Say("The Pods stop answering for a while without any disruption."),
		record.Say("Check what they do at these times (their logs are in logs/ beside the report): worker restarts, garbage collection, locks, periodic jobs. Do not let it happen in all Pods at once, nor in all workers of a Pod."))
	return true
}

// hangsUp says whether new connections are taken and closed without an answer.
func (f *facts) hangsUp(b burst, d *Diagnosis) bool {
	fresh := f.onFresh(b)
	if !b.mostly(record.ClassClosed, record.ClassReset) || 5*fresh <= b.n() {
		return false
	}
	if busy := b.when(func(at time.Time) bool { return f.onTheWayOut(at, leadLimit) || f.startedNear(at) }); 2*busy > b.n() {
		return false
	}
	d.pro(suggests, record.Say("%s were on new connections, which the server accepted and closed or reset without a response", share(fresh, b.n())))
	d.pro(allows, record.Say("no Pod was terminating, and none was restarted"))
	d.say(record.Say("The service accepts connections and closes them without any disruption, most often because it has reached its connection limit."),
		record.Say("Find the limit that it reached (connections or threads of a worker, open files; the Pods' logs, in logs/ beside the report, often name it), and raise it, or add replicas."))
	return true
}
