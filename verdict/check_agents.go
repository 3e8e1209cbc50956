package verdict

import (
	"maps"
	"slices"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// agentsThere wants every stream's seconds from before the fault until traffic was
// clean again, and a sign of life from every agent with no gap over MaxHealthGap.
func agentsThere(f *facts) finding {
	want := record.Say("data for every second of every stream from the baseline to the end, and a heartbeat from every agent at least every %d s", MaxHealthGap)
	from, to := f.from, f.owedUntil()
	var wrong []record.Text
	for _, name := range f.streams() {
		for at := from; at < to; at++ {
			if _, ok := f.seconds[name][at]; !ok {
				wrong = append(wrong, record.Say("%s recorded nothing at %s", name, clock(at)))
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
			wrong = append(wrong, record.Say("no heartbeat from the %s agent after %s", v, clock(last)))
		}
	}
	return met(len(wrong) == 0, want, listed(wrong...).Or(record.Say("no gaps")))
}

// owedUntil is the Unix second until which every stream has to have recorded.
func (f *facts) owedUntil() int64 {
	switch {
	case f.capacity != nil:
		return f.until
	case f.unclean():
		return f.done.Add(-f.start.Plan.Timeout - StopTime).Unix()
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
	got := record.Say("at most %s apart", words.Duration(worst))
	if worst > MaxClockShift {
		got = record.Say("the clock of the %s agent is %s off the harness clock", who, words.Duration(worst))
	}
	return met(worst <= MaxClockShift, record.Say("within %s", words.Duration(MaxClockShift)), got)
}

func clock(at int64) string { return time.Unix(at, 0).UTC().Format(time.TimeOnly) }
