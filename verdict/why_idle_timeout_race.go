package verdict

import (
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// idleTimeoutRace: the server closes a kept-alive connection that has been idle for about
// as long as its client leaves it so, and requests meet the close.
//
// For it: only requests on connections that had served before fail, closed or reset, with
// nobody on the way out and nothing started again. Against it: Pods leave just then, or
// new connections fail as well.
func idleTimeoutRace(f *facts, b burst, d *Diagnosis) bool {
	if b.whole() || !b.mostly(record.ClassClosed, record.ClassReset) {
		return false
	}
	fresh := f.onFresh(b)
	if 5*fresh > b.n() {
		return false
	}
	d.pro(shows, record.Say("%s were on kept-alive connections, closed or reset by the server", share(b.n()-fresh, b.n())))
	busy := b.when(func(at time.Time) bool { return f.onTheWayOut(at, leadLimit) || f.startedNear(at) })
	if 2*busy > b.n() {
		d.con(refutes, record.Say("Pods were terminating or restarted as %s were due", share(busy, b.n())))
	} else {
		d.pro(suggests, record.Say("no Pod was terminating, and none was restarted"))
	}
	if pause := f.start.Plan.ThinkTime; pause > 0 {
		d.pro(0, record.Say("clients leave each connection idle for %s or a little more", words.Duration(pause)))
	}
	pods := map[string]bool{}
	for _, t := range b.asked {
		if t.pod != "" {
			pods[t.pod] = true
		}
	}
	if len(pods) > 1 {
		d.pro(allows, record.Say("they are spread over %d Pods", len(pods)))
	}
	d.say(record.Say("The server closes idle kept-alive connections after about the time that clients leave them idle, and requests race with the close."),
		record.Say("Set the server's keep-alive timeout to be longer than its clients' idle timeout."))
	return true
}

// onFresh counts the failures of b of streams that open a connection for each request.
func (f *facts) onFresh(b burst) (n int) {
	for _, st := range f.start.Plan.Streams {
		if st.Mode == record.Fresh {
			n += b.streams[st.Name()]
		}
	}
	return n
}

// startedNear says whether a container was started again, or a Pod was lost, near t.
func (f *facts) startedNear(t time.Time) bool {
	for _, l := range f.lives() {
		for _, at := range l.restarted {
			if (span{at, at}).within(t, leadLimit) {
				return true
			}
		}
		if !l.gone.IsZero() && (span{l.gone, l.gone}).within(t, leadLimit) {
			return true
		}
	}
	return false
}
