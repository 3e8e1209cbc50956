package verdict

import (
	"slices"
	"time"

	"hagate/record"
)

// absence is from when the fault went in until it was taken back.
func (f *facts) absence() (away span) {
	away.to = f.last
	for _, fault := range f.faults {
		switch fault.State {
		case record.Injecting:
			if away.from.IsZero() {
				away.from = fault.Time
			}
		case record.Reverted:
			away.to = fault.Time
		}
	}
	return away
}

// dependsOnControlPlane: the service asks the API server as it answers, and fails while
// that is away.
//
// For it: requests fail while a component is away, and Pods that nothing was done to answer
// them. Against it: they fail at other times, or connections are refused.
func dependsOnControlPlane(f *facts, b burst, d *Diagnosis) bool {
	c := f.effect().Away
	if b.whole() || c == "" || c == record.DNS {
		return false
	}
	f.while(b, d, c)
	if own, known := f.answerers(b, func(l *life, at time.Time) bool { return f.untouched(l, at) }); own > 0 && 2*own >= known {
		d.pro(suggests, record.Say("%s were answered, or accepted and not answered, by Pods that no fault had hit", share(own, b.n())))
	}
	if b.mostly(record.ClassRefused, record.ClassNetwork) {
		d.con(suggests, record.Say("connections were refused, so it is not what the Pods answer"))
	}
	d.say(record.Say("The service needs %s to answer its clients, and fails while it is down.", c),
		record.Say("Cache what is read from the API server (a watch with a cache), and continue with the last known state."))
	return true
}

// dependsOnDNS: names are looked up for every request, by clients or by the service.
//
// For it: requests fail while DNS is away, as lookups or as answers of Pods that nothing
// was done to. Against it: they fail at other times.
func dependsOnDNS(f *facts, b burst, d *Diagnosis) bool {
	if b.whole() || f.effect().Away != record.DNS {
		return false
	}
	f.while(b, d, record.DNS)
	lookups := b.of(record.ClassDNS)
	own, _ := f.answerers(b, func(l *life, at time.Time) bool { return f.untouched(l, at) })
	if 2*lookups >= b.n() {
		d.pro(suggests, record.Say("%s were name lookups that did not succeed in time", share(lookups, b.n())))
		d.say(record.Say("Clients cannot resolve the service's name while DNS is down or slow."), record.Say("Run several replicas of DNS on different nodes, or a DNS cache on every node (NodeLocal DNSCache)."))
		return true
	}
	if own > 0 {
		d.pro(suggests, record.Say("%s were answered, or accepted and not answered, by Pods that no fault had hit", share(own, b.n())))
	}
	d.say(record.Say("The service resolves names while it handles requests, and fails while DNS is down or slow."), record.Say("Reuse connections and cache addresses rather than resolve names for every request, or run a DNS cache on every node."))
	return true
}

// while looks at how many of the failures were due while a component was away.
func (f *facts) while(b burst, d *Diagnosis, component string) {
	away := f.absence()
	n := b.when(func(at time.Time) bool { return away.within(at, leadLimit) })
	if 2*n > b.n() {
		d.pro(suggests, record.Say("%s were due while %s was disrupted, from %s to %s", share(n, b.n()), component, clockOf(away.from), clockOf(away.to)))
	} else {
		d.con(shows, record.Say("only %s were due while %s was disrupted", share(n, b.n()), component))
	}
	if slices.ContainsFunc(f.leavers(), func(l leaver) bool { return (span{b.from, b.to}).within(l.asked, leadLimit) }) {
		d.con(suggests, record.Say("Pods were terminating at the same time"))
	}
}
