package verdict

import (
	"time"

	"hagate/record"
)

// startHoldsUp: while a new Pod starts, those that are ready stop answering, because its start
// takes something that they need: a lock on a database's tables, or on a shared volume.
//
// For it: again and again nobody answers from a new Pod's start on, and all do before it is
// ready. Against it: it was seen once only, so that it may be chance.
func startHoldsUp(f *facts, b burst, d *Diagnosis) bool {
	if b.whole() || !b.mostly(record.ClassTimeout, record.ClassStatus5) {
		return false
	}
	var names []string
	inside, longest := 0, 0
	for _, l := range f.lives() {
		if !f.came(l) || l.stray || len(l.ready) == 0 {
			continue
		}
		starts := span{l.seen, l.ready[0].from}
		inside += b.when(starts.near(Slot))
		if n := f.nobodyAnswered(starts); n > 0 && f.nobodyAnswered(span{l.seen.Add(-2 * time.Second), l.seen}) == 0 {
			names, longest = append(names, l.name), max(longest, n)
		}
	}
	if len(names) == 0 || 10*inside < 9*b.n() {
		return false
	}
	d.pro(shows, record.Say("%s were due while a new Pod started and was not yet ready", share(inside, b.n())))
	d.pro(shows, record.Say("meanwhile none of the Pods that were ready answered, for up to %d whole seconds, as these started: %s", longest, once(names)))
	if len(names) > 1 {
		d.pro(suggests, record.Say("it was so %d times", len(names)))
	} else {
		d.con(shows, record.Say("it was so once only"))
	}
	d.say(record.Say("While a new Pod starts, the others stop answering: its startup holds something that they need, such as a lock on a database's tables."),
		record.Say("Do that work once and apart from the Pods' start (a Job before the rollout), or without a lock that the others wait for."))
	return true
}

// nobodyAnswered counts the whole seconds of a span in which hardly a request was answered
// though Pods were ready.
func (f *facts) nobodyAnswered(in span) (n int) {
	for second := in.from.Unix() + 1; second < in.to.Unix(); second++ {
		due, answered := 0, 0
		for _, name := range f.streams() {
			s := f.seconds[name][second]
			due += s.Due
			answered += record.Sum(s.OK)
		}
		if due > 0 && 10*answered <= due && f.endpointsAt(time.Unix(second, 0)).Ready() > 0 {
			n++
		}
	}
	return n
}
