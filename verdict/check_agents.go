package verdict

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"hagate/verdict/words"
)

// agentsThere wants every stream's seconds from before the fault until traffic was
// clean again, and a sign of life from every agent with no gap over MaxHealthGap.
func agentsThere(f *facts) finding {
	want := fmt.Sprintf("every second of every stream from the baseline to the end, and word from every agent at least every %d s", MaxHealthGap)
	from, to := f.from, f.owedUntil()
	var wrong []string
	for _, name := range f.streams() {
		for at := from; at < to; at++ {
			if _, ok := f.seconds[name][at]; !ok {
				wrong = append(wrong, fmt.Sprintf("%s recorded nothing at %s", name, clock(at)))
				break
			}
		}
	}
	for _, v := range f.vantages() {
		last := from
		for _, at := range slices.Sorted(maps.Keys(f.health[v])) {
			if at > last+MaxHealthGap {
				break
			}
			last = max(last, at)
		}
		if to-last > MaxHealthGap {
			wrong = append(wrong, fmt.Sprintf("no word from the %s agent after %s", v, clock(last)))
		}
	}
	return met(len(wrong) == 0, want, listed(wrong, "all there"))
}

// owedUntil is the Unix second until which every stream has to have recorded.
func (f *facts) owedUntil() int64 {
	switch {
	case !f.settled.IsZero():
		stopping := f.done.Add(-f.start.Plan.Timeout - StopTime)
		return max(f.settled.Unix()+CleanSeconds, stopping.Unix())
	case len(f.faults) > 0:
		return f.faults[len(f.faults)-1].Time.Unix()
	}
	return f.to
}

func clocksAgree(f *facts) finding {
	var worst time.Duration
	who := ""
	for v, seconds := range f.health {
		for _, h := range seconds {
			if h.Offset.Abs() > worst || h.Offset.Abs() == worst && worst > 0 && v < who {
				worst, who = h.Offset.Abs(), v
			}
		}
	}
	got := fmt.Sprintf("at most %s apart", words.Duration(worst))
	if worst > MaxClockShift {
		got = fmt.Sprintf("the clock of the %s agent is %s off the harness's", who, words.Duration(worst))
	}
	return met(worst <= MaxClockShift, "within "+words.Duration(MaxClockShift), got)
}

func headroom(f *facts) finding {
	want := fmt.Sprintf("never %d s in a row at %g %% of all cores or above, and at most %g %% of the seconds", BusyInARow, BusyLimit*100, MaxBusyShare*100)
	got := "load of the machine unknown"
	for _, v := range f.vantages() {
		at := slices.Sorted(maps.Keys(f.health[v]))
		busy, inARow, most, known, sum := 0, 0, 0, 0, 0.0
		for i, t := range at {
			share := f.health[v][t].Busy
			if i > 0 && t != at[i-1]+1 {
				inARow = 0
			}
			if share >= 0 {
				known++
				sum += share
			}
			if share < BusyLimit {
				inARow = 0
				continue
			}
			busy++
			inARow++
			most = max(most, inARow)
		}
		if most >= BusyInARow || float64(busy) > MaxBusyShare*float64(known) {
			return met(false, want, fmt.Sprintf("the machine was full: %d of %d seconds at %g %% of all cores or above, %d in a row (seen from the %s agent); lower the rate or free the machine",
				busy, known, BusyLimit*100, most, v))
		}
		if known > 0 {
			got = fmt.Sprintf("%d of %d seconds full, %.0f %% busy on average", busy, known, 100*sum/float64(known))
		}
	}
	return met(true, want, got)
}

func clock(at int64) string { return time.Unix(at, 0).UTC().Format(time.TimeOnly) }
