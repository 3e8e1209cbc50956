package verdict

import (
	"slices"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// replicasBack looks at the end of the scenario: the workload's and the Service's
// count, that no victim is among them, and that each was heard from.
func replicasBack(f *facts) finding {
	n := f.start.Replicas
	want := record.Say("%d of %d replicas ready and available, each a Pod that was not hit and that answers", n, n)
	w, e := lastBefore(f.workloads, time.Time{}), f.endpointsAt(time.Time{})
	switch hit := among(f.replaced(), e); {
	case w.Replicas != n:
		return met(false, want, record.Say("the workload declares %d replicas, not the %d that it started with", w.Replicas, n))
	case w.Ready != n || w.Available != n:
		return met(false, want, f.stalled(record.Say("%d of %d replicas ready and %d available at the end", w.Ready, n, w.Available)))
	case e.Ready() != n:
		return met(false, want, f.stalled(record.Say("%d of %d endpoints ready at the end", e.Ready(), n)))
	case len(hit) > 0:
		return met(false, want, record.Say("the Pod that was hit still serves and was not replaced: %s", listed(named(hit)...)))
	}
	if f.start.Plan.PodHeader == "" || f.settled.IsZero() {
		return met(true, want, record.Say("%d of %d ready and available", n, n))
	}
	answered := f.answered("", f.settled.Unix(), f.settled.Unix()+1<<32)
	var silent []string
	for _, p := range e.List {
		if p.Ready && !answered[p.Pod] {
			silent = append(silent, p.Pod)
		}
	}
	if len(silent) > 0 {
		slices.Sort(silent)
		return met(false, want, record.Say("ready at the end but never answered: %s", listed(named(silent)...)))
	}
	return met(true, want, record.Say("%d of %d ready, available and answering", n, n))
}

func recoveryTime(f *facts) finding {
	if f.start.NoFault || f.unclean() {
		return skipped(record.Say("no fault was planned, or it was not injected"))
	}
	want := record.Say("at most %s", words.Duration(f.start.SLO.MaxRecovery))
	took, ok := f.recovery()
	if !ok && f.blocked() != nil {
		return skipped(record.Say("the service blocked the fault"))
	}
	if !ok {
		return met(false, want, f.stalled(record.Say("the declared %d replicas were never all ready again", f.start.Replicas)))
	}
	within, longest, allowed := took <= f.start.SLO.MaxRecovery, words.Duration(took), words.Duration(f.start.SLO.MaxRecovery)
	switch n := len(f.rounds); {
	case within && n > 1:
		return met(true, want, record.Say("recovered %d times, after %s at the longest", n, longest))
	case within:
		return met(true, want, record.Say("recovered after %s", longest))
	case n > 1:
		return met(false, want, record.Say("recovered %d times, after %s at the longest, where %s is allowed", n, longest, allowed))
	default:
		return met(false, want, record.Say("recovered after %s, where %s is allowed", longest, allowed))
	}
}

func readyFloor(f *facts) finding {
	want := record.Say("never fewer than %d", f.start.SLO.MinReady)
	low := f.readyLow()
	if low < 0 {
		return skipped(record.Say("no endpoints were observed"))
	}
	return met(low >= f.start.SLO.MinReady, want, record.Say("at the worst moment %d of %d endpoints were ready", low, f.start.Replicas))
}

// pdbRespected follows each budget from when it was first healthy.
func pdbRespected(f *facts) finding {
	if !slices.ContainsFunc(f.faults, func(fault Fault) bool { return fault.Effect.Evicts }) {
		return skipped(record.Say("nothing was evicted, and only evictions are subject to a PodDisruptionBudget"))
	}
	if len(f.pdbs) == 0 {
		return skipped(record.Say("no PodDisruptionBudget covers the workload"))
	}
	healthy := map[string]bool{}
	var wrong []record.Text
	for _, s := range f.pdbs {
		p := s.it
		switch {
		case p.CurrentHealthy >= p.DesiredHealthy:
			healthy[p.Name] = true
		case healthy[p.Name] && !s.at.Before(f.turn):
			wrong = append(wrong, record.Say("%s: %d healthy, %d desired at %s", p.Name, p.CurrentHealthy, p.DesiredHealthy, s.at.UTC().Format(time.TimeOnly)))
		}
	}
	want := record.Say("never fewer healthy Pods than a budget's desiredHealthy")
	return met(len(wrong) == 0, want, listed(wrong...).Or(record.Say("respected")))
}
