package verdict

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// readinessFails: under load the readiness probe fails, Pods leave rotation, and the load
// on the others grows until they leave it as well.
//
// For it: the kubelet's word of the probe, and Pods that leave rotation and come back,
// though nothing was done to them. Against it: the fault hit them, or they answered as
// quickly as ever until they did not answer at all.
func readinessFails(f *facts, b burst, d *Diagnosis) bool {
	if b.whole() {
		return false
	}
	var names []string
	near := span{b.from, b.to}
	for _, l := range f.lives() {
		if slices.ContainsFunc(f.flaps(l), func(at time.Time) bool { return near.within(at, 2*leadLimit) }) {
			names = append(names, l.name)
		}
	}
	if len(names) == 0 {
		return false
	}
	said := ""
	for _, e := range f.said(func(e record.Event) bool {
		return e.Reason == "Unhealthy" && strings.HasPrefix(e.Message, "Readiness probe failed")
	}) {
		if l := f.podOf(e); l != nil && slices.Contains(names, l.name) && near.within(e.at, 2*leadLimit) {
			said = e.it.Message
		}
	}
	d.pro(suggests, record.Say("became unready, though no fault had hit them: %s", once(names)))
	if said == "" {
		return false
	}
	d.pro(shows, record.Say("the kubelet said: %s", short(said)))
	if c, ok := f.container(); ok && cores(c.Limits.CPU) > 0 && f.coresUsed(b) >= usedUp*cores(c.Limits.CPU)*float64(f.start.Replicas) {
		d.con(shows, record.Say("the Pods had used up their CPU limit, which makes the probe late as well"))
	}
	if before, usual := f.slowBefore(b); before > 0 && before <= 2*usual+LateRequest && b.mostly(record.ClassTimeout) {
		d.con(refutes, record.Say("requests were answered as quickly as ever right before (p99 %s, %s in the baseline), and then not at all: the probe failed because the Pods did not answer", words.Duration(before), words.Duration(usual)))
	}
	if len(names) > 1 {
		d.pro(allows, record.Say("%d Pods did, one after the other", len(names)))
	}
	d.say(record.Say("The readiness probe fails under load, so Pods become unready and their load moves to the others, until those fail as well: a cascading failure."),
		record.Say("Give the readiness probe a longer timeout and a higher failureThreshold, serve it separately from the work, and shed load rather than become unready."))
	if c, ok := f.container(); ok && c.Readiness != nil {
		d.change("workload", " spec:", "   template:", "     spec:", "       containers:", "       - name: "+c.Name, "         readinessProbe:",
			fmt.Sprintf("-          timeoutSeconds: %d", c.Readiness.Timeout), fmt.Sprintf("-          failureThreshold: %d", c.Readiness.Failures),
			fmt.Sprintf("+          timeoutSeconds: %d", max(3, 2*c.Readiness.Timeout)), fmt.Sprintf("+          failureThreshold: %d", max(5, 2*c.Readiness.Failures)))
	}
	return true
}

// slowBefore is the highest p99 of a stream in the seconds right before b that were due to be
// answered before it, and in the baseline.
func (f *facts) slowBefore(b burst) (before, usual time.Duration) {
	for _, name := range f.streams() {
		sum, _ := f.merged(name, b.from.Unix()-3, b.from.Unix())
		before = max(before, quantiles(sum).P99)
		sum, _ = f.merged(name, f.from, f.to)
		usual = max(usual, quantiles(sum).P99)
	}
	return before, usual
}

// flaps are the times at which l left rotation though it was not told to go and no fault
// had hit it, and came back or was still there at the end.
func (f *facts) flaps(l *life) (all []time.Time) {
	if l.stray || len(l.restarted) > 0 || f.struck(l.uid) && l.asked.IsZero() {
		return nil
	}
	for i, s := range l.ready {
		back := i+1 < len(l.ready)
		if (back || s.to.Before(f.last) && l.gone.IsZero()) && (l.asked.IsZero() || l.asked.After(s.to.Add(time.Second))) {
			all = append(all, s.to)
		}
	}
	return all
}
