package verdict

import (
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// cutsOff: told to stop, the server ends at once, and drops what it is answering.
//
// For it: requests that were under way when a Pod ended broke off, on connections to that
// Pod. Against it: its grace was over then, so that it was killed; or clients were refused,
// which is of Pods that still get requests.
func cutsOff(f *facts, b burst, d *Diagnosis) bool {
	if !b.mostly(record.ClassReset) { // what is closed at once may have crossed the request on the wire
		return false
	}
	n := 0
	early := time.Duration(0)
	var pods []string
	for _, l := range f.around(b) {
		ended := l.gone
		for _, e := range l.Exits {
			if e.At.After(l.asked.Add(-time.Second)) {
				ended = e.At
			}
		}
		if ended.IsZero() || f.killedIn(l).within(ended, endSlack) {
			continue
		}
		broke := b.when(func(at time.Time) bool { return (span{ended.Add(-f.answersIn()), ended}).within(at, time.Second) })
		if broke == 0 {
			continue
		}
		n += broke
		pods = append(pods, l.Name)
		early = max(early, l.end().Sub(ended))
		d.pro(0, record.Say("Pod %s had been asked to terminate at %s, and its process exited at %s", l.Name, clockOf(l.asked), clockOf(ended)))
	}
	if 2*n < b.n() {
		return false
	}
	d.pro(shows, record.Say("%s were in flight when a Pod's process exited, %s before the end of its grace period", share(min(n, b.n()), b.n()), words.Duration(early)))
	if on, known := f.answerers(b, func(l *life, at time.Time) bool {
		return !l.asked.IsZero() && !l.asked.After(at.Add(f.start.Plan.Timeout))
	}); 2*on > known {
		d.pro(shows, record.Say("%s were on connections to terminating Pods: %s", share(on, b.n()), once(pods)))
	} else if known > 0 {
		d.con(shows, record.Say("only %s were on connections to terminating Pods", share(on, known)))
	}
	d.say(record.Say("On the stop signal the server exits immediately and drops in-flight requests."),
		record.Say("Make it accept nothing new and finish in-flight requests before it exits: a graceful shutdown in its code, or the signal that triggers one (nginx: SIGQUIT, in the image's STOPSIGNAL)."))
	return true
}

// answersIn is how long an answer may take, as the baseline has it.
func (f *facts) answersIn() (longest time.Duration) {
	for _, st := range f.sums {
		longest = max(longest, st.Baseline.P99)
	}
	return longest
}
