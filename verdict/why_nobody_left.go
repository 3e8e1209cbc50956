package verdict

import (
	"hagate/record"
	"hagate/verdict/words"
)

// nobodyLeft: for a time the Service had no ready endpoint at all.
//
// For it: the EndpointSlice was empty as the requests failed, and why that was so: one
// replica, or an update that took all. Against it: most requests failed while somebody was
// ready. All Pods in one place that the fault took is all-in-one-zone.
func nobodyLeft(f *facts, b burst, d *Diagnosis) bool {
	if _, _, taken := f.homeTaken(b); taken {
		return false
	}
	if b.whole() {
		return !f.stuck() && f.nobodyAtAll(d)
	}
	n := 0
	for _, w := range f.withoutReady() {
		if !w.from.After(b.to.Add(OutageGap)) && !w.to.Before(b.from) {
			for at, failed := range b.failed {
				if w.within(at, 2*OutageGap) {
					n += failed
				}
			}
			d.pro(0, record.Say("the Service had no ready endpoint from %s to %s, for %s", clockOf(w.from), clockOf(w.to), words.Duration(w.to.Sub(w.from))))
		}
	}
	if len(d.Evidence) == 0 {
		return false
	}
	d.Score += shows
	if 2*n < b.n() {
		d.con(suggests, record.Say("only %s were due then", share(n, b.n())))
	}
	switch {
	case f.start.Replicas == 1:
		d.say(record.Say("The only Pod became unavailable, and no other Pod could answer."), record.Say("Run at least two replicas, on different nodes."))
		d.pro(shows, record.Say("the workload declares 1 replica"))
		d.change("workload", " spec:", "-  replicas: 1", "+  replicas: 3")
	case f.effect().Updates:
		d.say(record.Say("A rollout terminated the old Pods before new ones were ready."), record.Say("Make rollouts start a new Pod before they terminate an old one (maxUnavailable: 0, maxSurge: 1)."))
		d.Score += shows
		if t := f.template(); t.Strategy != "" {
			d.pro(0, record.Say("the strategy is %s, with maxUnavailable %s and maxSurge %s", t.Strategy, orNone(t.MaxUnavailable), orNone(t.MaxSurge)))
		}
		d.change("workload", " spec:", "   strategy:", "+    type: RollingUpdate", "+    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}")
	default:
		d.say(record.Say("No Pod was ready, so no Pod could answer."), record.Say("Find out why all Pods were unavailable at once: the Pod lanes in the chart show when each was ready."))
	}
	return true
}

// nobodyAtAll looks for what takes all Pods away at once, whether a request failed or not.
func (f *facts) nobodyAtAll(d *Diagnosis) bool {
	low := f.readyLow()
	if low >= 0 && low < f.start.SLO.MinReady {
		d.pro(suggests, record.Say("at the worst moment %d of %d endpoints were ready", low, f.start.Replicas))
	}
	switch {
	case f.start.Replicas == 1:
		d.say(record.Say("There is only one Pod, and no Pod answers while it is unavailable."), record.Say("Run at least two replicas, on different nodes."))
		d.pro(shows, record.Say("the workload declares 1 replica"))
		d.change("workload", " spec:", "-  replicas: 1", "+  replicas: 3")
	case low == 0:
		d.say(record.Say("No Pod was ready, so no Pod could answer."), record.Say("Find out why all Pods were unavailable at once: the Pod lanes in the chart show when each was ready."))
		d.pro(allows, record.Say("for a time the Service had no ready endpoint"))
	default:
		return false
	}
	return true
}

func orNone(text string) string {
	if text == "" {
		return "–"
	}
	return text
}
