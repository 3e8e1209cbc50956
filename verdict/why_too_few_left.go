package verdict

import (
	"fmt"
	"slices"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// takesMore is how many times its part of the baseline a Pod has to answer before it is
// believed to be at its end.
const takesMore = 1.1

// tooFewLeft: fewer Pods than are declared were ready for a time, and they could not take the
// load of all.
//
// For it: ready Pods turned requests down, or did not answer them, while each answered more
// than its part of the baseline; or answers took longer from second to second until clients
// gave up, as they do where requests queue up. Against it: requests fail as well while all
// are ready.
func tooFewLeft(f *facts, b burst, d *Diagnosis) bool {
	if b.whole() || len(f.faults) == 0 || f.effect().Away != "" || !b.mostly(record.ClassStatus5, record.ClassStatus4, record.ClassTimeout, record.ClassReset) {
		return false
	}
	declared, low, fewer := f.start.Replicas, f.start.Replicas, 0
	for at, failed := range b.failed {
		ready := f.endpointsAt(at).Ready()
		if ready < declared {
			fewer += failed
		}
		low = min(low, ready)
	}
	own, known := f.answerers(b, func(l *life, at time.Time) bool {
		return !l.stray && l.served(at, time.Second) && (l.asked.IsZero() || l.asked.After(at.Add(time.Second)))
	})
	usual, then, atEnd := f.eachTakesMore(b)
	slower, queued := f.queueGrew(b)
	if low == 0 || low == declared || 2*own <= known || own == 0 || !atEnd && !queued {
		return false
	}
	if queued {
		d.pro(shows, slower)
	}
	d.pro(suggests, record.Say("%s were answered, or accepted and not answered, by Pods that were ready and not terminating", share(own, known)))
	most := 0.9
	if queued {
		most = 0.5 // a queue has to be worked off once all are ready again
	}
	if float64(fewer) >= most*float64(b.n()) {
		d.pro(shows, record.Say("%s were due while fewer than the declared %d Pods were ready, %d at the worst moment", share(fewer, b.n()), declared, low))
	} else {
		d.con(shows, record.Say("only %s were due while fewer than the declared %d Pods were ready", share(fewer, b.n()), declared))
	}
	if atEnd {
		d.pro(allows, record.Say("each remaining Pod answered %s requests/s, where a Pod answers %s in the baseline", words.Count(int(then)), words.Count(int(usual))))
	}
	if t := f.template(); f.effect().Updates && t.MaxSurge != "" && !slices.Contains([]string{"0", "0%"}, t.MaxUnavailable) {
		d.say(record.Say("A rollout terminated so many Pods at once that the remaining ones were overloaded."),
			record.Say("Make rollouts start a new Pod before they terminate an old one (maxUnavailable: 0, maxSurge: 1)."))
		d.pro(allows, record.Say("the strategy is %s, with maxUnavailable %s and maxSurge %s", t.Strategy, orNone(t.MaxUnavailable), orNone(t.MaxSurge)))
		d.change("workload", " spec:", "   strategy:", "+    type: RollingUpdate", "+    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}")
		return true
	}
	d.say(record.Say("The remaining Pods could not sustain the full load."), record.Say("Run more replicas, or raise the capacity of each, so that the load is sustained while some are unavailable."))
	d.change("workload", " spec:", fmt.Sprintf("-  replicas: %d", declared), fmt.Sprintf("+  replicas: %d", declared+declared-low))
	return true
}

// A queue that grows shows in so many seconds that each took longer than the one before, and
// in answers that come to take so many times as long.
const (
	queueSeconds = 3
	queueGrowth  = 2
)

// queueGrew says whether answers took longer from second to second after the fault, with fewer
// Pods ready than are declared, right until the first request of b failed.
func (f *facts) queueGrew(b burst) (evidence record.Text, ok bool) {
	var turn time.Time
	for _, r := range f.rounds {
		if r.turn.Before(b.from) {
			turn = r.turn
		}
	}
	if turn.IsZero() {
		return evidence, false
	}
	second := b.from.Unix()
	last := f.slowestMedian(second)
	first, rises := last, 0
	for second > turn.Unix() && f.endpointsAt(time.Unix(second, 0)).Ready() < f.start.Replicas {
		before := f.slowestMedian(second - 1)
		if before == 0 || 10*before > 11*first { // a tenth is noise
			break
		}
		if 10*first > 11*before {
			rises++
		}
		second, first = second-1, before
	}
	if rises < queueSeconds || last < max(LeastMaxP99, queueGrowth*first) {
		return evidence, false
	}
	return record.Say("from %s on the median latency rose from %s to %s, until requests failed: they queued up",
		clock(second), words.Duration(first), words.Duration(last)), true
}

// slowestMedian is the median latency of a Unix second, of the stream where it is longest; 0
// where nothing succeeded.
func (f *facts) slowestMedian(second int64) (longest time.Duration) {
	for _, name := range f.streams() {
		h, _ := f.merged(name, second, second+1)
		longest = max(longest, quantiles(h).P50)
	}
	return longest
}

// eachTakesMore is how many requests a second a Pod answers in the baseline, and how many a
// ready one in b; it says whether those are so many more that it is believed to be at its end.
func (f *facts) eachTakesMore(b burst) (usual, then float64, more bool) {
	failing, ready, answers := map[int64]bool{}, 0, 0
	for at := range b.failed {
		failing[at.Unix()] = true
	}
	for second := range failing {
		if failing[second-1] && failing[second+1] { // the whole of it
			ready += f.endpointsAt(time.Unix(second, 0)).Ready()
			answers += f.answersOfPods(second, second+1)
		}
	}
	usual = float64(f.answersOfPods(f.from, f.to)) / float64(max(1, f.to-f.from)) / float64(max(1, f.start.Replicas))
	then = float64(answers) / float64(max(1, ready))
	return usual, then, usual > 0 && ready > 0 && then >= takesMore*usual
}

// answersOfPods counts the requests that Pods answered as expected in the Unix seconds [from, to).
func (f *facts) answersOfPods(from, to int64) (n int) {
	for second := from; second < to; second++ {
		for _, name := range f.streams() {
			for _, answers := range f.seconds[name][second].Pods {
				n += answers
			}
		}
	}
	return n
}
