package suites

import (
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// The guide: "the network may be bad". One Pod's link loses packets; its probe loses
// them, too. It rests on readiness probes
// (kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes). A
// failure means that one bad link is enough to stop the service.
var _ = Promise(gate.Scenario{
	Name: "pod-lossy", Topic: "network", Profile: "full",
	Promise: "A Pod may lose packets: no more than its share of the requests is lost, and the others keep answering.",
	Done:    "half of the packets to and from a serving Pod are dropped on its node for 20 s",
	Holds:   "failures stay within the printed budget; the other Pods keep serving throughout; all replicas are ready again",
	Needs:   []gate.Need{gate.Nodes},
	SLO:     func(r *gate.Run) record.SLO { return budget.Sick(r.Replicas(), r.Rate(), r.Timeout(), sickFor) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodLossy{Victim: pod, Percent: 50}, err
	},
	Hold: func(*gate.Run) time.Duration { return sickFor },
})

// The guide: "the network may be bad", also without losing anything. It rests on readiness
// probes, whose timeout says how late is too late, and on what kube-proxy knows of a Pod's
// health: nothing else. A failure means that one slow link makes the whole service slow,
// or that the service gives up on clients that are slow.
var _ = Promise(gate.Scenario{
	Name: "pod-slow", Topic: "network", Profile: "full",
	Promise: "A Pod's packets may be late: no more than its share of the requests is late with them, and none fails.",
	Done:    "each packet to a serving Pod is delayed on its node by up to 0.6 s, for 20 s",
	Holds:   "no request fails; no more than the Pod's share of the requests is slow; the replicas are ready at the end",
	Needs:   []gate.Need{gate.Nodes, gate.Delays, gate.Patience(2 * packetsLate)},
	SLO:     func(r *gate.Run) record.SLO { return budget.Slow(r.Replicas(), packetsLate, r.Timeout()) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodSlow{Victim: pod, By: packetsLate}, err
	},
	Hold: func(*gate.Run) time.Duration { return sickFor },
})

const packetsLate = 600 * time.Millisecond
