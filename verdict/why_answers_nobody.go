package verdict

import (
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// answersNobody: a Pod is ready all the while and answers no client, though nothing was done
// to it.
//
// For it: clients were sent to it, and all answers came from the others; the readiness probe
// asks for something else than clients do. Who answered has to be known. Against it: more
// fails than would on this Pod.
func answersNobody(f *facts, b burst, d *Diagnosis) bool {
	if f.start.Plan.PodHeader == "" || !b.mostly(record.ClassTimeout, record.ClassRefused, record.ClassReset, record.ClassNetwork) {
		return false
	}
	from, to := b.from.Unix(), b.to.Unix()+1
	answered, sent := f.answered("", from, to), 0
	for _, v := range f.vantages() {
		sent += f.sentFresh(v, from, to)
	}
	ready := 0
	var deaf []string
	for _, l := range f.lives() {
		if l.stray || !l.served(b.from, time.Second) || !l.served(b.to, time.Second) {
			continue
		}
		ready++
		if !answered[l.name] && f.untouched(l, b.to) {
			deaf = append(deaf, l.name)
		}
	}
	if len(deaf) == 0 || len(deaf) == ready || sent < MinToShare*ready {
		return false
	}
	d.pro(shows+suggests, record.Say("ready, and answered none of the %s requests on new connections, of which all others answered some: %s", words.Count(sent), once(deaf)))
	if share := float64(len(deaf)) / float64(ready); float64(b.n()) > 2*share*float64(f.dueIn(from, to)) {
		d.con(suggests, record.Say("%s requests failed, more than twice the share of such Pods", words.Count(b.n())))
	}
	d.say(record.Say("A Pod is marked ready but answers no client."),
		record.Say("Make the readiness probe send the same request as clients, %s, so that a Pod that cannot answer it is removed from the ready endpoints.", f.called()))
	f.probesFor(d)
	return true
}

// dueIn counts the requests due in the Unix seconds [from, to).
func (f *facts) dueIn(from, to int64) int {
	due, _ := f.failedFrom(from, to)
	return due
}
