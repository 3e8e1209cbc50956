package verdict

import (
	"fmt"

	"hagate/record"
	"hagate/verdict/words"
)

// noReadinessProbe: without a probe a Pod is called ready as soon as its process runs,
// before it listens, and for as long as that runs, whether it answers or not.
//
// For it: the container that serves has no readiness probe, and connections are refused right after a
// new Pod is called ready, or a Pod that the fault has hit is called so still. Against it:
// neither.
func noReadinessProbe(f *facts, b burst, d *Diagnosis) bool {
	c, known := f.container()
	if b.whole() || !known || c.Readiness != nil {
		return false
	}
	d.pro(suggests, record.Say("container %s has no readiness probe", c.Name))
	without := record.Say("Without a readiness probe, new Pods get requests as soon as their process runs, before it listens.")
	var names []string
	for _, s := range f.starters(b) {
		names = append(names, s.name)
	}
	if len(names) > 0 {
		d.pro(shows, record.Say("the failures began within %s after new Pods were marked ready: %s", words.Duration(startLead), once(names)))
	} else if stayed, n := f.lingered(b); !f.start.Planned && 2*n > b.n() && b.mostly(record.ClassTimeout, record.ClassNetwork) {
		d.pro(shows, record.Say("%s were due while requests were still routed to Pods that the fault had hit", share(n, b.n())))
		for _, l := range stayed {
			d.pro(0, l.stayed())
		}
		without = record.Say("Without a readiness probe, a Pod gets requests as long as its process exists, whether it answers or not.")
	} else {
		d.con(suggests, record.Say("no new Pod was marked ready shortly before"))
	}
	if b.mostly(record.ClassRefused) {
		d.pro(allows, record.Say("%s were refused: nothing listened yet", share(b.of(record.ClassRefused), b.n())))
	}
	d.say(without, record.Say("Add a readiness probe that sends the same request as clients, %s.", f.called()))
	port := f.service().TargetPort
	if port == "" {
		port = "…"
	}
	d.change("workload", " spec:", "   template:", "     spec:", "       containers:", "       - name: "+c.Name,
		"+        readinessProbe:",
		fmt.Sprintf("+          httpGet: {path: %q, port: %s}", f.called().Path, port),
		"+          periodSeconds: 1")
	return true
}
