package verdict

import (
	"slices"

	"hagate/record"
)

// Headline is a cause for which scenarios failed, and what to change, in one sentence
// each.
type Headline struct {
	Cause, Fix record.Text
	Scenarios  []string // none where the service did not come up
}

// Headlines are the causes of all that failed, each once, the one of most scenarios first.
func (v Verdict) Headlines() (all []Headline) {
	if !v.Cause.IsZero() {
		all = append(all, Headline{Cause: v.Cause, Fix: v.Fix})
	}
	for _, s := range v.Scenarios {
		if s.Cause.IsZero() {
			continue
		}
		i := slices.IndexFunc(all, func(h Headline) bool { return h.Cause.String() == s.Cause.String() && h.Fix.String() == s.Fix.String() })
		if i < 0 {
			i = len(all)
			all = append(all, Headline{Cause: s.Cause, Fix: s.Fix})
		}
		all[i].Scenarios = append(all[i].Scenarios, s.Name)
	}
	slices.SortStableFunc(all, func(a, b Headline) int { return len(b.Scenarios) - len(a.Scenarios) })
	return all
}
