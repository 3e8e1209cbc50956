package verdict

import (
	"fmt"
	"strings"

	"hagate/verdict/words"
)

// conclude is the run's result: FAIL if a scenario failed, else INVALID if anything
// was, else PASS. retried is how many requests were tried again.
func (j *Judge) conclude(scenarios []Scenario, retried int) (Result, string) {
	by, only := map[Result][]string{}, map[Result]string{}
	for _, s := range scenarios {
		by[s.Result], only[s.Result] = append(by[s.Result], s.Name), ": "+s.Reason
	}
	of := func(r Result, format string) string {
		reason := fmt.Sprintf(format, len(by[r]), len(scenarios), strings.Join(by[r], ", "))
		if len(by[r]) == 1 {
			reason += only[r]
		}
		return reason
	}
	switch {
	case len(by[Fail]) > 0:
		return Fail, of(Fail, "%d of %d scenarios failed: %s")
	case len(j.harmed) > 0:
		return Fail, strings.Join(j.harmed, "; ")
	case len(j.problems) > 0:
		return Invalid, "the harness failed: " + strings.Join(j.problems, "; ")
	case j.astray > 0:
		return Invalid, fmt.Sprintf("%s recorded requests belong to no scenario", words.Count(j.astray))
	case j.end != nil && j.end.Interrupted:
		return Invalid, strings.TrimSuffix("the run was interrupted: "+j.end.Note, ": ")
	case len(by[Invalid]) > 0:
		return Invalid, of(Invalid, "%d of %d scenarios could not be measured: %s")
	case j.end == nil:
		return Invalid, "the record is truncated: the run did not finish"
	case j.run == nil:
		return Invalid, "the record does not say what was run"
	case len(scenarios) == 0:
		return Invalid, "no scenario ran"
	}
	reason := fmt.Sprintf("%d of %d scenarios kept their promise", len(by[Pass]), len(scenarios))
	if n := len(j.skipped); n > 0 {
		reason += fmt.Sprintf("; %d more do not apply", n)
	}
	reason += needed(retried)
	for _, s := range scenarios {
		if s.Wide != "" {
			reason += fmt.Sprintf("; %s with limits looser than the defaults: %s", s.Name, s.Wide)
		}
	}
	return Pass, reason
}

// mends say what helps where a check of the harness is not met.
var mends = map[string]string{
	"client-own-failures": "lower RATE, or raise the port and open-file limits of the load agent's machine",
	"load-sent":           "lower RATE, or run nothing else on the machine",
	"agent-health":        "check the load agents' logs, and run nothing else on the machine",
	"clock-offset":        "synchronize the clocks, and do not step them during a run",
	headroomCheck:         "lower RATE, or run nothing else on the machine",
}

// concludeScenario is a scenario's result, worded by the first check that decided it.
func concludeScenario(s Scenario) (Result, string) {
	for _, kind := range []struct {
		result Result
		format string
	}{{Invalid, "not measured: %s"}, {Fail, "%s"}} {
		var met []Check
		for _, c := range s.Checks {
			if c.Result == kind.result {
				met = append(met, c)
			}
		}
		if len(met) == 0 {
			continue
		}
		reason := fmt.Sprintf(kind.format, met[0].Got)
		if mend := mends[met[0].Name]; mend != "" && kind.result == Invalid {
			reason += "; " + mend
		}
		if len(met) > 1 {
			var names []string
			for _, c := range met[1:] {
				names = append(names, c.Name)
			}
			reason = fmt.Sprintf("%s (also not met: %s)", reason, strings.Join(names, ", "))
		}
		return kind.result, reason
	}
	return Pass, praise(s)
}

// needed says of what passed that it did so as clients tried again.
func needed(retried int) string {
	if retried == 0 {
		return ""
	}
	return fmt.Sprintf("; %s requests needed a retry, so the service's clients must retry as well", words.Count(retried))
}

func praise(s Scenario) string {
	due, failed, retried := 0, 0, 0
	for _, st := range s.Streams {
		due += st.Due
		failed += st.Charged()
		retried += st.Retried
	}
	text := fmt.Sprintf("%s requests on %d streams, none failed", words.Count(due), len(s.Streams))
	if failed > 0 {
		text = fmt.Sprintf("%s requests on %d streams, %s failed, within the budget", words.Count(due), len(s.Streams), words.Count(failed))
	}
	text += needed(retried)
	for _, st := range s.Streams {
		if st.Drift != nil && st.Drift.drifts() {
			text += fmt.Sprintf("; %s drifts with time", st.Name)
		}
	}
	if s.Capacity != nil {
		text += "; " + s.Capacity.Words()
	}
	if s.Wide != "" {
		text += "; with limits looser than the defaults: " + s.Wide
	}
	if s.Recovered && s.TimeToRecover > 0 {
		text += fmt.Sprintf("; %d of %d replicas served again after %s", s.Replicas, s.Replicas, words.Duration(s.TimeToRecover))
	}
	return text
}
