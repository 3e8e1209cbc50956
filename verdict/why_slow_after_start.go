package verdict

import (
	"slices"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// warmsFor is how long a new Pod may take to be as quick as the others.
const warmsFor = 15 * time.Second

// slowAfterStart: a new Pod answers, and slowly at first: cold caches, code that is not
// compiled yet, connections to be opened.
//
// For it: what was slow or timed out was answered by Pods that had come after the fault, soon
// after they were called ready. Against it: Pods that were there before were as slow, or the
// new ones are so still.
func slowAfterStart(f *facts, b burst, d *Diagnosis) bool {
	if !b.whole() && !b.mostly(record.ClassTimeout) || b.whole() && (f.stuck() || !f.slow()) {
		return false
	}
	from, to := b.from.Unix(), b.to.Unix()
	if b.whole() && f.turn.IsZero() {
		return false
	}
	slow, new, later, known := 0, 0, 0, 0
	var slowest time.Duration
	for _, t := range f.tallies(from, to) {
		if t.class != "" && t.class != record.ClassTimeout || t.pod == "" {
			continue
		}
		known += t.n
		slow += first(t.class == "") * t.n
		if l := f.named(t.pod, time.Unix(t.second+1, 0)); l != nil && (f.came(l) || len(l.restarted) > 0) {
			if at := time.Unix(t.second, 0); slices.ContainsFunc(l.ready, func(s span) bool { return (span{s.from, s.from.Add(warmsFor)}).within(at, time.Second) }) {
				new += t.n
				slowest = max(slowest, t.slowest)
			} else {
				later += t.n
			}
		}
	}
	if new == 0 {
		return false
	}
	if 2*new > known {
		d.pro(shows+allows, record.Say("%s of %s slow requests were answered by new Pods, in up to %s", words.Count(new), words.Count(known), words.Duration(slowest)))
	} else {
		d.con(shows, record.Say("only %s of %s slow requests were answered by new Pods", words.Count(new), words.Count(known)))
	}
	if n := b.when(func(at time.Time) bool {
		return slices.ContainsFunc(f.withoutReady(), func(s span) bool { return s.within(at, 0) })
	}); 2*n > b.n() {
		d.con(shows, record.Say("%s were due while no endpoint was ready", share(n, b.n())))
	}
	if later > 0 {
		d.con(suggests, record.Say("%s more were answered as slowly by such Pods when they had been ready for %s", words.Count(later), words.Duration(warmsFor)))
	}
	d.say(record.Say("New Pods answer slowly for a while after they are marked ready."),
		record.Say("Warm them up before they are marked ready: make the readiness or startup probe wait for caches, compiled code and connections."))
	return true
}
