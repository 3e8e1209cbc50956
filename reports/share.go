package reports

import (
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"hagate/record"
	"hagate/reports/lang"
)

// share is how much of the traffic one Pod answered, by connection mode.
type share struct {
	Pod, Node     string
	Fresh, Reused part
}

// part is a Pod's part of the answers of one mode. Even is what it would have been had
// every second's answers been spread evenly over the endpoints that were ready in it,
// each for as long as it was.
type part struct {
	N          int
	Seen, Even float64 // of all answers of the mode, 0 to 1
}

// bar draws what was seen, and what is even as a mark.
func (p part) bar(in *lang.Lang) template.HTML {
	const width, height = 120.0, 12.0
	var s svg
	s.rect("stripback", 0, 0, width, height, "")
	s.rect("ok", 0, 2, width*p.Seen, height-4, "")
	s.line("even", width*p.Even, 0, width*p.Even, height)
	return s.image(width, height, in.Sprintf("%.1f %%, even would be %.1f %%", 100*p.Seen, 100*p.Even))
}

// shares are of the Pods that answered or were ready, in the order in which they came.
// There are none where the target does not say who answers.
func (t *tale) shares() (list []share) {
	seen, even, total := map[answerer]int{}, map[answerer]float64{}, map[string]int{}
	ready := t.readyTime()
	var names []string
	add := func(pod string) {
		if !slices.Contains(names, pod) {
			names = append(names, pod)
		}
	}
	for _, at := range slices.Sorted(maps.Keys(t.answers)) {
		n := map[string]int{}
		for a, answers := range t.answers[at] {
			seen[a] += answers
			n[a.mode] += answers
		}
		var long time.Duration
		for _, d := range ready[at] {
			long += d
		}
		for mode, answers := range n {
			total[mode] += answers
			for pod, d := range ready[at] {
				even[answerer{pod, mode}] += float64(answers) * d.Seconds() / long.Seconds()
			}
		}
	}
	if len(total) == 0 {
		return nil
	}
	nodes := map[string]string{}
	for _, l := range t.pods {
		p := l.changes[len(l.changes)-1].to
		nodes[p.Name] = p.Node
		if even[answerer{p.Name, record.Fresh}] > 0 || even[answerer{p.Name, record.Reused}] > 0 {
			add(p.Name)
		}
	}
	for _, a := range slices.SortedFunc(maps.Keys(seen), func(a, b answerer) int { return strings.Compare(a.pod, b.pod) }) {
		add(a.pod)
	}
	for _, pod := range names {
		of := func(mode string) part {
			a, all := answerer{pod, mode}, float64(max(1, total[mode]))
			return part{N: seen[a], Seen: float64(seen[a]) / all, Even: even[a] / all}
		}
		list = append(list, share{pod, nodes[pod], of(record.Fresh), of(record.Reused)})
	}
	return list
}

// readyTime is how long each Pod's endpoint was ready in each Unix second with answers.
func (t *tale) readyTime() map[int64]map[string]time.Duration {
	all := map[int64]map[string]time.Duration{}
	seconds := slices.Sorted(maps.Keys(t.answers))
	for i, e := range t.endpoints {
		for _, at := range seconds {
			from, to := time.Unix(at, 0), time.Unix(at+1, 0)
			if e.at.After(from) {
				from = e.at
			}
			if i+1 < len(t.endpoints) && t.endpoints[i+1].at.Before(to) {
				to = t.endpoints[i+1].at
			}
			if !to.After(from) {
				continue
			}
			if all[at] == nil {
				all[at] = map[string]time.Duration{}
			}
			for _, endpoint := range e.to.List {
				if endpoint.Ready {
					all[at][endpoint.Pod] += to.Sub(from)
				}
			}
		}
	}
	return all
}
