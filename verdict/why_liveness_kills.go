package verdict

import (
	"fmt"
	"strings"

	"hagate/record"
)

// livenessKills: the liveness probe has containers killed that nothing was done to, at
// their start or under load.
//
// For it: the kubelet's word, near the failures, of Pods that no fault hit. Against it: a
// fault made the Pod hang, which the probe is for.
func livenessKills(f *facts, b burst, d *Diagnosis) bool {
	var names []string
	said := ""
	struck := 0
	for _, e := range f.said(func(e record.Event) bool {
		return e.Reason == "Killing" && strings.Contains(e.Message, "failed liveness probe") || e.Reason == "Killing" && strings.Contains(e.Message, "failed startup probe")
	}) {
		if !b.whole() && !(span{b.from, b.to}).within(e.at, 2*leadLimit) {
			continue
		}
		l := f.podOf(e)
		if l == nil {
			continue
		}
		if f.struck(l.uid) && !l.stray {
			struck++
			continue
		}
		names, said = append(names, l.name), e.it.Message
	}
	if len(names) == 0 {
		return false
	}
	d.pro(shows+allows, record.Say("killed by their liveness probe, though no fault hit them: %s", once(names)))
	d.pro(0, record.Say("the kubelet said: %s", short(said)))
	if struck > 0 {
		d.con(allows, record.Say("the fault caused liveness kills as well"))
	}
	again := 0
	for _, l := range f.lives() {
		for _, at := range l.restarted {
			again += first(b.whole() || (span{b.from, b.to}).within(at, 2*leadLimit))
		}
	}
	if again > 0 {
		d.pro(allows, record.Say("containers were restarted %d times around then", again))
	}
	d.say(record.Say("The liveness probe kills containers that are only slow, at their start or under load, and so makes it worse."),
		record.Say("Give the liveness probe a longer timeout and a higher failureThreshold, probe something without dependencies, and use a startup probe for the start."))
	if c, ok := f.container(); ok && c.Liveness != nil {
		d.pro(allows, record.Say("it kills after %d failures, one every %d s, each with a timeout of %d s", c.Liveness.Failures, c.Liveness.Period, c.Liveness.Timeout))
		d.change("workload", " spec:", "   template:", "     spec:", "       containers:", "       - name: "+c.Name, "         livenessProbe:",
			fmt.Sprintf("-          timeoutSeconds: %d", c.Liveness.Timeout), fmt.Sprintf("-          failureThreshold: %d", c.Liveness.Failures),
			fmt.Sprintf("+          timeoutSeconds: %d", max(5, 2*c.Liveness.Timeout)), fmt.Sprintf("+          failureThreshold: %d", max(6, 2*c.Liveness.Failures)))
	}
	return true
}
