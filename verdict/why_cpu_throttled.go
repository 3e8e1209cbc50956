package verdict

import (
	"fmt"
	"time"

	"hagate/record"
)

// cpuThrottled: the containers may use no more CPU, and requests wait.
//
// For it: the limits are used up, as far as it is known who used the machine. A low limit
// alone is a hint. Against it: the Pods used much less, or connections were refused.
func cpuThrottled(f *facts, b burst, d *Diagnosis) bool {
	c, ok := f.container()
	limit := cores(c.Limits.CPU)
	if !ok || limit == 0 || b.whole() && (f.stuck() || !f.slow()) || !b.whole() && !b.mostly(record.ClassTimeout, record.ClassStatus5) {
		return false
	}
	most, all := f.coresUsed(b), limit*float64(f.start.Replicas)
	switch {
	case most >= usedUp*all:
		d.pro(shows, record.Say("the Pods used up to %.2f cores, and may use %.2f in all", most, all))
	case most >= 0:
		d.con(shows, record.Say("the Pods used up to %.2f cores, and may use %.2f in all", most, all))
	case limit <= 0.5:
		d.pro(allows, record.Say("container %s has a CPU limit of %s", c.Name, c.Limits.CPU))
	}
	if b.whole() || b.mostly(record.ClassTimeout) {
		d.pro(allows, record.Say("requests took long or timed out, and no connection was refused"))
	}
	d.say(record.Say("The containers are throttled at their CPU limit, so requests wait for the next CFS period."), record.Say("Raise the CPU limit, or remove it and keep the CPU request."))
	n, unit, _ := quantity(c.Limits.CPU)
	f.limit(d, c, "cpu", c.Limits.CPU, fmt.Sprintf("%g%s", 2*n, unit))
	return true
}

// usedUp is the share of a CPU limit at which containers wait for more.
const usedUp = 0.8

// coresUsed is the most that the workload's Pods used in a second of b, in cores; less than
// 0 where that is not known.
func (f *facts) coresUsed(b burst) float64 {
	most := -1.0
	for at, c := range f.cpu {
		if b.whole() || (span{b.from, b.to}).within(time.Unix(at, 0), time.Second) {
			most = max(most, c.Service)
		}
	}
	return most
}

// slow says whether successful requests took longer than the scenario allows, or the load
// was raised until they did.
func (f *facts) slow() bool {
	return f.capacity != nil || slowest(f).result == Fail || tail(f).result == Fail
}
