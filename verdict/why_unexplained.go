package verdict

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

const unexplained = "unexplained"

// unexplained is what is known of failures that no cause fits.
func (f *facts) unexplained(b burst) Diagnosis {
	d := Diagnosis{Rule: unexplained, From: b.from, To: b.to, Failed: b.n(), Evidence: []record.Text{}, Against: []record.Text{}}
	d.say(record.Say("No known cause matches the record."), record.Say("Check the evidence here, and the log of each Pod (logs/ beside the report)."))
	if b.whole() {
		return d
	}
	d.pro(0, record.Say("they failed as: %s", classes(b.classes)))
	phases := map[string]int{}
	pods := map[string]int{}
	for _, t := range b.asked {
		phases[t.err] += t.n
		if t.pod != "" {
			pods[t.pod] += t.n
		}
	}
	delete(phases, "")
	if len(phases) > 0 {
		d.pro(0, record.Say("the client saw: %s", most(phases, record.Words)))
	}
	d.pro(0, record.Say("on the streams: %s", most(b.streams, record.Words)))
	if len(pods) > 0 {
		d.pro(0, record.Say("answered last by: %s", most(pods, record.Words)))
	}
	if len(f.rounds) > 0 {
		d.pro(0, record.Say("the first was due %s after the fault was injected, the last %s after it", words.Duration(b.from.Sub(f.turn)), words.Duration(b.to.Sub(f.turn))))
	}
	d.pro(0, record.Say("%d endpoints were ready when they began, %d when they ended", f.endpointsAt(b.from).Ready(), f.endpointsAt(b.to.Add(time.Second)).Ready()))
	return d
}

// most is "9 a, 2 b", the most first, and no more than three.
func most(of map[string]int, name func(string) record.Text) record.Text {
	names := slices.SortedFunc(maps.Keys(of), func(a, b string) int { return cmp.Or(of[b]-of[a], strings.Compare(a, b)) })
	var parts []record.Text
	for _, one := range names[:min(3, len(names))] {
		parts = append(parts, record.Say("%s %s", words.Count(of[one]), name(one)))
	}
	return record.Join(", ", parts...)
}
