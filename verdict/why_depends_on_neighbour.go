package verdict

import (
	"slices"
	"strings"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// dependsOnNeighbour: the Pods ask another service for what they answer, and the fault took
// that along for a while.
//
// For it: Pods to which nothing was done wait for somebody else and answer 502 or 504, or
// not in time, and the same Pods answer again when that is back. Against it: they never do,
// so that it is they who keep what is outdated.
func dependsOnNeighbour(f *facts, b burst, d *Diagnosis) bool {
	if b.whole() || !b.mostly(record.ClassStatus5, record.ClassTimeout, record.ClassReset) || f.effect().Away != "" || len(f.faults) == 0 || b.from.Before(f.turn.Add(-time.Duration(f.lead())*time.Second)) {
		return false
	}
	waits, evidence := f.waitsForOthers(b)
	own, known := f.answerers(b, f.spared)
	if waits == 0 || 2*own <= known || own == 0 {
		return false
	}
	d.pro(suggests, record.Say("%s were answered, or accepted and not answered, by Pods that had been ready for a while and stayed so", share(own, b.n())))
	d.pro(allows, evidence)
	if again := f.answersAgain(b); len(again) > 0 {
		d.pro(suggests+allows, record.Say("answered again without intervention after %s: %s", words.Duration(b.span()), once(again)))
	} else {
		d.con(shows, record.Say("none of the Pods answered again without intervention"))
	}
	if usual, then, more := f.eachTakesMore(b); more {
		d.con(suggests, record.Say("each answered %s requests/s meanwhile, more than the %s of the baseline", words.Count(int(then)), words.Count(int(usual))))
	}
	d.say(record.Say("The Pods depend on another service, or on one of themselves, to answer, and the fault disrupted that dependency."),
		record.Say("Give the dependency replicas on several nodes, a PodDisruptionBudget and a preStop hook as well, and make calls to it time out early and retry elsewhere, or answer without it."))
	return true
}

// spared says whether l was ready for a while and stayed at t, and no fault had hit it but
// one that told it to go later.
func (f *facts) spared(l *life, t time.Time) bool {
	return l.stays(t) && !(f.struck(l.uid) && l.asked.IsZero())
}

// waitsForOthers counts the failures of b that a Pod answered for somebody else, and those
// that it took and did not answer in time, and says so.
func (f *facts) waitsForOthers(b burst) (n int, evidence record.Text) {
	proxied := count(b.asked, func(t tally) bool { return t.status == 502 || t.status == 503 || t.status == 504 })
	taken := count(b.asked, func(t tally) bool {
		return t.class == record.ClassTimeout && strings.HasPrefix(t.err, "wait for response")
	})
	return proxied + taken, record.Say("%s were answered 502, 503 or 504, and %s more were accepted and not answered in time: the Pod waits for an upstream", words.Count(proxied), words.Count(taken))
}

// answersAgain are the Pods that failed in b though nothing was done to them, and answered
// clients within some seconds after it.
func (f *facts) answersAgain(b burst) (names []string) {
	answered := f.answered("", b.to.Unix()+1, b.to.Unix()+1+int64(2*leadLimit/time.Second))
	for _, t := range b.asked {
		at := time.Unix(t.second, 0)
		l := f.named(t.pod, at.Add(time.Second))
		if l != nil && f.spared(l, at) && l.stays(b.to) && len(l.restarted) == 0 && answered[l.name] && !slices.Contains(names, l.name) {
			names = append(names, l.name)
		}
	}
	return names
}
