package verdict

import (
	"maps"
	"slices"
	"strings"
	"time"

	"hagate/record"
)

func faultProven(f *facts) finding {
	switch {
	case f.start.NoFault:
		return skipped(record.Say("no fault was planned"))
	case f.unclean() && f.lacking():
		return skipped(record.Say("the fault was not injected: the service was not in steady state"))
	}
	want := record.Say("the fault hit something that was serving, and the cluster shows the effect")
	if f.planned() > 1 {
		want = record.Say("the fault hit something that was serving, and the cluster shows the effect, %d times", f.planned())
	}
	for _, fault := range f.faults {
		if fault.State == record.Failed {
			return met(false, want, record.Say("the fault %s could not be injected or reverted: %s", fault.Name, fault.Error))
		}
	}
	if len(f.rounds) == 0 {
		return met(false, want, record.Say("no fault was injected"))
	}
	var proven []record.Text
	for _, r := range f.rounds {
		got, missing := f.proven(r)
		if !missing.IsZero() {
			return met(false, want, missing)
		}
		proven = append(proven, got)
	}
	took, recovered := f.recovery()
	inTime := recovered && took <= f.start.SLO.MaxRecovery && f.blocked() == nil
	if inTime && replicasBack(f).result == Pass && len(f.rounds) < f.planned() {
		return met(false, want, record.Say("the fault was injected %d of %d times, though the service had recovered in time", len(f.rounds), f.planned()))
	}
	return met(true, want, record.Join("; ", proven...))
}

// proven says what proves the round's fault, or what is missing for that.
func (f *facts) proven(r *round) (got, missing record.Text) {
	fault := r.fault(record.Injected)
	blocked := fault == nil && r.fault(record.Blocked) != nil
	if blocked {
		fault = r.fault(record.Blocked)
	}
	if fault == nil {
		return got, record.Say("no fault was injected")
	}
	effect, known := effects[fault.Effect.Kind]
	if !known {
		return got, record.Say("no proof is defined for the fault %q", fault.Name)
	}
	var lacks []record.Text
	if !blocked { // it may have had no effect
		lacks = effect.prove(f, r, fault.Fault)
	}
	if !effect.noPod {
		lacks = append(f.notServing(r), lacks...)
	}
	if len(lacks) > 0 {
		return got, record.Say("the fault is not proven: %s", listed(lacks...))
	}
	var names []string
	for _, v := range r.victims {
		names = append(names, v.Name)
	}
	slices.Sort(names)
	if blocked {
		return record.Say("%s was tried on %s, and blocked", fault.Name, listed(named(names)...).Or(record.Say("the workload"))), missing
	}
	evidence := listed(fault.Evidence...).Or(record.Say("seen in the watch"))
	if len(names) == 0 {
		return record.Say("%s hit no Pod: %s", fault.Name, evidence), missing
	}
	return record.Say("%s hit %s: %s", fault.Name, listed(named(names)...), evidence), missing
}

// notServing says what shows that what was hit was not serving when the fault went in:
// every victim has to have been a ready endpoint, and one of them to have answered.
func (f *facts) notServing(r *round) []record.Text {
	if len(r.victims) == 0 {
		return []record.Text{record.Say("no Pod was hit")}
	}
	ready := map[string]bool{}
	for _, e := range f.endpointsAt(r.turn).List {
		ready[e.UID] = e.Ready
	}
	answered := f.answered("", f.baselineBegan(), r.turn.Unix()+1)
	var missing []record.Text
	var silent []string
	for _, uid := range slices.Sorted(maps.Keys(r.victims)) {
		v := r.victims[uid]
		if !ready[uid] {
			missing = append(missing, record.Say("%s was not a ready endpoint", v.Name))
		}
		if pod, ok := f.pod(uid, r.turn, false, func(record.Pod) bool { return true }); !ok || !pod.Ready {
			missing = append(missing, record.Say("%s was not a ready Pod", v.Name))
		}
		if !answered[v.Name] {
			silent = append(silent, v.Name)
		}
	}
	if f.start.Plan.PodHeader != "" && len(silent) == len(r.victims) && !(f.failedWhileReady(r) && failedRequests(f).result == Fail) {
		missing = append(missing, record.Say("%s had answered no request", strings.Join(silent, ", ")))
	}
	return missing
}

// failedWhileReady says whether requests failed that were due while what was hit was a ready
// endpoint: then it may well have been sent some. That it answered none is the service's doing
// where more failed than may; a scenario passes only where the fault is proven.
func (f *facts) failedWhileReady(r *round) bool {
	since := r.turn
	for _, e := range slices.Backward(f.endpoints) {
		if !e.at.Before(r.turn) {
			continue
		}
		if !slices.ContainsFunc(e.it.List, func(p record.Endpoint) bool { _, hit := r.victims[p.UID]; return hit && p.Ready }) {
			break
		}
		since = e.at
	}
	return slices.ContainsFunc(f.bursts(false), func(b burst) bool {
		return b.when(func(at time.Time) bool { return !at.Before(since) && at.Before(r.turn) }) > 0
	})
}

