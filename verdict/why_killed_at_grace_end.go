package verdict

import (
	"fmt"
	"math"
	"slices"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// lastWindow is what the kubelet leaves a container at the least, where a preStop hook has
// taken all of its grace.
const lastWindow = 2 * time.Second

// killedIn is when l is killed, where it still works then.
func (f *facts) killedIn(l leaver) span {
	at := span{l.end(), l.end()}
	if c, ok := f.container(); ok && c.PreStop != "" && (c.PreStopSleep == 0 || c.PreStopSleep+1 >= float64(l.Grace)) {
		at.to = at.to.Add(lastWindow)
	}
	return at
}

// endSlack is how far from the end of a Pod's grace failures may lie and still be its.
const endSlack = 1500 * time.Millisecond

// killed is the exit code of a process that was ended by SIGKILL.
const killed = 137

// killedAtGraceEnd: the Pod still works when its grace is over, and is killed with what
// it had begun.
//
// For it: failures lie at the end of the grace and not before, a container ended with
// 137, and the requests were on kept-alive connections to that Pod. Against it: the Pod
// had ended by itself before. Why it still worked is told by the template: a shell that
// hands no signal on, a hook that takes the whole grace, or neither.
func killedAtGraceEnd(f *facts, b burst, d *Diagnosis) bool {
	if b.whole() || b.of(record.ClassStatus4, record.ClassStatus5, record.ClassDNS)*2 > b.n() {
		return false
	}
	n, grace := 0, 0
	var names []string
	exits := map[int][]string{}
	counted := map[time.Time]bool{}
	for _, l := range f.around(b) {
		end := f.killedIn(l)
		before := n
		for at, failed := range b.failed {
			if end.within(at, endSlack) && !counted[at] {
				n += failed
				counted[at] = true
			}
		}
		if n == before {
			continue
		}
		grace = l.Grace
		names = append(names, l.Name)
		for _, e := range l.Exits {
			if e.At.After(l.asked.Add(-time.Second)) {
				exits[e.Code] = append(exits[e.Code], e.Container+" of "+l.Name)
			}
		}
	}
	if 2*n < b.n() || n == 0 {
		return false
	}
	d.pro(shows+allows, record.Say("%s occurred within %s of the end of the grace period of %d s: %s", share(n, b.n()), words.Duration(endSlack), grace, once(names)))
	if len(exits[killed]) > 0 {
		d.pro(shows, record.Say("ended with exit code 137, so killed: %s", once(exits[killed])))
	} else if len(exits) > 0 {
		d.con(shows, record.Say("no container that ended was killed"))
	}
	slices.Sort(names)
	if on, known := f.answerers(b, func(l *life, _ time.Time) bool { return slices.Contains(names, l.name) }); 2*on > known {
		d.pro(suggests, record.Say("%s were on connections that this Pod had answered on", share(on, b.n())))
	} else if known > 0 {
		d.con(suggests, record.Say("only %s were on connections that this Pod had answered on", share(on, known)))
	}
	f.stillThere(grace, d)
	return true
}

// stillThere tells why the Pod had not ended by itself.
func (f *facts) stillThere(grace int, d *Diagnosis) {
	c, known := f.container()
	hook := c.PreStopSleep
	switch {
	case known && hook+1 >= float64(grace):
		d.say(record.Say("The preStop hook takes the whole grace period: the server gets the stop signal when no time is left, and is killed with requests in flight."),
			record.Say("Raise terminationGracePeriodSeconds above the preStop hook plus the server's shutdown time."))
		d.pro(suggests, record.Say("the preStop hook sleeps for %g s of the %d s grace period", hook, grace))
		f.raiseGrace(hook, grace, d)
	case known && c.Shell:
		d.say(record.Say("The container's first process is a shell that does not forward signals: the server never gets the stop signal, and is killed with requests in flight when the grace period ends."),
			record.Say("Start the server with exec, so that it is the first process, or trap TERM in the script and forward it."))
		d.pro(suggests, record.Say("the first process of container %s is a shell, without exec", c.Name))
	default:
		d.say(record.Say("The server takes longer to shut down than its grace period allows, and is killed with requests in flight."),
			record.Say("Raise terminationGracePeriodSeconds above the preStop hook plus the server's shutdown time, or make it shut down sooner."))
		if hook > 0 {
			d.pro(allows, record.Say("the preStop hook leaves %g s of the %d s grace period", float64(grace)-hook, grace))
		}
		f.raiseGrace(hook, grace, d)
	}
}

// raiseGrace gives half a minute to finish in beside the hook, or twice what there was.
func (f *facts) raiseGrace(hook float64, grace int, d *Diagnosis) {
	d.change("workload", " spec:", "   template:", "     spec:",
		fmt.Sprintf("-      terminationGracePeriodSeconds: %d", grace),
		fmt.Sprintf("+      terminationGracePeriodSeconds: %d", max(2*grace, int(math.Ceil(hook))+30)))
}
