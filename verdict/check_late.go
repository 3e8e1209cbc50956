package verdict

import (
	"hagate/record"
	"hagate/verdict/words"
)

// lateShare looks at the whole seconds in which one Pod's packets were late: every other
// Pod answers as ever, so no more requests are late than it is sent.
func lateShare(f *facts) finding {
	var r *round
	for _, each := range f.rounds {
		if fault := each.fault(record.Injected); fault != nil && fault.Effect.Kind == record.PodsLate {
			r = each
		}
	}
	if r == nil {
		return skipped(record.Say("no fault delayed a Pod's packets"))
	}
	allowed := 1/float64(max(2, f.start.Replicas)) + LateChance
	want := record.Say("on each stream at most %.0f %% of the requests took over %s more than its baseline's p99 during the fault: the share of one of %d Pods, of at least 2, plus %.0f %% for random variation",
		100*allowed, words.Duration(LateRequest), f.start.Replicas, 100*LateChance)
	ok := true
	var got []record.Text
	for _, name := range f.streams() {
		late, all := f.late(r, name)
		ok = ok && float64(late) <= allowed*float64(all)
		got = append(got, record.Say("%s %s of %s (%.0f %%)", name, words.Count(late), words.Count(all), 100*float64(late)/float64(max(1, all))))
	}
	return met(ok, want, record.Say("slow: %s", record.Join(", ", got...)))
}

// late counts the requests of a stream that took longer than its baseline's p99 and
// LateRequest, in the whole seconds from when the round's fault was in until it was taken back, and all that
// succeeded in them.
func (f *facts) late(r *round, stream string) (late, all int) {
	in, back := r.fault(record.Injected), r.fault(record.Reverting)
	if in == nil || back == nil {
		return 0, 0
	}
	before, _ := f.merged(stream, f.from, f.to)
	limit := LateRequest.Microseconds() + quantiles(before).P99.Microseconds()
	for at, s := range f.seconds[stream] {
		if at <= in.Time.Unix() || at >= back.Time.Unix() {
			continue
		}
		h, err := record.DecodeLatency(s.Latency)
		if err != nil {
			continue // the check of the accounts says so
		}
		for _, bar := range h.Distribution() {
			all += int(bar.Count)
			if bar.From > limit {
				late += int(bar.Count)
			}
		}
	}
	return late, all
}
