package verdict

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// Diagnosis says why requests failed, or why the scenario failed as a whole, from the
// record alone, and which change would have saved it.
type Diagnosis struct {
	Rule     string        `json:"rule"` // id of the cause; "unexplained" where none fits
	From     time.Time     `json:"from"` // of the failures that it explains, to 10 ms; of the scenario where there are none
	To       time.Time     `json:"to"`
	Failed   int           `json:"failed"`   // requests that it explains
	What     record.Text   `json:"what"`     // the cause, in one sentence
	Fix      record.Text   `json:"fix"`      // what to change, in one sentence
	Evidence []record.Text `json:"evidence"` // for it
	Against  []record.Text `json:"against"`  // what does not fit
	Score    int           `json:"score"`    // the weights of what is for it, less of what is against it
	// Retried: the requests succeeded in the end, and what it explains is their first try.
	Retried bool `json:"retried,omitempty"`
	// Alternative: another cause of the same failures fits better, and stands before it.
	Alternative bool    `json:"alternative,omitempty"`
	Change      string  `json:"change"` // of the manifest, as the lines of a diff; none where no manifest shows it
	Patch       []Patch `json:"patch,omitempty"`
}

// Patch is a change that can be made as it stands.
type Patch struct {
	Object string `json:"object"` // workload, service or pdb: all that cover the workload
	Merge  string `json:"merge"`  // strategic merge patch, in YAML, without kind and name
}

// How much a piece of evidence weighs, for a cause or against it. A cause fits where what
// is for it outweighs what is against it by fits at least; the one with the highest score
// comes first and, of two with the same, the one that stands first in causes.
const (
	shows    = 3 // the record shows just this
	suggests = 2 // it would be so, and may be so for another reason
	allows   = 1 // it is not otherwise
	refutes  = 5 // against it: it cannot be so
	fits     = 3
)

// maxCauses is how many of those that fit the same failures are told.
const maxCauses = 3

// pro is evidence for d.
func (d *Diagnosis) pro(weight int, evidence record.Text) {
	d.Score += weight
	d.Evidence = append(d.Evidence, evidence)
}

// con is evidence against d.
func (d *Diagnosis) con(weight int, evidence record.Text) {
	d.Score -= weight
	d.Against = append(d.Against, evidence)
}

// say is the cause and what to change.
func (d *Diagnosis) say(what, fix record.Text) { d.What, d.Fix = what, fix }

// change is a change of an object, as the lines of a diff. Its patch is the lines that
// stay or come, where nothing in them is left open (…).
func (d *Diagnosis) change(object string, lines ...string) {
	d.Change = strings.Join(lines, "\n")
	if strings.Contains(d.Change, "…") {
		return
	}
	var merge []string
	for _, line := range lines {
		if !strings.HasPrefix(line, "-") {
			merge = append(merge, line[1:])
		}
	}
	d.patch(object, merge...)
}

func (d *Diagnosis) patch(object string, lines ...string) {
	d.Patch = append(d.Patch, Patch{object, strings.Join(lines, "\n") + "\n"})
}

// diagnose explains the failed requests of a scenario whose outcome is s, and why it
// failed as a whole. Bursts with the same cause are explained together, by one change.
// What makes the whole scenario fail comes first, then what made most requests fail, and
// last what nothing of that explains and only had requests tried again.
func (f *facts) diagnose(s Scenario) []Diagnosis {
	found := []Diagnosis{}
	if s.Result == Invalid {
		return found // nothing is said of the service
	}
	if s.Result == Fail && (f.stuck() || aside(s)) {
		found = append(found, f.explain(burst{from: f.turn, to: f.last})...)
	}
	if len(found) == 0 || !aside(s) { // else what met a closing connection was within what is allowed
		for _, group := range f.groups(f.bursts(f.closedCounts())) {
			switch {
			case len(found) > 0 && found[0].Rule == group[0].Rule:
				found[0].Failed += group[0].Failed
			case group[0].Rule != unexplained || s.Result == Fail:
				found = append(found, group...)
			}
		}
	}
	if len(found) == 0 && s.Result == Fail {
		whole := burst{from: f.turn, to: f.last}
		if found = f.explain(whole); len(found) == 0 {
			d := f.unexplained(whole)
			d.pro(0, record.Say("what was not met: %s", s.Reason))
			found = []Diagnosis{d}
		}
	}
	for _, group := range f.groups(f.saved()) {
		known := slices.ContainsFunc(found, func(d Diagnosis) bool { return d.Rule == group[0].Rule })
		if known || group[0].Rule == unexplained {
			continue
		}
		for i := range group {
			group[i].Retried = true
		}
		found = append(found, group...)
	}
	return found
}

