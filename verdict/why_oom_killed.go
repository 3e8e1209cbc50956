package verdict

import (
	"fmt"
	"time"

	"hagate/record"
)

const oom = "OOMKilled"

// oomKilled: a container took more memory than its limit, and the kernel killed it.
//
// For it: how the container ended, close to the failures. Against it: the fault itself
// asked for that, or it ended at another time.
func oomKilled(f *facts, b burst, d *Diagnosis) bool {
	if f.effect().Kind == record.PodsOutOfMemory {
		return false
	}
	var names []string
	near, killed := false, ""
	for _, s := range f.pods {
		for _, e := range s.it.Exits {
			if e.Reason == oom && !e.At.Before(f.first.Add(-time.Second)) {
				names, killed = append(names, e.Container+" of "+s.it.Name), e.Container
				near = near || b.whole() || span{b.from, b.to}.within(e.At, 2*leadLimit)
			}
		}
		if s.it.Reason == oom && len(s.it.Exits) == 0 {
			names = append(names, s.it.Name)
			near = near || b.whole() || span{b.from, b.to}.within(s.at, 2*leadLimit)
		}
	}
	if len(names) == 0 {
		return false
	}
	d.pro(shows, record.Say("OOM-killed, though no fault caused it: %s", once(names)))
	if near {
		d.pro(shows, record.Say("requests failed at that time, or the service did not recover"))
	} else {
		d.con(shows, record.Say("no request failed near that time"))
	}
	d.say(record.Say("A container took more memory than its limit and was killed."), record.Say("Raise the memory limit above what the container needs under this load, or make it use less."))
	c, _ := f.container()
	for _, beside := range f.template().Containers {
		if beside.Name == killed {
			c = beside
		}
	}
	if n, unit, ok := quantity(c.Limits.Memory); ok {
		d.pro(0, record.Say("its memory limit is %s", c.Limits.Memory))
		f.limit(d, c, "memory", c.Limits.Memory, fmt.Sprintf("%g%s", 2*n, unit))
	}
	return true
}

// limit raises one of a container's limits.
func (f *facts) limit(d *Diagnosis, c record.Container, of, from, to string) {
	d.change("workload", " spec:", "   template:", "     spec:", "       containers:", "       - name: "+c.Name, "         resources:", "           limits:",
		fmt.Sprintf("-            %s: %s", of, from), fmt.Sprintf("+            %s: %s", of, to))
}
