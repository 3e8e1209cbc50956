package verdict

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"hagate/record"
)

// proofs say, by the fault's name, what of the evidence is missing; nothing where the
// fault is proven.
var proofs = map[string]func(*facts, record.Fault) []string{
	"pod-delete": proveDelete,
	"pod-kill":   proveKill,
	"node-drain": proveDrain,
}

func faultProven(f *facts) finding {
	if f.start.NoFault {
		return skipped("no fault was planned")
	}
	const want = "the fault hit something that was serving, and the cluster shows the effect"
	fault := f.fault(record.Injected)
	if fault == nil {
		fault = f.blocked()
	}
	if failed := f.fault(record.Failed); failed != nil {
		return met(false, want, fmt.Sprintf("the fault %s could not be injected or put back: %s", failed.Name, failed.Error))
	}
	if fault == nil {
		return met(false, want, "no fault was injected")
	}
	name, _, _ := strings.Cut(fault.Name, " ")
	prove := proofs[name]
	if prove == nil {
		return met(false, want, fmt.Sprintf("nothing is known that would prove the fault %q", fault.Name))
	}
	missing := append(f.notServing(), prove(f, fault.Fault)...)
	if len(missing) > 0 {
		return met(false, want, "the fault is not proven: "+listed(missing, ""))
	}
	var names []string
	for _, v := range f.victims {
		names = append(names, v.Name)
	}
	slices.Sort(names)
	return met(true, want, fmt.Sprintf("%s hit %s: %s", fault.Name, listed(names, "no Pod"), listed(fault.Evidence, "seen in the watch")))
}

// notServing says what shows that a victim was not serving when the fault went in.
func (f *facts) notServing() []string {
	if len(f.victims) == 0 {
		return []string{"no Pod was hit"}
	}
	ready := map[string]bool{}
	for _, e := range f.endpointsAt(f.turn).List {
		ready[e.UID] = e.Ready
	}
	answered := f.answered("", f.baselineBegan(), f.turn.Unix()+1)
	var missing []string
	for _, uid := range slices.Sorted(maps.Keys(f.victims)) {
		v := f.victims[uid]
		if !ready[uid] {
			missing = append(missing, v.Name+" was no ready endpoint")
		}
		if pod, ok := f.pod(uid, func(record.Pod) bool { return true }, false); !ok || !pod.Ready {
			missing = append(missing, v.Name+" was not a ready Pod")
		}
		if f.start.Plan.PodHeader != "" && !answered[v.Name] {
			missing = append(missing, v.Name+" had answered no request")
		}
	}
	return missing
}

func proveDelete(f *facts, _ record.Fault) []string {
	return f.unseen("neither terminating nor gone", leaving)
}

func proveKill(f *facts, fault record.Fault) []string {
	missing := f.unseen("still there", func(p record.Pod) bool { return p.Gone })
	if len(fault.Evidence) == 0 {
		missing = append(missing, "no evidence that its processes were killed")
	}
	return missing
}

// proveDrain wants the node cordoned, and the Pods that served on it leaving, unless
// the service blocked that.
func proveDrain(f *facts, _ record.Fault) []string {
	var missing []string
	if len(f.nodesHit) == 0 {
		missing = append(missing, "no node was hit")
	}
	for _, name := range f.nodesHit {
		cordoned := slices.ContainsFunc(f.nodes, func(n seen[record.Node]) bool {
			return n.it.Name == name && n.it.Unschedulable && !n.at.Before(f.turn)
		})
		if !cordoned {
			missing = append(missing, "node "+name+" was never seen cordoned")
		}
	}
	if f.blocked() == nil {
		missing = append(missing, f.unseen("neither terminating nor gone", leaving)...)
	}
	return missing
}

func leaving(p record.Pod) bool { return p.Gone || p.Terminating != nil }

// unseen names the victims of which no state after the turn is as wanted.
func (f *facts) unseen(how string, wanted func(record.Pod) bool) []string {
	var missing []string
	for _, uid := range slices.Sorted(maps.Keys(f.victims)) {
		if _, ok := f.pod(uid, wanted, true); !ok {
			missing = append(missing, f.victims[uid].Name+" is "+how)
		}
	}
	return missing
}

// pod is the last state of the Pod uid that is as wanted, before or after the turn.
func (f *facts) pod(uid string, wanted func(record.Pod) bool, after bool) (p record.Pod, ok bool) {
	for _, s := range f.pods {
		if s.it.UID == uid && wanted(s.it) && s.at.Before(f.turn) != after {
			p, ok = s.it, true
		}
	}
	return p, ok
}

func faultReverted(f *facts) finding {
	if f.start.NoFault {
		return skipped("no fault was planned")
	}
	const want = "the fault reverted, and every node that took Pods before takes Pods again"
	if len(f.faults) == 0 {
		return skipped("no fault went in")
	}
	if f.fault(record.Reverted) == nil {
		return met(false, want, "the fault was not reverted")
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
		return met(false, want, "still cordoned: "+strings.Join(closed, ", "))
	}
	return met(true, want, "reverted")
}

func faultFinished(f *facts) finding {
	if f.start.NoFault {
		return skipped("no fault was planned")
	}
	if b := f.blocked(); b != nil {
		return met(false, "not blocked", fmt.Sprintf("the service blocked %s: %s", b.Name, b.Error))
	}
	return met(true, "not blocked", "not blocked")
}
