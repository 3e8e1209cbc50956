package verdict

import (
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// excuse has a full machine keep a verdict from being a FAIL, unless what failed cannot be
// its doing; and a PASS from nothing: the load was sent on schedule, and where it was
// served on a full machine it was served. What was only slow a moment's saturation may have
// made slow.
func excuse(f *facts, checks []Check) {
	room := &checks[slices.IndexFunc(checks, func(c Check) bool { return c.Name == headroomCheck })]
	var broken []string
	for _, c := range checks {
		if c.Kind == Service && c.Result == Fail {
			broken = append(broken, c.Name)
		}
	}
	switch {
	case room.Result == Invalid && len(broken) == 0:
		room.Result = Pass
	case room.Result == Invalid:
		if said := f.tooManyLeft().Or(f.foundAnyway()).Or(f.refusedAnyway()).Or(f.failedWithRoom()); !said.IsZero() {
			room.Result, room.Got = Pass, said
		}
	case len(broken) > 0 && !slices.ContainsFunc(broken, func(name string) bool { return !slices.Contains(momentChecks, name) }):
		if said := f.slowWhileFull(broken); !said.IsZero() {
			room.Result, room.Got = Invalid, said
		}
	}
}

// slowWhileFull says that no request was too slow but in seconds in which the machine was
// pressed, or within a second of one, and that where none may fail none did but those that
// timed out while somebody was held up for as long as their timeout; else nothing. One such
// second is enough to make a request wait for it, and too little to call the machine full. It
// stands for no more than it can do: a wait of that long and a second, in a few of the
// seconds, and not of the Pod that has just begun to serve.
func (f *facts) slowWhileFull(broken []string) record.Text {
	pressed := f.pressed()
	seen, with := *f.history, *f
	with.history, with.sums = &seen, nil
	seen.seconds = map[string]map[int64]record.Second{}
	left, by := map[int64]bool{}, map[int64]bool{}
	timeout := int64(math.Ceil(f.start.Plan.Timeout.Seconds()))
	heldUp := f.heldUp()
	for i, name := range f.streams() {
		kept, of := map[int64]record.Second{}, 0
		for at, s := range f.seconds[name] {
			because := map[int64]bool{}
			if near := within(heldUp, at, at+timeout); record.Sum(s.Failed[record.ClassTimeout]) > 0 && f.start.SLO.MaxFailed == 0 && int64(len(near)) >= timeout {
				s.Failed = maps.Clone(s.Failed)
				delete(s.Failed, record.ClassTimeout)
				mark(because, near)
			}
			if h, err := record.DecodeLatency(s.Latency); err == nil {
				took := time.Duration(h.Max()) * time.Microsecond
				near := within(pressed, at-1, at+1+int64(math.Ceil(took.Seconds())))
				slow := took > f.sums[i].Baseline.P99+LateRequest
				if slow && len(near) > 0 && took <= time.Duration(len(near)+1)*time.Second+f.sums[i].Baseline.P50 {
					s.Latency = ""
					mark(because, near)
				}
			}
			if len(because) > 0 {
				left[at] = true
				of++
				maps.Copy(by, because)
			}
			kept[at] = s
		}
		if 2*of > len(kept) {
			return record.Text{}
		}
		seen.seconds[name] = kept
		st := with.stream(name)
		charged := f.sums[i] // also with what happened around the scenario
		st.Baseline, st.FailedBefore, st.FailedAfter, st.ClosedInFlight = charged.Baseline, charged.FailedBefore, charged.FailedAfter, charged.ClosedInFlight
		with.sums = append(with.sums, st)
	}
	stands := slices.ContainsFunc(checks, func(c check) bool {
		return slices.Contains(broken, c.name) && c.look(&with).result == Fail
	})
	if len(left) == 0 || stands || f.slowAsItBegan(left) {
		return record.Text{}
	}
	var at []record.Text
	for _, t := range slices.Sorted(maps.Keys(by)) {
		at = append(at, record.Words(clock(t)))
	}
	return record.Say("no request was too slow, and none timed out, but while the machine was saturated, or the load agents or the service had to wait for it (%s), or within a second of that", listed(at...))
}

// within are those of set from first to last.
func within(set map[int64]bool, first, last int64) (list []int64) {
	for t := first; t <= last; t++ {
		if set[t] {
			list = append(list, t)
		}
	}
	return list
}

func mark(set map[int64]bool, seconds []int64) {
	for _, t := range seconds {
		set[t] = true
	}
}

// pressed are the Unix seconds in which the machine was saturated, or a load agent or the
// service had to wait for it, and not for the service's own use.
func (f *facts) pressed() map[int64]bool {
	all := map[int64]bool{}
	for _, v := range f.vantages() {
		b := f.busy(v, math.MinInt64, math.MaxInt64)
		mark(all, b.busy)
		mark(all, b.starved)
	}
	for _, seconds := range f.seconds {
		for t, s := range seconds { // also those in which an agent had no time for its own health
			if s.MaxLate > record.LateAfter && !f.byService(t) {
				all[t] = true
			}
		}
	}
	return all
}

// heldUp are those of them in which a load agent or the service waited for nearly all of a
// second; where nobody knows what the service waited, in which the machine was saturated.
func (f *facts) heldUp() map[int64]bool {
	all := map[int64]bool{}
	for _, v := range f.vantages() {
		for t, h := range f.health[v] {
			unknown := f.cpu[t].Threads == 0 && h.Busy >= BusyLimit && !f.byService(t)
			if unknown || f.madeToWait(t) || f.latest(v, t) >= MaxWaited && !f.byService(t) {
				all[t] = true
			}
		}
	}
	return all
}

// slowAsItBegan says whether the slowest answer of some seconds came from a Pod that had been
// ready for less than YoungPod: that is what it is looked at for, and what starts it fills
// the machine each time. Where the service is known to have had to wait for a core meanwhile,
// it was that.
func (f *facts) slowAsItBegan(seconds map[int64]bool) bool {
	var slowest tally
	for _, t := range f.tallies(math.MinInt64, math.MaxInt64-1) {
		if seconds[t.second] && t.class == "" && !t.saved && t.slowest > slowest.slowest {
			slowest = t
		}
	}
	for t := slowest.second; t <= slowest.second+int64(slowest.slowest/time.Second)+1; t++ {
		if f.madeToWait(t) {
			return false
		}
	}
	at := time.Unix(slowest.second, 0)
	l := f.named(slowest.pod, at)
	return l != nil && slices.ContainsFunc(l.ready, func(s span) bool {
		return s.within(at, time.Second) && at.Sub(s.from) < YoungPod && f.came(l)
	})
}

// tooManyLeft says that more Pods at once were told to go than may be away, which no
// machine does; else nothing.
func (f *facts) tooManyLeft() record.Text {
	if n := f.staying(); n >= 0 && n < f.start.SLO.MinReady {
		return record.Say("the machine was saturated for a while, but saturation does not terminate Pods: at the worst moment %d were not terminating, and %d have to be ready", n, f.start.SLO.MinReady)
	}
	return record.Text{}
}

// foundAnyway says what the scenario found that no machine makes so; else nothing.
func (f *facts) foundAnyway() record.Text {
	for _, found := range f.findings {
		if found.Anyway && !found.Met() {
			return record.Say("the machine was saturated for a while, but saturation does not do this: %s", found.Got)
		}
	}
	return record.Text{}
}

// refusedAnyway says what the API server or the scheduler refused to a fault for what the
// service's objects say, however long its Pods may take to be ready; else nothing.
func (f *facts) refusedAnyway() record.Text {
	b := f.blocked()
	if b == nil {
		return record.Text{}
	}
	_, most := f.allowsMost()
	for _, r := range b.Refusals {
		waits := r.Code == http.StatusTooManyRequests && !strings.Contains(r.Said, "failed sync") && most != 0
		byNode := strings.Contains(r.Said, "node.kubernetes.io/") // a taint: the kubelet may have been late
		if r.Whose == record.WhoseService && (r.By == "" || r.By == record.ByScheduler) && !waits && !byNode {
			return record.Say("the machine was saturated for a while, but saturation does not make the API server or the scheduler refuse: %s", short(r.String()))
		}
	}
	return record.Text{}
}

// failedWithRoom says how much of what a stream lost it lost while the machine had room,
// where that is more than may fail, and came before the machine was full or is most of it;
// else nothing.
func (f *facts) failedWithRoom() record.Text {
	var near []int64 // seconds that were full
	for _, v := range f.vantages() {
		near = append(near, f.busy(v, math.MinInt64, math.MaxInt64).crowded...)
	}
	slices.Sort(near)
	first := f.from // that was full, of those that are judged
	if i := slices.IndexFunc(near, func(at int64) bool { return at >= f.from }); i >= 0 {
		first = near[i]
	}
	timeout := int64(math.Ceil(f.start.Plan.Timeout.Seconds()))
	for _, st := range f.sums {
		before, with := 0, 0
		for _, at := range f.judged(st.Name) {
			failed := blamedIn(f.seconds[st.Name][at])
			if at < first-timeout {
				before += failed
			}
			if !slices.ContainsFunc(near, func(full int64) bool { return full-timeout <= at && at <= full+BusySpan }) {
				with += failed
			}
		}
		switch allowed := f.start.SLO.MaxFailed; {
		case before > allowed:
			return record.Say("the machine was saturated for a while, but %s of the %s requests that failed on %s had failed before that", words.Count(before), words.Count(st.Failed), st.Name)
		case with > allowed && 2*with > st.Failed:
			return record.Say("the machine was saturated for a while, but %s of the %s requests that failed on %s failed while it was not", words.Count(with), words.Count(st.Failed), st.Name)
		}
	}
	return record.Text{}
}
