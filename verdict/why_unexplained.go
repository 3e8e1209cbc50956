package verdict

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hagate/verdict/words"
)

const unexplained = "unexplained"

// unexplained is what is known of failures that no cause fits.
func (f *facts) unexplained(b burst) Diagnosis {
	d := Diagnosis{Rule: unexplained, From: b.from, To: b.to, Failed: b.n(), Evidence: []string{}, Against: []string{}}
	d.say("No known cause matches the record.", "Check the evidence here, and the log of each Pod (logs/ beside the report).")
	if b.whole() {
		return d
	}
	d.pro(0, "they failed as: "+classes(b.classes))
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
		d.pro(0, "the client saw: "+most(phases))
	}
	d.pro(0, "on the streams: "+most(b.streams))
	if len(pods) > 0 {
		d.pro(0, "answered last by: "+most(pods))
	}
	if len(f.rounds) > 0 {
		d.pro(0, fmt.Sprintf("the first was due %s after the fault was injected, the last %s after it", words.Duration(b.from.Sub(f.turn)), words.Duration(b.to.Sub(f.turn))))
	}
	d.pro(0, fmt.Sprintf("%d endpoints were ready when they began, %d when they ended", f.endpointsAt(b.from).Ready(), f.endpointsAt(b.to.Add(time.Second)).Ready()))
	return d
}

// most is "9 a, 2 b", the most first, and no more than three.
func most(of map[string]int) string {
	names := slices.SortedFunc(maps.Keys(of), func(a, b string) int { return cmp.Or(of[b]-of[a], strings.Compare(a, b)) })
	var parts []string
	for _, name := range names[:min(3, len(names))] {
		parts = append(parts, words.Count(of[name])+" "+name)
	}
	return strings.Join(parts, ", ")
}
