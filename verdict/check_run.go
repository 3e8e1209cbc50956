package verdict

import (
	"slices"
	"strings"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

func noProblems(f *facts) finding {
	return met(len(f.problems) == 0, record.Say("none"), listed(f.problems...).Or(record.Say("none")))
}

// allPhases wants baseline, fault, recovery, settled, done; no recovery and no end to
// it are owed by a fault that the service blocked, nor a fault where none was planned;
// and a step where the load is raised.
func allPhases(f *facts) finding {
	want := []string{record.Baseline, record.FaultIn, record.Recovery, record.Settled, record.Done}
	switch {
	case f.unclean() && f.lacking():
		want = []string{record.Baseline, record.Done} // the service was not fit for more
	case len(f.start.Plan.Steps) > 0:
		want = []string{record.Baseline, record.StepUp, record.Done}
	case f.start.NoFault:
		want = []string{record.Baseline, record.Settled, record.Done}
	case f.blocked() != nil:
		want = []string{record.Baseline, record.FaultIn, record.Done}
	}
	var got []string
	for _, p := range f.phases {
		got = append(got, p.Name)
	}
	wanted := record.Words(strings.Join(want, ", "))
	for _, name := range want {
		if !slices.Contains(got, name) {
			return met(false, wanted, record.Say("the scenario stopped before its %s phase", name))
		}
	}
	if least := CleanSeconds * time.Second; slices.Contains(want, record.Settled) && f.done.Sub(f.settled) < least {
		return met(false, wanted, record.Say("the settled phase was cut short after %s", words.Duration(f.done.Sub(f.settled))))
	}
	return met(true, wanted, record.Words(strings.Join(got, ", ")))
}

func findings(f *facts) finding {
	if len(f.findings) == 0 {
		return skipped(record.Say("the scenario has no specific checks"))
	}
	var want, got, wrong []record.Text
	for _, found := range f.findings {
		want, got = append(want, found.Want), append(got, found.Got)
		if !found.Met() {
			wrong = append(wrong, found.Got)
		}
	}
	if len(wrong) > 0 {
		return met(false, record.Join("; ", want...), listed(wrong...))
	}
	return met(true, record.Join("; ", want...), record.Join("; ", got...))
}

// listed joins the first few of items.
func listed(items ...record.Text) record.Text {
	const most = 5
	if len(items) <= most {
		return record.Join("; ", items...)
	}
	return record.Join("; ", append(items[:most:most], record.Say("and %d more", len(items)-most))...)
}

// named are names as texts.
func named(names []string) (list []record.Text) {
	for _, name := range names {
		list = append(list, record.Words(name))
	}
	return list
}

// byWords sorts texts by their English.
func byWords(a, b record.Text) int { return strings.Compare(a.String(), b.String()) }

func watched(f *facts) finding {
	want := record.Say("endpoints and workload seen before the fault")
	var missing []record.Text
	before := f.turn
	if f.unclean() {
		before = f.done
	}
	if len(f.endpoints) == 0 || !f.endpoints[0].at.Before(before) {
		missing = append(missing, record.Say("endpoints"))
	}
	if len(f.workloads) == 0 || !f.workloads[0].at.Before(before) {
		missing = append(missing, record.Say("workload"))
	}
	if len(missing) > 0 {
		return met(false, want, record.Say("not seen before the fault: %s", record.Join(", ", missing...)))
	}
	return met(true, want, record.Say("%d changes seen", len(f.endpoints)+len(f.workloads)+len(f.pods)+len(f.nodes)+len(f.pdbs)))
}
