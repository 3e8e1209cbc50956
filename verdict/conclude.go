package verdict

import (
	"slices"
	"strings"

	"hagate/record"
	"hagate/verdict/words"
)

// conclude is the run's result: FAIL if a scenario failed, else INVALID if anything
// was, else PASS. What was measured again counts once. retried is how many requests were
// tried again.
func (j *Judge) conclude(all []Scenario, retried int) (Result, record.Text) {
	scenarios := counted(all)
	by := byResult(scenarios)
	of := func(r Result) record.Text {
		said := outcome(r, by[r], len(scenarios))
		if len(by[r]) == 1 {
			said = record.Say("%s: %s", said, by[r][0].Reason)
		}
		return said
	}
	switch {
	case len(by[Fail]) > 0:
		return Fail, of(Fail)
	case len(j.harmed) > 0:
		return Fail, record.Join("; ", j.harmed...)
	case len(j.problems) > 0:
		return Invalid, record.Say("the harness failed: %s", record.Join("; ", j.problems...))
	case j.astray > 0:
		return Invalid, record.Say("%s recorded requests belong to no scenario", words.Count(j.astray))
	case j.end != nil && j.end.Interrupted && j.end.Note.IsZero():
		return Invalid, record.Say("the run was interrupted")
	case j.end != nil && j.end.Interrupted:
		return Invalid, record.Say("the run was interrupted: %s", j.end.Note)
	case len(by[Invalid]) > 0:
		return Invalid, of(Invalid)
	case j.end == nil:
		return Invalid, record.Say("the record is truncated: the run did not finish")
	case j.run == nil:
		return Invalid, record.Say("the record does not say what was run")
	case len(scenarios) == 0:
		return Invalid, record.Say("no scenario ran")
	}
	return Pass, kept(all, len(j.skipped), retried)
}

// counted are the scenarios whose verdicts the run's is made of.
func counted(all []Scenario) []Scenario {
	return slices.DeleteFunc(slices.Clone(all), func(s Scenario) bool { return s.MeasuredAgain != "" })
}

// Counted are the scenarios that v is made of: of what was measured again the second attempt,
// under the name of the first.
func (v Verdict) Counted() []Scenario {
	all := counted(v.Scenarios)
	for i := range all {
		for _, first := range v.Scenarios {
			if first.MeasuredAgain == all[i].Name {
				all[i].Name = first.Name
			}
		}
	}
	return all
}

func byResult(scenarios []Scenario) map[Result][]Scenario {
	by := map[Result][]Scenario{}
	for _, s := range scenarios {
		by[s.Result] = append(by[s.Result], s)
	}
	return by
}

// outcome says which of all scenarios failed, or were INVALID.
func outcome(r Result, these []Scenario, all int) record.Text {
	var names []string
	for _, s := range these {
		names = append(names, s.Name)
	}
	if r == Fail {
		return record.Say("%d of %d scenarios failed: %s", len(these), all, strings.Join(names, ", "))
	}
	return record.Say("%d of %d scenarios could not be measured: %s", len(these), all, strings.Join(names, ", "))
}

// kept says how many scenarios passed, and what a reader has to know of that.
func kept(all []Scenario, skipped, retried int) record.Text {
	scenarios := counted(all)
	reason := record.Say("%d of %d scenarios kept their promise", len(byResult(scenarios)[Pass]), len(scenarios))
	if again := len(all) - len(scenarios); again > 0 {
		reason = record.Join("; ", reason, record.Say("%d of them were measured again", again))
	}
	if skipped > 0 {
		reason = record.Join("; ", reason, record.Say("%d more do not apply", skipped))
	}
	reason = record.Join("; ", reason, needed(retried))
	for _, s := range scenarios {
		if !s.Wide.IsZero() {
			reason = record.Join("; ", reason, record.Say("%s with limits looser than the defaults: %s", s.Name, s.Wide))
		}
	}
	return reason
}

// mends say what helps where a check of the harness is not met.
var mends = map[string]record.Text{
	"client-own-failures": record.Say("lower RATE, or raise the port and open-file limits of the load agent's machine"),
	"load-sent":           record.Say("lower RATE, or run nothing else on the machine"),
	"agent-health":        record.Say("check the load agents' logs, and run nothing else on the machine"),
	"clock-offset":        record.Say("synchronize the clocks, and do not step them during a run"),
	headroomCheck:         record.Say("lower RATE, or run nothing else on the machine"),
}

// concludeScenario is a scenario's result, worded by the first check that decided it.
func concludeScenario(s Scenario) (Result, record.Text) {
	for _, result := range []Result{Invalid, Fail} {
		met := s.with(result)
		if len(met) == 0 {
			continue
		}
		reason := met[0].Got
		if result == Invalid {
			reason = record.Join("; ", record.Say("not measured: %s", reason), mends[met[0].Name])
		}
		if len(met) > 1 {
			reason = record.Say("%s (also not met: %s)", reason, checkNames(met[1:]))
		}
		return result, reason
	}
	return Pass, praise(s)
}

// with are the checks that have a result.
func (s Scenario) with(result Result) (checks []Check) {
	for _, c := range s.Checks {
		if c.Result == result {
			checks = append(checks, c)
		}
	}
	return checks
}

func checkNames(checks []Check) string {
	var names []string
	for _, c := range checks {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// needed says of what passed that it did so as clients tried again.
func needed(retried int) record.Text {
	if retried == 0 {
		return record.Text{}
	}
	return record.Say("%s requests needed a retry, so the service's clients must retry as well", words.Count(retried))
}

func praise(s Scenario) record.Text {
	due, failed, retried := 0, 0, 0
	for _, st := range s.Streams {
		due += st.Due
		failed += st.Charged()
		retried += st.Retried
	}
	texts := []record.Text{record.Say("%s requests on %d streams, none failed", words.Count(due), len(s.Streams))}
	if failed > 0 {
		texts[0] = record.Say("%s requests on %d streams, %s failed, within the budget", words.Count(due), len(s.Streams), words.Count(failed))
	}
	texts = append(texts, needed(retried))
	for _, st := range s.Streams {
		if st.Drift != nil && st.Drift.drifts() {
			texts = append(texts, record.Say("%s drifts with time", st.Name))
		}
	}
	if s.Capacity != nil {
		texts = append(texts, s.Capacity.Words())
	}
	if !s.Wide.IsZero() {
		texts = append(texts, record.Say("with limits looser than the defaults: %s", s.Wide))
	}
	if s.Recovered && s.TimeToRecover > 0 {
		texts = append(texts, record.Say("%d of %d replicas served again after %s", s.Replicas, s.Replicas, words.Duration(s.TimeToRecover)))
	}
	return record.Join("; ", texts...)
}

// InShort is Reason without what a scenario has to say, composed anew from figures, where
// the two agree: Reason, where v was read from verdict.json, is English.
func (v Verdict) InShort() record.Text {
	short := kept(v.Scenarios, len(v.Skipped), v.Requests.Retried)
	scenarios := counted(v.Scenarios)
	these := byResult(scenarios)[v.Result]
	if v.Result != Pass {
		short = outcome(v.Result, these, len(scenarios))
	}
	switch {
	case !strings.HasPrefix(v.Reason.String(), short.String()):
		return v.Reason // it speaks of something else
	case v.Result != Pass && len(these) == 1:
		return record.Say("%s: %s", short, these[0].InShort())
	}
	return short
}

// InShort is likewise what a scenario's Reason says, without the words of its checks.
func (s Scenario) InShort() record.Text {
	if s.Result == Pass {
		return praise(s)
	}
	return record.Say("not met: %s", checkNames(s.with(s.Result)))
}
