package verdict

import (
	"fmt"
	"slices"
	"strings"

	"hagate/record"
)

// budgetNames are the PodDisruptionBudgets that were seen to cover the workload, sorted.
func (f *facts) budgetNames() (names []string) {
	for _, p := range f.pdbs {
		names = append(names, p.it.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// evictions are what the API server said to evictions that it did not grant.
func (f *facts) evictions() (all []record.Refusal) {
	for _, r := range f.refusals() {
		if r.Evicts {
			all = append(all, r)
		}
	}
	if b := f.blocked(); len(all) == 0 && b != nil && b.Effect.Evicts {
		all = append(all, record.Refusal{Asked: "eviction", Evicts: true, Said: b.Error.String()})
	}
	return all
}

// budgetsOverlap: two budgets cover the same Pods, and the API server then grants no
// eviction at all.
// https://kubernetes.io/docs/tasks/run-application/configure-pdb/
//
// For it: the API server's words, or two budgets. Against it: evictions were granted.
func budgetsOverlap(f *facts, b burst, d *Diagnosis) bool {
	names := f.budgetNames()
	if !b.whole() || len(f.evictions()) == 0 {
		return false
	}
	for _, r := range f.evictions() {
		if strings.Contains(r.Said, "more than one PodDisruptionBudget") {
			d.pro(refutes, record.Say("to the %s the API server said: %s", r.Asked, short(r.Said)))
			for _, o := range r.Objects {
				names = append(names, o[strings.LastIndexAny(o, " /")+1:])
			}
			break
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > 1 {
		d.pro(shows, record.Say("the PodDisruptionBudgets that cover the workload are %s", once(names)))
	} else if d.Score == 0 {
		return false
	}
	d.say(record.Say("Two PodDisruptionBudgets cover the same Pods, and the API server then refuses every eviction of them."),
		record.Say("Delete one of the budgets, or change its selector, so that one alone covers each Pod."))
	return true
}

// blockedByBudget: the budget allows no eviction, though every Pod is well.
//
// For it: evictions were refused, and the budget allows none even with all Pods healthy.
// Against it: it allows one when they are: then something kept a Pod from getting ready.
func blockedByBudget(f *facts, b burst, d *Diagnosis) bool {
	refused := f.evictions()
	if !b.whole() || len(refused) == 0 || f.blocked() == nil {
		return false
	}
	d.pro(suggests, record.Say("to the %s the API server said: %s", refused[0].Asked, short(refused[0].Said)))
	of, most := f.allowsMost()
	switch {
	case most == 0:
		d.pro(shows, record.Say("PodDisruptionBudget %s requires %d healthy Pods of %d, so none may be evicted", of.Name, of.DesiredHealthy, max(f.start.Replicas, of.Expected)))
	case most > 0:
		d.con(suggests, record.Say("PodDisruptionBudget %s allows %d disruptions when all Pods are healthy", of.Name, most))
	}
	if n := len(f.waiting()); n > 0 {
		d.con(suggests, record.Say("Pods were not ready meanwhile, which a budget waits for"))
	}
	if strings.Contains(refused[0].Said, "failed sync") {
		d.pro(shows, record.Say("Kubernetes could not work out what the budget allows, and then it allows nothing"))
		d.say(record.Say("A PodDisruptionBudget selects Pods whose expected count Kubernetes cannot determine, such as a Job's, and so allows no eviction."),
			record.Say("Have the budget's selector fit the service's own Pods alone, with a label that the others do not have."))
		return true
	}
	d.say(record.Say("The PodDisruptionBudget allows no eviction, so no node can be drained."),
		record.Say("Have the budget allow one disruption: maxUnavailable: 1, or minAvailable below the replica count."))
	d.change("pdb", " spec:", fmt.Sprintf("-  minAvailable: %d", of.DesiredHealthy), "+  maxUnavailable: 1")
	d.Patch = nil
	d.patch("pdb", "spec:", "  minAvailable: null", "  maxUnavailable: 1")
	return true
}

// allowsMost is the budget that allowed most disruptions while all Pods that it covers
// were healthy, and how many; -1 where that was not seen. It is looked at before the fault,
// where it was seen then: a rollout's surge may make room for a moment.
func (f *facts) allowsMost() (of record.PDB, most int) {
	most = -1
	for _, early := range []bool{true, false} {
		for _, p := range f.pdbs {
			if p.it.CurrentHealthy >= max(f.start.Replicas, p.it.Expected) && p.it.Allowed > most && (!early || p.at.Before(f.turn)) {
				of, most = p.it, p.it.Allowed
			}
		}
		if most >= 0 {
			break
		}
	}
	return of, most
}

// noBudget: nothing keeps evictions from taking too many Pods at once.
//
// For it: Pods were evicted, and no budget covers the workload. Against it: Pods enough
// stayed.
func noBudget(f *facts, b burst, d *Diagnosis) bool {
	if len(f.pdbs) > 0 || !f.effect().Evicts || f.endpoints == nil {
		return false
	}
	d.pro(suggests, record.Say("no PodDisruptionBudget covers the workload"))
	switch low := f.readyLow(); {
	case low == 0:
		d.pro(suggests, record.Say("evictions left no ready endpoint"))
	case low < f.start.SLO.MinReady:
		d.pro(allows, record.Say("evictions left %d of %d endpoints ready", low, f.start.Replicas))
	case b.whole() && findings(f).result == Fail:
		d.pro(suggests, record.Say("this scenario looks for one, and found none"))
	default:
		return false
	}
	d.say(record.Say("No PodDisruptionBudget covers the workload, so evictions may take all of its Pods at once."),
		record.Say("Add a PodDisruptionBudget that selects the workload's Pods and lets one be unavailable at a time."))
	d.change("pdb", "+apiVersion: policy/v1", "+kind: PodDisruptionBudget", "+spec:", "+  maxUnavailable: 1", "+  selector: {matchLabels: …}")
	return true
}
