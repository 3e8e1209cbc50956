package verdict

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// readyBeforeItServes: a new Pod is called ready, and cannot yet answer what clients ask.
//
// For it: the failures come from Pods that came after the fault, in the time after they
// were called ready; the readiness probe asks for something else than clients do. Against
// it: Pods that were there before fail as well. Without a readiness probe it is
// no-readiness-probe.
func readyBeforeItServes(f *facts, b burst, d *Diagnosis) bool {
	c, known := f.container()
	if b.whole() || known && c.Readiness == nil || f.broken() {
		return false
	}
	starters := f.starters(b)
	if len(starters) == 0 {
		return false
	}
	var names []string
	for _, s := range starters {
		names = append(names, s.name)
	}
	n, of := f.answerers(b, func(l *life, at time.Time) bool {
		return slices.ContainsFunc(starters, func(s *life) bool { return s.uid == l.uid })
	})
	switch {
	case of > 0 && 2*n > of:
		d.pro(shows+allows, record.Say("%s were answered by new Pods that had been marked ready: %s", share(n, b.n()), once(names)))
	case of > 0:
		d.con(refutes, record.Say("only %s were answered by new Pods", share(n, of)))
	case b.mostly(record.ClassRefused, record.ClassReset, record.ClassTimeout):
		d.pro(suggests, record.Say("the failures began within %s after new Pods were marked ready: %s", words.Duration(startLead), once(names)))
	default:
		return false
	}
	for _, s := range starters {
		if status, ok := f.wrongWhileReady(s); ok {
			d.pro(suggests, record.Say("Pod %s was marked ready and answered %s on its own address", s.name, status))
			break
		}
	}
	if len(f.around(b)) > 0 && of == 0 {
		d.con(allows, record.Say("other Pods were terminating at the same time"))
	}
	if answered := f.answered("", f.from, f.last.Unix()+1); of > 0 && !slices.ContainsFunc(names, func(name string) bool { return answered[name] }) {
		d.pro(0, record.Say("none of them has ever answered as expected"))
		d.say(record.Say("New Pods are marked ready, but never serve client requests."),
			record.Say("Find in a new Pod's log why it cannot answer (in logs/ beside the report), and make the readiness probe send the same request as clients, %s, so that none is sent there meanwhile.", f.called()))
		f.probesFor(d)
		return true
	}
	d.say(record.Say("New Pods are marked ready before they can serve client requests."),
		record.Say("Make the readiness probe send the same request as clients, %s, so that it passes only when that is answered.", f.called()))
	f.probesFor(d)
	return true
}

// probesFor tells whether the readiness probe asks for what clients ask for, and what to
// change where it does not.
func (f *facts) probesFor(d *Diagnosis) {
	c, known := f.container()
	if !known || c.Readiness == nil {
		return
	}
	call, asks := f.called(), c.Readiness.Asks
	path, rest, ok := strings.Cut(strings.TrimPrefix(asks, "GET "), " on ")
	switch {
	case !ok || !strings.HasPrefix(asks, "GET "):
		d.pro(allows, record.Say("the readiness probe checks less than clients need: %s", asks))
	case path == call.Path:
		d.con(allows, record.Say("the readiness probe sends the same request as clients, on %s", rest))
	default:
		d.pro(suggests, record.Say("the readiness probe requests %s, clients request %s", path, call.Path))
		d.change("workload", " spec:", "   template:", "     spec:", "       containers:", "       - name: "+c.Name, "         readinessProbe:", "           httpGet:",
			"-            path: "+path, fmt.Sprintf("+            path: %q", call.Path))
	}
}

// startLead is how soon after a Pod is called ready failures begin that are its.
const startLead = 3 * time.Second

// starters are the Pods that came after the fault, or had started again, and with which
// failures began as they were called ready: their own, where it is known who answered.
func (f *facts) starters(b burst) (all []*life) {
	for _, l := range f.lives() {
		if l.stray || !f.came(l) && len(l.restarted) == 0 {
			continue
		}
		if slices.ContainsFunc(l.ready, func(s span) bool {
			if !f.came(l) && !slices.ContainsFunc(l.restarted, func(at time.Time) bool { return !at.After(s.to) }) {
				return false
			}
			turn := s.from.Add(-time.Second)
			if first, ok := b.firstOf(l.name); ok {
				return !first.Before(turn) && first.Before(s.from.Add(startLead))
			}
			before := b.when(func(at time.Time) bool { return at.Before(turn) && !at.Before(turn.Add(-startLead)) })
			after := b.when(func(at time.Time) bool { return !at.Before(turn) && at.Before(s.from.Add(startLead)) })
			return after > 2*before
		}) {
			all = append(all, l)
		}
	}
	return all
}

// firstOf is when the first of the failures that the named Pod answered was due, to the
// second.
func (b burst) firstOf(pod string) (first time.Time, ok bool) {
	for _, t := range b.asked {
		if at := time.Unix(t.second, 0); t.pod == pod && t.class != "" && (!ok || at.Before(first)) {
			first, ok = at, true
		}
	}
	return first, ok
}

// wrongWhileReady is what a Pod answered on its own address while clients were sent to it.
func (f *facts) wrongWhileReady(l *life) (status string, ok bool) {
	for _, a := range f.answers[l.uid] {
		if !l.served(a.at, 0) || f.expected(a.it.Status) || !l.asked.IsZero() && a.at.After(l.asked) {
			continue
		}
		if a.it.Status == 0 {
			return short(a.it.Error), true
		}
		return fmt.Sprint(a.it.Status), true
	}
	return "", false
}
