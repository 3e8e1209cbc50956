package verdict

import (
	"cmp"
	"slices"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// servesOn looks at what each Pod that was told to go answered on its own address from
// then on. A node sends it clients until kube-proxy there has written its rules again, at
// most once in its minSyncPeriod
// (https://kubernetes.io/docs/reference/networking/virtual-ips/#optimizing-iptables-mode-performance):
// whether one of them meets a Pod that takes none any more is a matter of luck, and
// whether the Pod would have taken it is not.
func servesOn(f *facts) finding {
	owed := f.start.SLO.MinServesOn
	if owed == 0 {
		return skipped(record.Say("the scenario sets no limit"))
	}
	want := record.Say("at least %s after it is asked to terminate", words.Duration(owed))
	looked, least := 0, time.Duration(0)
	var short []record.Text
	for _, l := range f.leavers() {
		on, known := f.servedOn(l)
		if !known {
			continue
		}
		if looked++; looked == 1 || on < least {
			least = on
		}
		if on < owed {
			short = append(short, record.Say("%s stopped accepting new connections %s after it was asked to terminate", l.Name, words.Duration(on)))
		}
	}
	if looked == 0 {
		return skipped(record.Say("no Pod that had answered on its own address was asked to terminate"))
	}
	if len(short) > 0 {
		return met(false, want, record.Say("%s: nodes route new connections there for a moment longer, and a preStop hook that sleeps keeps the Pod serving meanwhile", listed(short...)))
	}
	return met(true, want, record.Say("%s or longer, %d asked to terminate", words.Duration(least), looked))
}

// servedOn is how long l answered as a client expects on its own address from when it was
// asked to terminate; until it had left the API, where it never ceased to. It is not known
// where it did not answer so before, or neither ceased nor left. The watch says a little
// late that it was asked: what ceases within lead before that is its doing.
func (f *facts) servedOn(l leaver) (on time.Duration, known bool) {
	left := time.Time{} // who answers there from then on is another Pod
	for _, s := range f.pods {
		if s.it.UID == l.UID && s.it.Gone {
			left = s.at
			break
		}
	}
	answers := slices.Clone(f.answers[l.UID])
	slices.SortStableFunc(answers, func(a, b seen[record.Answer]) int { return a.at.Compare(b.at) })
	ceased := time.Time{}
	for _, a := range answers {
		ok := len(f.start.Plan.Requests) > 0 && a.it.Status == f.start.Plan.Requests[0].Status
		switch {
		case !left.IsZero() && a.at.After(left):
		case ok:
			known = known || !a.at.After(l.asked)
			ceased = time.Time{}
		case ceased.IsZero():
			ceased = a.at
		}
	}
	end := cmp.Or(ceased, left)
	known = known && !end.Before(l.asked.Add(-time.Duration(f.lead())*time.Second))
	return max(0, end.Sub(l.asked)), known
}