func notLeaving(pod string) record.Text { return record.Say("%s is neither terminating nor gone", pod) }

func proveLeaving(f *facts, r *round, _ record.Fault) []record.Text {
	return f.unseen(r, notLeaving, leaving)
}

func proveKill(f *facts, r *round, fault record.Fault) []record.Text {
	missing := f.unseen(r, func(pod string) record.Text { return record.Say("%s still exists", pod) }, func(p record.Pod) bool { return p.Gone })
	if len(fault.Evidence) == 0 {
		missing = append(missing, record.Say("no evidence that its processes were killed"))
	}
	return missing
}

// proveDrain wants the node cordoned, and the Pods that served on it leaving.
func proveDrain(f *facts, r *round, _ record.Fault) []record.Text {
	var missing []record.Text
	if len(r.nodes) == 0 {
		missing = append(missing, record.Say("no node was hit"))
	}
	for _, name := range r.nodes {
		cordoned := slices.ContainsFunc(f.nodes, func(n seen[record.Node]) bool {
			return n.it.Name == name && n.it.Unschedulable && !n.at.Before(r.turn)
		})
		if !cordoned {
			missing = append(missing, record.Say("node %s was never seen cordoned", name))
		}
	}
	return append(missing, f.unseen(r, notLeaving, leaving)...)
}

// proveEvidence is all that shows a fault of which the cluster need not notice.
func proveEvidence(_ *facts, _ *round, fault record.Fault) []record.Text {
	if len(fault.Evidence) == 0 {
		return []record.Text{record.Say("no evidence that it was done")}
	}
	return nil
}

// proveRestart wants every victim's containers started again.
func proveRestart(f *facts, r *round, fault record.Fault) []record.Text {
	missing := proveEvidence(f, r, fault)
	for _, uid := range slices.Sorted(maps.Keys(r.victims)) {
		before, _ := f.pod(uid, r.turn, false, func(record.Pod) bool { return true })
		if _, ok := f.pod(uid, r.turn, true, func(p record.Pod) bool { return p.Restarts > before.Restarts }); !ok {
			missing = append(missing, record.Say("%s was never restarted", r.victims[uid].Name))
		}
	}
	return missing
}

// proveReboot wants every victim started again or leaving.
func proveReboot(f *facts, r *round, fault record.Fault) []record.Text {
	missing := proveEvidence(f, r, fault)
	for _, uid := range slices.Sorted(maps.Keys(r.victims)) {
		before, _ := f.pod(uid, r.turn, false, func(record.Pod) bool { return true })
		if _, ok := f.pod(uid, r.turn, true, func(p record.Pod) bool { return p.Restarts > before.Restarts || leaving(p) }); !ok {
			missing = append(missing, record.Say("%s was neither restarted nor replaced", r.victims[uid].Name))
		}
	}
	return missing
}

// proveUnlisted wants the victims out of the Service.
func proveUnlisted(f *facts, r *round, _ record.Fault) []record.Text {
	var missing []record.Text
	for _, uid := range slices.Sorted(maps.Keys(r.victims)) {
		only := map[string]record.Victim{uid: r.victims[uid]}
		left := slices.ContainsFunc(f.endpoints, func(e seen[record.Endpoints]) bool {
			return !e.at.Before(r.turn) && len(among(only, e.it)) == 0
		})
		if !left {
			missing = append(missing, record.Say("%s was never removed from the Service's endpoints", r.victims[uid].Name))
		}
	}
	return missing
}

// proveDown wants each node seen to be no longer ready.
func proveDown(f *facts, r *round, fault record.Fault) []record.Text {
	missing := proveEvidence(f, r, fault)
	if len(r.nodes) == 0 {
		missing = append(missing, record.Say("no node was hit"))
	}
	for _, name := range r.nodes {
		down := slices.ContainsFunc(f.nodes, func(n seen[record.Node]) bool {
			return n.it.Name == name && !n.it.Ready && !n.at.Before(r.turn)
		})
		if !down {
			missing = append(missing, record.Say("node %s was never seen not ready", name))
		}
	}
	return missing
}

// proveEvicted wants each victim ended by the kubelet, or leaving.
func proveEvicted(f *facts, r *round, fault record.Fault) []record.Text {
	missing := append(proveEvidence(f, r, fault), f.unseen(r, func(pod string) record.Text { return record.Say("%s is not evicted", pod) }, func(p record.Pod) bool { return p.Phase == "Failed" || p.Phase == "Succeeded" || leaving(p) })...)
	if len(r.nodes) == 0 {
		missing = append(missing, record.Say("no node was hit"))
	}
	return missing
}

