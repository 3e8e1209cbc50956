package verdict

import (
	"math"
	"net/http"
	"strings"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// answersWrongOnTerm: told to go, the server still listens, and turns everybody away.
//
// For it: answers with another status come from Pods that are terminating, on their own
// addresses as well. Against it: other Pods give them too.
func answersWrongOnTerm(f *facts, b burst, d *Diagnosis) bool {
	if b.whole() && f.stuck() || !b.whole() && !b.mostly(record.ClassStatus5, record.ClassStatus4, record.ClassBad) {
		return false
	}
	serves, _ := f.container()
	hook := serves.PreStopSleep
	on, grace, lag, proxied := 0, 0, time.Duration(0), false
	for _, l := range f.leavers() {
		if !b.whole() && (l.asked.After(b.to) || l.end().Add(leadLimit).Before(b.from)) {
			continue
		}
		grace, lag = l.Grace, max(lag, b.to.Sub(l.asked))
		if status, at := f.answersOnTerm(l); status != 0 {
			on++
			itself := serves.PreStop != "sleep" && status != http.StatusBadGateway && status != http.StatusGatewayTimeout // its hook may have told it
			proxied = proxied || !itself && at.Before(l.asked.Add(time.Duration(hook*float64(time.Second))))
			d.pro(0, record.Say("Pod %s was asked to terminate at %s, and from then on answered %d on its own address", l.Name, clockOf(l.asked), status))
		}
	}
	if grace == 0 || b.whole() && on == 0 {
		return false
	}
	if on > 0 {
		d.Score += shows
	}
	if !b.whole() {
		n, known := f.answerers(b, func(l *life, at time.Time) bool { return !l.asked.IsZero() && !l.asked.After(at.Add(time.Second)) })
		if 2*n > known {
			d.pro(shows+allows, record.Say("%s were answered by terminating Pods", share(n, b.n())))
		} else if known > 0 {
			d.con(refutes, record.Say("only %s were answered by terminating Pods", share(n, known)))
		}
	}
	d.say(record.Say("A terminating Pod's server still listens but answers with errors, while nodes still route requests to it."),
		record.Say("Make it keep answering normally while its Pod terminates, and close kept-alive connections as it does; for new connections a preStop hook that sleeps is enough."))
	if sooner := f.stopSooner(hook); proxied && len(sooner) > 0 {
		d.pro(0, record.Say("all containers of a Pod get the stop signal at once, except for their preStop hooks; these stop before the one that serves: %s", strings.Join(sooner, ", ")))
		d.say(record.Say("A terminating Pod's server still listens, but another container of the Pod, which it needs to answer, has stopped before it."),
			record.Say("Give that container a preStop hook that sleeps for longer than the server's, so that it stops last; or make it a sidecar (an init container with restartPolicy Always), which stops after the others."))
		f.sleep(int(math.Ceil(hook))+2, grace, sooner, d)
		return true
	}
	if hook > 0 {
		d.pro(0, record.Say("its preStop hook sleeps for %s only", words.Duration(time.Duration(hook*float64(time.Second)))))
	}
	f.hookOf(max(5, 2*int(hook), min(15, int(lag.Seconds())+2)), grace, d)
	if count(b.asked, func(t tally) bool { return t.reused }) > 0 {
		d.Patch = nil // no hook ends kept-alive connections
	}
	return true
}

// answersOnTerm is the status, not the one that clients expect, that l answered on its own
// address once it had been told to go and until it had left, and from when on; 0 where it did
// not.
func (f *facts) answersOnTerm(l leaver) (status int, at time.Time) {
	for _, a := range f.answers[l.UID] {
		if a.at.Before(l.asked.Add(-FaultLead*time.Second)) || !l.gone.IsZero() && a.at.After(l.gone) {
			continue
		}
		if a.it.Status != 0 && !f.expected(a.it.Status) {
			return a.it.Status, a.at
		}
	}
	return 0, at
}
