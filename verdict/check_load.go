package verdict

import (
	"slices"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

func accounted(f *facts) finding {
	want := record.Say("due = succeeded + failed in every second of every stream, each recorded once")
	wrong := slices.Concat(f.twice, f.unreadable)
	total := 0
	for _, name := range f.streams() {
		for _, at := range f.times(name) {
			s := f.seconds[name][at]
			total += s.Due
			if over := record.Sum(s.OK) + s.FailedTotal(); over != s.Due {
				wrong = append(wrong, record.Say("%s at %s: %d due, %d recorded", name, clock(at), s.Due, over))
			}
		}
	}
	if len(wrong) > 0 {
		return met(false, want, record.Say("requests are not accounted for: %s", listed(wrong...)))
	}
	return met(total > 0, want, record.Say("%s requests accounted for", words.Count(total)))
}

func noOwnFailures(f *facts) finding {
	var wrong []record.Text
	for _, name := range f.streams() {
		n := 0
		for _, s := range f.seconds[name] {
			n += record.Sum(s.Failed[record.ClassClient])
		}
		if n > 0 {
			wrong = append(wrong, record.Say("%s: %s requests failed inside the load agent", name, words.Count(n)))
		}
	}
	return met(len(wrong) == 0, record.Say("none"), listed(wrong...).Or(record.Say("none")))
}

// owedBy is how many requests a plan has a stream send in the Unix seconds [from, to).
func owedBy(p record.Plan, from, to int64) (n int) {
	for from < to {
		next := to
		for i := range p.Steps {
			if began, _ := p.Span(i); began > from {
				next = min(next, began)
			}
		}
		n += int(next-from) * p.RateAt(from)
		from = next
	}
	return n
}

// loadSent compares each stream with the plan. The first and the last second are
// parts of seconds and owe nothing.
func loadSent(f *facts) finding {
	want := record.Say("on each stream no second missing, at least %g %% of %d requests/s sent, at most %g %% of them later than %s and none later than %s",
		MinSent*100, max(f.start.Plan.Rate, f.start.SLO.MinRate), MaxLateShare*100, words.Duration(record.LateAfter), words.Duration(MaxLate))
	var wrong []record.Text
	planned, sent := 0, 0
	for _, name := range f.streams() {
		at := f.judged(name)
		if len(at) < 3 {
			wrong = append(wrong, record.Say("%s: %d seconds recorded", name, len(at)))
			continue
		}
		inner := at[1 : len(at)-1]
		due, late, latest := 0, 0, time.Duration(0)
		for _, t := range inner {
			due += f.seconds[name][t].Due
			late += f.seconds[name][t].Late
			latest = max(latest, f.seconds[name][t].MaxLate)
		}
		span := int(inner[len(inner)-1] - inner[0] + 1)
		owed := owedBy(f.start.Plan, inner[0], inner[0]+int64(span))
		planned += owed
		sent += due
		if missing := span - len(inner); missing > 0 {
			wrong = append(wrong, record.Say("%s: %d of %d seconds missing", name, missing, span))
		}
		if float64(due) < MinSent*float64(owed) {
			wrong = append(wrong, record.Say("%s: %s of %s planned requests sent", name, words.Count(due), words.Count(owed)))
		}
		if latest > MaxLate {
			wrong = append(wrong, record.Say("%s: a request was sent %s late", name, words.Duration(latest)))
		}
		if float64(late) > MaxLateShare*float64(due) {
			wrong = append(wrong, record.Say("%s: %s of %s requests sent more than %s late", name, words.Count(late), words.Count(due), words.Duration(record.LateAfter)))
		}
	}
	if len(wrong) > 0 || planned == 0 {
		return met(false, want, record.Say("the planned load was not sent: %s", listed(wrong...).Or(record.Say("the plan has no stream"))))
	}
	return met(true, want, record.Say("%s of %s planned requests", words.Count(sent), words.Count(planned)))
}