// groups are the causes of bursts, best first, of those with the same cause together; what
// explains most requests comes first.
func (f *facts) groups(bursts []burst) (groups [][]Diagnosis) {
	best := map[string]burst{}
	likely := f.likely(bursts)
	for i, b := range bursts {
		best[likely[i]] = best[likely[i]].and(b)
	}
	for rule, b := range best {
		group := f.explain(b)
		slices.SortStableFunc(group, func(x, y Diagnosis) int { return first(y.Rule == rule) - first(x.Rule == rule) })
		for i := range group {
			group[i].Alternative = i > 0
		}
		if len(group) == 0 {
			group = []Diagnosis{f.unexplained(b)}
		}
		groups = append(groups, group)
	}
	slices.SortFunc(groups, func(x, y []Diagnosis) int {
		return cmp.Or(y[0].Failed-x[0].Failed, x[0].From.Compare(y[0].From), strings.Compare(x[0].Rule, y[0].Rule))
	})
	return groups
}

func first(is bool) int {
	if is {
		return 1
	}
	return 0
}

// aboutRequests are the checks that failed requests make fail.
var aboutRequests = []string{"baseline-clean", "every-endpoint-served", "failed-requests", "outage", "blackout", "closed-in-flight", "settled-clean"}

// aside says whether s failed for something else than failed requests.
func aside(s Scenario) bool {
	return s.Result == Fail && !slices.ContainsFunc(s.Checks, func(c Check) bool {
		return c.Result == Fail && slices.Contains(aboutRequests, c.Name)
	})
}

// stuck says whether the fault could not be finished, or the service did not come back.
func (f *facts) stuck() bool {
	if f.blocked() != nil {
		return true
	}
	_, recovered := f.recovery()
	return len(f.rounds) > 0 && !recovered
}

// likely is the cause of each burst: the one that fits it best and, of those that fit it
// about as well, the one that explains most failures of the scenario.
func (f *facts) likely(bursts []burst) (rules []string) {
	fit, explained := make([][]string, len(bursts)), map[string]int{}
	for i, b := range bursts {
		fits := f.explain(b)
		for _, d := range fits {
			if d.Score+allows >= fits[0].Score {
				fit[i] = append(fit[i], d.Rule)
				explained[d.Rule] += b.n()
			}
		}
	}
	for _, names := range fit {
		rule := unexplained
		for i, name := range names {
			if i == 0 || explained[name] > explained[rule] {
				rule = name
			}
		}
		rules = append(rules, rule)
	}
	return rules
}

// explain is every cause that fits b, best first.
func (f *facts) explain(b burst) []Diagnosis {
	all := []Diagnosis{}
	for _, c := range causes {
		d := Diagnosis{Rule: c.id, From: b.from, To: b.to, Failed: b.n(), Evidence: []record.Text{}, Against: []record.Text{}}
		if c.look(f, b, &d) && d.Score >= fits {
			all = append(all, d)
		}
	}
	slices.SortStableFunc(all, func(x, y Diagnosis) int { return y.Score - x.Score })
	all = all[:min(len(all), maxCauses)]
	for i := range all {
		all[i].Alternative = i > 0
	}
	return all
}

// closedCounts says whether requests that met a closing connection are among what is to be
// explained: where there are more than may be, or nothing else failed.
func (f *facts) closedCounts() bool {
	failed, over := 0, false
	for _, st := range f.sums {
		failed += st.Charged()
		over = over || st.ClosedInFlight > f.start.SLO.MaxClosedInFlight
	}
	return over || failed == 0
}

func clockOf(t time.Time) string { return t.UTC().Format("15:04:05.000") }

// share is "12 of 30 failed requests".
func share(n, of int) record.Text {
	return record.Say("%s of %s failed requests", words.Count(n), words.Count(of))
}
