package verdict

import (
	"fmt"
	"math"
	"strings"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// stopsWhileRouted: a Pod that is told to go stops taking connections while the
// EndpointSlice, or a node's rules, still send clients to it.
// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-flow
//
// For it: connections fail from when a Pod is told to go until the nodes have followed,
// and the Pod is deaf on its own address as well. Against it: a hook that sleeps for
// longer, unless the Pod is deaf before that is over; a Pod that answers for longer, failures
// at the end of its grace, and failures that other Pods answered.
func stopsWhileRouted(f *facts, b burst, d *Diagnosis) bool {
	if f.effect().Away == "kube-controller-manager" {
		return false // nobody was there to take the endpoint away
	}
	lag, grace, ok := time.Duration(0), 0, false
	if b.whole() {
		if f.stuck() {
			return false
		}
		lag, grace, ok = f.deafSoon(d)
	} else if b.mostly(record.ClassRefused, record.ClassReset, record.ClassTimeout, record.ClassNetwork) {
		lag, grace, ok = f.refusedByLeavers(b, d)
	}
	if !ok {
		return false
	}
	d.say(record.Say("A terminating Pod stops serving while nodes still route requests to it: it must keep serving until every node has removed its endpoint."),
		record.Say("Use a preStop hook that sleeps before the server gets the stop signal, for longer than nodes take to remove the endpoint."))
	c, known := f.container()
	hook := time.Duration(c.PreStopSleep * float64(time.Second))
	deaf, early := f.deafWithin(hook)
	switch {
	case !known:
	case early:
		d.pro(shows, record.Say("the preStop hook of container %s sleeps for %s, but the Pod stopped accepting new connections %s after it was asked to terminate: the hook, or what it runs, stops the server first", c.Name, words.Duration(hook), words.Duration(deaf)))
	case c.PreStop == "":
		d.pro(suggests, record.Say("container %s has no preStop hook", c.Name))
	case hook > lag:
		d.con(shows+allows, record.Say("its preStop hook sleeps for %s, longer than the failures lasted", words.Duration(hook)))
	case hook > 0:
		d.pro(allows, record.Say("its preStop hook sleeps for %s only", words.Duration(hook)))
	}
	if f.service().PublishNotReady {
		d.con(shows, record.Say("the Service publishes addresses that are not ready, so no hook is long enough"))
	}
	wait := max(5, int(math.Ceil(2*lag.Seconds()))+1)
	d.pro(0, record.Say("a preStop sleep of %d s is twice the longest delay observed plus 1 s, and at least 5 s", wait))
	f.hookOf(wait, grace, d)
	return true
}

// hookOf has the server's container sleep before it is told to stop, as well as those beside
// it without a hook, which it may need for its answers.
func (f *facts) hookOf(wait, grace int, d *Diagnosis) {
	c, known := f.container()
	names := []string{"…"}
	if known && (c.PreStop == "" || c.PreStop == "sleep") {
		names = []string{c.Name}
	}
	if beside := f.stopSooner(1); len(beside) > 0 {
		d.pro(0, record.Say("all containers of a Pod get the stop signal at once, and these have no preStop hook either: %s", strings.Join(beside, ", ")))
		names = append(names, beside...)
	}
	f.sleep(wait, grace, names, d)
}

// stopSooner are the containers beside the server's that are told to stop within so many
// seconds of a Pod being told to go.
func (f *facts) stopSooner(seconds float64) (names []string) {
	serves, _ := f.container()
	for _, c := range f.template().Containers {
		if c.Name != serves.Name && (c.PreStop == "" || c.PreStop == "sleep" && c.PreStopSleep < seconds) {
			names = append(names, c.Name)
		}
	}
	return names
}

// sleep has containers sleep before they are told to stop, and the grace be enough for that
// and for finishing what was begun.
func (f *facts) sleep(wait, grace int, containers []string, d *Diagnosis) {
	lines := []string{" spec:", "   template:", "     spec:"}
	if finish := 20; grace < wait+finish {
		d.pro(0, record.Say("the grace period of %d s leaves less than %d s after it to finish in-flight requests", grace, finish))
		lines = append(lines, fmt.Sprintf("-      terminationGracePeriodSeconds: %d", grace), fmt.Sprintf("+      terminationGracePeriodSeconds: %d", wait+finish+5))
	}
	lines = append(lines, "       containers:")
	for _, name := range containers {
		lines = append(lines,
			"       - name: "+name,
			"+        lifecycle:",
			"+          preStop:",
			fmt.Sprintf("+            sleep: {seconds: %d}", wait))
	}
	d.change("workload", lines...)
}

// deafSoon looks at Pods that were told to go and stopped taking connections on their own
// address too soon, though no client met one.
func (f *facts) deafSoon(d *Diagnosis) (lag time.Duration, grace int, ok bool) {
	for _, l := range f.leavers() {
		on, known := f.servedOn(l)
		if status, _ := f.answersOnTerm(l); !known || on >= f.start.SLO.MinServesOn || status != 0 {
			continue
		}
		if !ok {
			d.Score += shows
		}
		grace, ok = l.Grace, true
		d.pro(0, record.Say("Pod %s stopped accepting new connections on its own address %s after it was asked to terminate", l.Name, words.Duration(on)))
	}
	return f.start.SLO.MinServesOn, grace, ok
}

// deafWithin is how soon a Pod that was told to go took no connection any more on its own
// address, where that was clearly before its hook had slept.
func (f *facts) deafWithin(hook time.Duration) (soonest time.Duration, ok bool) {
	for _, l := range f.leavers() {
		on, known := f.servedOn(l)
		if status, _ := f.answersOnTerm(l); known && status == 0 && 2*on < hook && (!ok || on < soonest) {
			soonest, ok = on, true
		}
	}
	return soonest, ok
}

// refusedByLeavers lays failures at the door of the Pod that began to leave last.
func (f *facts) refusedByLeavers(b burst, d *Diagnosis) (lag time.Duration, grace int, ok bool) {
	leavers := f.leavers()
	laid, atEnd, late, heard := 0, 0, 0, 0
	period := record.AskPeriod(len(f.answers)) // for which an answer on a Pod's own address may be out of date
	for i, l := range leavers {
		next := b.to.Add(Slot)
		if i+1 < len(leavers) && leavers[i+1].asked.Before(next) {
			next = leavers[i+1].asked.Truncate(Slot)
		}
		if l.asked.After(b.to) || l.end().Add(leadLimit).Before(b.from) {
			continue
		}
		on, known := f.servedOn(l)
		before, after := 0, 0
		var last time.Time
		for at, n := range b.failed {
			if at.Before(l.asked.Truncate(Slot)) || !at.Before(next) {
				continue
			}
			switch {
			case l.left.IsZero() || at.Before(l.left):
				before += n
			case f.nobodyReadyIn(l.left, at):
				continue // the nodes refuse by themselves until they have heard of the next endpoint
			default:
				after += n
				if at.After(l.left.Add(leadLimit)) {
					late += n
				}
			}
			if f.killedIn(l).within(at, endSlack) {
				atEnd += n
			}
			if known && at.Before(l.asked.Add(on-period)) {
				heard += n
			}
			if at.After(last) {
				last = at
			}
		}
		if before+after == 0 {
			continue
		}
		laid += before + after
		lag = max(lag, last.Sub(l.asked))
		evidence := record.Say("Pod %s on %s began to terminate at %s", l.Name, l.Node, clockOf(l.asked))
		if l.left.IsZero() {
			evidence = record.Join("; ", evidence, record.Say("the EndpointSlice marked it ready the whole time, and %s requests failed", words.Count(before)))
		} else {
			evidence = record.Join("; ", evidence, record.Say("%s requests failed until the EndpointSlice no longer marked it ready, %s later", words.Count(before), words.Duration(max(0, l.left.Sub(l.asked)))))
		}
		if after > 0 {
			evidence = record.Say("%s, and %s more until the nodes' rules were updated, %s after termination began", evidence, words.Count(after), words.Duration(last.Sub(l.asked)))
		}
		grace = l.Grace
		d.pro(0, evidence)
		if status, _ := f.answersOnTerm(l); known && on-period <= last.Sub(l.asked) && status == 0 {
			d.pro(suggests, record.Say("Pod %s stopped accepting new connections on its own address %s after it was asked to terminate", l.Name, words.Duration(on)))
		}
	}
	if laid == 0 {
		return 0, 0, false
	}
	d.Score = shows + min(d.Score, suggests) // however many Pods left
	if 2*laid < b.n() {
		d.con(shows, record.Say("only %s were due while a Pod was terminating", share(laid, b.n())))
	}
	if 2*atEnd > laid {
		d.con(refutes, record.Say("%s occurred at the end of a Pod's grace period", share(atEnd, b.n())))
	}
	if 2*heard > laid && 2*atEnd <= laid {
		d.con(refutes, record.Say("the Pods still answered on their own addresses when %s were due", share(heard, b.n())))
	}
	if 3*late > laid {
		d.con(shows+allows, record.Say("%s were due more than %s after the EndpointSlice no longer marked it ready", share(late, b.n()), words.Duration(leadLimit)))
	}
	if n, known := f.answerers(b, func(l *life, at time.Time) bool { return l.asked.IsZero() || l.asked.After(at.Add(time.Second)) }); 2*n > known && 4*known > b.n() {
		d.con(shows, record.Say("%s were answered last by Pods that were not terminating", share(n, known)))
	}
	return lag, grace, true
}