// proveFull wants the victims leaving, and no Pod placed on their node from then on
// until the fault is taken back.
func proveFull(f *facts, r *round, fault record.Fault) []record.Text {
	missing := append(proveEvidence(f, r, fault), proveLeaving(f, r, fault)...)
	back := r.fault(record.Reverting)
	for _, v := range r.victims {
		for _, s := range f.pods {
			_, old := f.pod(s.it.UID, r.turn, false, func(record.Pod) bool { return true })
			if !old && s.it.Node == v.Node && !s.at.Before(r.turn) && (back == nil || s.at.Before(back.Time)) {
				return append(missing, record.Say("%s was scheduled onto %s, which should have had no room", s.it.Name, v.Node))
			}
		}
	}
	return missing
}

// proveJoin wants the victims leaving, and their node gone and then there again.
func proveJoin(f *facts, r *round, fault record.Fault) []record.Text {
	missing := append(proveEvidence(f, r, fault), proveLeaving(f, r, fault)...)
	if len(r.nodes) == 0 {
		missing = append(missing, record.Say("no node was hit"))
	}
	for _, name := range r.nodes {
		gone, back := false, false
		for _, n := range f.nodes {
			if n.it.Name == name && !n.at.Before(r.turn) {
				gone = gone || n.it.Gone
				back = gone && n.it.Ready && !n.it.Gone
			}
		}
		if !back {
			missing = append(missing, record.Say("node %s was never observed leaving and rejoining", name))
		}
	}
	return missing
}

// proveSlow wants requests that were late while the fault was in.
func proveSlow(f *facts, r *round, fault record.Fault) []record.Text {
	missing := proveEvidence(f, r, fault)
	for _, name := range f.streams() {
		if late, _ := f.late(r, name); late > 0 {
			return missing
		}
	}
	return append(missing, record.Say("no request was slow"))
}

// proveBroken wants a Pod that came after the turn.
func proveBroken(f *facts, r *round, fault record.Fault) []record.Text {
	missing := proveEvidence(f, r, fault)
	before := map[string]bool{}
	for _, s := range f.pods {
		if s.at.Before(r.turn) {
			before[s.it.UID] = true
		} else if !before[s.it.UID] && !s.it.Stray {
			return missing
		}
	}
	return append(missing, record.Say("no Pod of the broken version was seen"))
}

// proveScale wants as many ready endpoints as were declared.
func proveScale(f *facts, r *round, fault record.Fault) []record.Text {
	there := slices.ContainsFunc(f.endpoints, func(e seen[record.Endpoints]) bool {
		return !e.at.Before(r.turn) && f.own(e.it).Ready() == fault.Replicas
	})
	if !there {
		return []record.Text{record.Say("the Service never had %d ready endpoints", fault.Replicas)}
	}
	return nil
}

func leaving(p record.Pod) bool { return p.Gone || p.Terminating != nil }

// unseen names the victims of which no state after the round's turn is as wanted.
func (f *facts) unseen(r *round, says func(pod string) record.Text, wanted func(record.Pod) bool) []record.Text {
	var missing []record.Text
	for _, uid := range slices.Sorted(maps.Keys(r.victims)) {
		if _, ok := f.pod(uid, r.turn, true, wanted); !ok {
			missing = append(missing, says(r.victims[uid].Name))
		}
	}
	return missing
}

// pod is the last state of the Pod uid that is as wanted, before or after turn.
func (f *facts) pod(uid string, turn time.Time, after bool, wanted func(record.Pod) bool) (p record.Pod, ok bool) {
	for _, s := range f.pods {
		if s.it.UID == uid && wanted(s.it) && s.at.Before(turn) != after {
			p, ok = s.it, true
		}
	}
	return p, ok
}

func faultReverted(f *facts) finding {
	if f.start.NoFault {
		return skipped(record.Say("no fault was planned"))
	}
	want := record.Say("the fault reverted, and every node that was schedulable before is schedulable again")
	if len(f.faults) == 0 {
		return skipped(record.Say("the fault was not injected"))
	}
	got := []record.Text{record.Say("reverted")}
	for _, r := range f.rounds {
		reverted := r.fault(record.Reverted)
		if reverted == nil {
			return met(false, want, record.Say("the fault was not reverted"))
		}
		got = append(got, reverted.Evidence...)
	}
	before, after := map[string]bool{}, map[string]bool{}
	for _, n := range f.nodes {
		open := !n.it.Unschedulable && !n.it.Gone
		if n.at.Before(f.turn) {
			before[n.it.Name] = open
		}
		after[n.it.Name] = open
	}
	var closed []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if before[name] && !after[name] {
			closed = append(closed, name)
		}
	}
	if len(closed) > 0 {
		return met(false, want, record.Say("still cordoned: %s", strings.Join(closed, ", ")))
	}
	return met(true, want, record.Join("; ", got...))
}

func faultFinished(f *facts) finding {
	if f.start.NoFault || f.unclean() {
		return skipped(record.Say("no fault was planned, or it was not injected"))
	}
	if b := f.blocked(); b != nil {
		return met(false, record.Say("not blocked"), record.Say("the service blocked %s: %s", b.Name, b.Error))
	}
	return met(true, record.Say("not blocked"), record.Say("not blocked"))
}
