package verdict

import (
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// staleAddress: the service asks another by an address that it looked up once, and the
// other has moved.
//
// For it: Pods that are ready and stay take connections and answer 502 or 504, or not in
// time, from the fault on, and go on so with every Pod ready. Against it: it ends when the
// Pods that left have gone, or only Pods that have just come are concerned.
func staleAddress(f *facts, b burst, d *Diagnosis) bool {
	if b.whole() || !b.mostly(record.ClassStatus5, record.ClassTimeout, record.ClassReset) || f.effect().Away != "" {
		return false
	}
	quiet := b.when(func(at time.Time) bool {
		return !f.onTheWayOut(at, 0) && f.endpointsAt(at).Ready() >= f.start.Replicas
	})
	if quiet == 0 || b.span() < 2*time.Second {
		return false
	}
	if 3*quiet > b.n() {
		d.pro(suggests, record.Say("%s were due while no Pod was terminating and %d were ready", share(quiet, b.n()), f.start.Replicas))
	} else {
		d.con(suggests, record.Say("only %s were due while no Pod was terminating and %d were ready", share(quiet, b.n()), f.start.Replicas))
	}
	own, known := f.answerers(b, func(l *life, at time.Time) bool { return l.stays(at) && !f.hitBy(l.uid, at) })
	if 2*own > known {
		d.pro(suggests, record.Say("%s were answered, or accepted and not answered, by Pods that had been ready for a while and stayed so", share(own, b.n())))
	} else if known > 0 {
		d.con(suggests, record.Say("only %s were answered by Pods that had been ready for a while and stayed", share(own, known)))
	}
	waits, evidence := f.waitsForOthers(b)
	if waits == 0 {
		return false
	}
	d.pro(suggests, evidence)
	if again := f.answersAgain(b); len(again) > 0 {
		d.con(shows+allows, record.Say("answered again without intervention after %s: %s", words.Duration(b.span()), once(again)))
	}
	for _, l := range f.lives() {
		if l.stray {
			continue
		}
		if said, ok := f.wrongWhileReady(l); ok {
			d.pro(suggests, record.Say("Pod %s, which was ready, answered %s on its own address", l.name, said))
			break
		}
	}
	if _, n := f.lingered(b); !f.start.Planned && 2*n > b.n() {
		d.con(shows+allows, record.Say("%s were due while requests were still routed to Pods that the fault had hit", share(n, b.n())))
	}
	if slower, queued := f.queueGrew(b); queued {
		d.con(shows+allows, slower)
	}
	if len(f.faults) == 0 || b.to.Before(f.turn) {
		d.con(suggests, record.Say("no fault had been injected that would move another service"))
	}
	d.say(record.Say("The Pods keep using a stale address of another service: they resolved its name once and cached the result."),
		record.Say("Resolve the name again (in nginx: resolver and a variable in proxy_pass; elsewhere: a short DNS cache and connections that are renewed), or call the other service by its Service's cluster IP."))
	return true
}
