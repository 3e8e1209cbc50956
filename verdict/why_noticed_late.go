package verdict

import (
	"fmt"
	"slices"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// noticedLate: a Pod stopped answering, and clients were sent to it until its readiness
// probe, or the cluster, had noticed, for longer than the scenario allows. Of the scenario
// as a whole: a Pod stays on a node that is lost, and nothing takes its place.
//
// For it: how long a Pod that the fault hit stayed a ready endpoint, and failures due
// meanwhile. Against it: other Pods answered them, or those that were hit answered on.
// With nobody else to answer it is all-in-one-zone or nobody-left, without a readiness probe
// no-readiness-probe, and where a Service leads to Pods that are not ready noticing it changes
// nothing: publishes-not-ready.
func noticedLate(f *facts, b burst, d *Diagnosis) bool {
	if f.start.Planned || f.effect().Away != "" || f.service().PublishNotReady {
		return false
	}
	if b.whole() {
		return f.staysOnLostNode(d)
	}
	over := f.exceeded(b)
	stayed, n := f.lingered(b)
	c, _ := f.container()
	if len(stayed) == 0 || over.IsZero() && !f.stuck() || !b.mostly(record.ClassTimeout, record.ClassNetwork) {
		return false
	}
	r := stayed[0].round
	ofNode := len(r.nodes) > 0
	if !ofNode && c.Readiness == nil || f.endpointsAt(r.turn).Ready() <= len(r.victims) {
		return false
	}
	if 2*n > b.n() {
		d.pro(shows, record.Say("%s were due while requests were still routed to Pods that the fault had hit", share(n, b.n())))
	} else {
		d.con(shows, record.Say("only %s were due while requests were still routed to Pods that the fault had hit", share(n, b.n())))
	}
	for _, l := range stayed {
		d.pro(0, l.stayed())
	}
	if !over.IsZero() {
		d.pro(suggests, over)
	}
	if def := f.start.Default; def != nil && def.MaxFailed > f.start.SLO.MaxFailed {
		d.pro(0, record.Say("the target allows %s failed requests a stream, by default %s may fail", words.Count(f.start.SLO.MaxFailed), words.Count(def.MaxFailed)))
	}
	hit := func(l *life, _ time.Time) bool { return f.struck(l.uid) }
	switch own, known := f.answerers(b, hit); {
	case 2*own > known:
		d.pro(suggests, record.Say("%s had been answered by them last", share(own, known)))
	case 4*known > b.n():
		d.con(refutes, record.Say("only %s had been answered by them last", share(own, known)))
	case known > 0:
		d.con(allows, record.Say("only %s had been answered by them last", share(own, known)))
	}
	if ok := f.answeredBy(stayed); ok > b.n() {
		d.con(refutes, record.Say("meanwhile they answered %s requests", words.Count(ok)))
	}
	if ofNode {
		if lost, node := f.lostNode(r); !lost.IsZero() {
			d.pro(allows, record.Say("the cluster marked node %s not ready %s after the fault", node, words.Duration(lost.Sub(r.turn))))
		}
		d.say(record.Say("Requests were routed to the Pods of a lost node until the cluster detected the loss."),
			record.Say("Run fewer of the Pods on one node, and make clients time out early and retry: how long the cluster waits for a silent node is its own setting (node-monitor-grace-period)."))
		return true
	}
	f.noticeSooner(c, stayed, d)
	return true
}

// noticeSooner says of a container's readiness probe why it was late, and what makes it
// sooner.
func (f *facts) noticeSooner(c record.Container, stayed []linger, d *Diagnosis) {
	p := c.Readiness
	takes := time.Duration(p.Failures*(p.Period+p.Timeout)) * time.Second
	d.pro(allows, record.Say("the readiness probe of container %s detects it within %s: %d failures, for each a period of %d s and a timeout of %d s", c.Name, words.Duration(takes), p.Failures, p.Period, p.Timeout))
	if slices.ContainsFunc(stayed, func(l linger) bool { return !l.left && l.held > takes+leadLimit }) {
		d.say(record.Say("A Pod that had stopped answering still got requests the whole time: its readiness probe passed."),
			record.Say("Make the readiness probe send the same request as clients to the server itself, %s.", f.called()))
		d.pro(allows, record.Say("the readiness probe's check: %s", p.Asks))
		return
	}
	d.say(record.Say("A Pod that had stopped answering still got requests until its readiness probe failed often enough."),
		record.Say("Make the readiness probe run more often and fail after fewer failures (periodSeconds, failureThreshold)."))
	const quick, few = 1, 3
	if p.Period <= quick && p.Failures <= few {
		d.Fix = record.Say("The readiness probe is already fast: make clients time out early and retry, or allow for the time that it takes (spec.slo).")
		return
	}
	d.change("workload", " spec:", "   template:", "     spec:", "       containers:", "       - name: "+c.Name, "         readinessProbe:",
		fmt.Sprintf("-          periodSeconds: %d", p.Period), fmt.Sprintf("-          failureThreshold: %d", p.Failures),
		fmt.Sprintf("+          periodSeconds: %d", min(quick, p.Period)), fmt.Sprintf("+          failureThreshold: %d", min(few, p.Failures)))
}

// staysOnLostNode looks for Pods that were not told to go from a node that was not ready.
func (f *facts) staysOnLostNode(d *Diagnosis) bool {
	if !f.stuck() {
		return false
	}
	for _, r := range f.rounds {
		lost, node := f.lostNode(r)
		end := f.last
		if back := r.fault(record.Reverting); back != nil {
			end = back.Time
		}
		for _, l := range f.lives() {
			if v, hit := r.victims[l.uid]; !hit || v.Node != node || lost.IsZero() || !l.asked.IsZero() && l.asked.Before(end) {
				continue
			}
			d.Score = shows
			d.pro(0, record.Say("node %s was not ready for %s, and its Pod %s was not asked to terminate", node, words.Duration(end.Sub(lost)), l.name))
		}
	}
	if d.Score == 0 {
		return false
	}
	d.say(record.Say("A Pod stays on a lost node for longer than the allowed recovery time, and is not replaced meanwhile."),
		record.Say("Make the Pods tolerate a not-ready or unreachable node for a few seconds only."))
	var lines []string
	for _, key := range []string{"not-ready", "unreachable"} {
		lines = append(lines, fmt.Sprintf("+      - {key: node.kubernetes.io/%s, operator: Exists, effect: NoExecute, tolerationSeconds: 5}", key))
	}
	d.change("workload", append([]string{" spec:", "   template:", "     spec:", "+      tolerations:"}, lines...)...)
	switch t := f.template(); {
	case t.LostFor < 0:
		d.pro(suggests, record.Say("the template has its Pods stay on a lost node for ever"))
	case t.LostFor > 0:
		d.pro(suggests, record.Say("the template has its Pods stay on a lost node for %s", words.Duration(time.Duration(t.LostFor)*time.Second)))
	}
	if t := f.template(); t.Tolerates || t.LostFor == 0 {
		d.Patch = nil // it would take other tolerations away
	}
	return true
}

// exceeded says how much more of b is a stream's than it may lose, or how much longer it
// had an outage; nothing where none exceeds what the scenario allows.
func (f *facts) exceeded(b burst) record.Text {
	for _, st := range f.sums {
		switch n, slo := b.streams[st.Name], f.start.SLO; {
		case n > slo.MaxFailed:
			return record.Say("%s lost %s requests, and may lose %s", st.Name, words.Count(n), words.Count(slo.MaxFailed))
		case st.LongestOutage > slo.MaxOutage:
			return record.Say("%s had an outage of %s, and may have one of %s", st.Name, words.Duration(st.LongestOutage), words.Duration(slo.MaxOutage))
		}
	}
	return record.Text{}
}

// linger is a Pod that a fault hit, and that clients were sent to all the same.
type linger struct {
	*life
	round *round
	in    []span // in which they were, while it was hit
	held  time.Duration
	left  bool // it was no endpoint any more at some time meanwhile
}

// stayed says how long.
func (l linger) stayed() record.Text {
	if !l.left {
		return record.Say("Pod %s stayed a ready endpoint the whole time, for %s", l.name, words.Duration(l.held))
	}
	return record.Say("Pod %s was removed from the ready endpoints %s after the fault", l.name, words.Duration(l.in[0].to.Sub(l.in[0].from)))
}

// lingered are the Pods that were hit and stayed, and how many failures of b were due
// meanwhile. A Pod that is told to go, has gone or is started again does not linger.
func (f *facts) lingered(b burst) (all []linger, n int) {
	for i, r := range f.rounds {
		in, back := r.fault(record.Injecting), r.fault(record.Reverting)
		if in == nil {
			continue
		}
		end := f.last
		if back != nil {
			end = back.Time
		} else if i+1 < len(f.rounds) {
			end = f.rounds[i+1].turn
		}
		for _, of := range f.lives() {
			if _, hit := r.victims[of.uid]; !hit {
				continue
			}
			l := linger{life: of, round: r}
			to := end
			for _, t := range append([]time.Time{of.asked, of.gone}, of.restarted...) {
				if t.After(in.Time) && t.Before(to) {
					to = t
				}
			}
			for _, s := range of.ready {
				if s.to.After(in.Time) && s.from.Before(to) {
					s = span{latest(s.from, in.Time), earliest(s.to, to)}
					l.in, l.held = append(l.in, s), l.held+s.to.Sub(s.from)
				}
			}
			if l.left = len(l.in) > 0 && l.held < to.Sub(in.Time); len(l.in) > 0 {
				all = append(all, l)
			}
		}
	}
	n = b.when(func(at time.Time) bool {
		return slices.ContainsFunc(all, func(l linger) bool {
			return slices.ContainsFunc(l.in, func(s span) bool { return s.within(at, 2*OutageGap) })
		})
	})
	return all, n
}

// answeredBy counts what such Pods answered in the whole seconds in which they lingered.
func (f *facts) answeredBy(all []linger) (n int) {
	for _, seconds := range f.seconds {
		for at, s := range seconds {
			for _, l := range all {
				if slices.ContainsFunc(l.in, func(s span) bool { return at > s.from.Unix() && at < s.to.Unix() }) {
					n += s.Pods[l.name]
				}
			}
		}
	}
	return n
}

// lostNode is the node that the round's fault hit and that was seen not ready from then on,
// and when that was; zero where none was.
func (f *facts) lostNode(r *round) (at time.Time, name string) {
	for _, n := range f.nodes {
		if slices.Contains(r.nodes, n.it.Name) && !n.it.Ready && !n.at.Before(r.turn) {
			return n.at, n.it.Name
		}
	}
	return at, ""
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
