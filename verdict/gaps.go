package verdict

import (
	"time"

	"hagate/record"
)

// gaps measures a stream's longest outage and longest blackout. An outage is a span
// in which successive failures lie less than OutageGap apart; a lone failure counts
// one due interval. A blackout is a span of slots in which requests were due and
// none succeeded; it counts whole slots.
func (f *facts) gaps(stream string) (outage, blackout time.Duration) {
	var first, last int64 = -1, -1 // slots of the failures of the current outage
	dark := int64(-1)              // first slot of the current blackout
	for _, at := range f.judged(stream) {
		s := f.seconds[stream][at]
		interval := time.Second / time.Duration(max(1, f.start.Plan.RateAt(at)))
		for i := range record.SlotsPerSecond {
			slot := at*record.SlotsPerSecond + int64(i)
			failed := 0
			for class, slots := range s.Failed {
				if blamed(class) {
					failed += nth(slots, i)
				}
			}
			if failed > 0 {
				if first < 0 || time.Duration(slot-last)*Slot >= OutageGap {
					first = slot
				}
				last = slot
				outage = max(outage, time.Duration(last-first)*Slot+interval)
			}
			switch {
			case nth(s.OK, i) > 0:
				dark = -1
			case failed > 0:
				if dark < 0 {
					dark = slot
				}
				blackout = max(blackout, time.Duration(slot-dark+1)*Slot)
			}
		}
	}
	return outage, blackout
}

func nth(slots []int, i int) int {
	if i < len(slots) {
		return slots[i]
	}
	return 0
}
