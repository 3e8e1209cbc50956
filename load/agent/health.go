package agent

import (
	"time"

	"hagate/cluster/cpu"
	"hagate/record"
)

// watchHealth emits how the machine and this process are, once a second until end
// is closed.
func watchHealth(end <-chan struct{}, vantage string, inFlight func() int, emit func(record.Entry)) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	machine, own := cpu.MachineTimes(), cpu.OwnTime()
	for {
		select {
		case <-end:
			return
		case now := <-tick.C:
			m, o := cpu.MachineTimes(), cpu.OwnTime()
			emit(record.Entry{Time: now, Health: &record.Health{Vantage: vantage, Busy: m.BusySince(machine), Own: o - own, Workers: inFlight()}})
			machine, own = m, o
		}
	}
}
