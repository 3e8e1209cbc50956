package suites

import (
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
)

// A container that crashes, or that is killed for its memory, is started again in its
// Pod. The guide: "a Pod may die at any time". It rests on the restart policy
// (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle). A failure means that
// clients are sent to the Pod before it answers again, or that the others cannot carry
// the service meanwhile.
var _ = promise(gate.Scenario{
	Name: "pod-crash", Topic: "sick-pod", Profile: "gate",
	Promise: "A Pod's processes may crash: the others keep answering, and it is started again in place.",
	Done:    "the processes in a serving Pod's containers are killed, and the Pod is left",
	Holds:   "failures stay in the printed budget; the other Pods never stop answering; the Pod serves again",
	Nodes:   true,
	SLO:     func(r *gate.Run) record.SLO { return gate.Killed(r.Replicas(), r.Rate()) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodCrash{Victim: pod}, err
	},
	Hold: func(*gate.Run) time.Duration { return 0 }, // over as soon as it is in
})

// The guide: "a Pod may be sick and not dead". Its processes are there and answer
// nobody; only its readiness probe can tell. It rests on readiness probes
// (kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes). A
// failure means that the probe is missing or too slow.
var _ = promise(gate.Scenario{
	Name: "pod-freeze", Topic: "sick-pod", Profile: "gate",
	Promise: "A Pod may hang: it leaves rotation before its budget is spent, and comes back when it answers again.",
	Done:    "a serving Pod's processes are stopped with SIGSTOP, and go on after 20 s",
	Holds:   "failures stay in a budget derived from the readiness probe; the other Pods never stop answering; the replicas come back",
	Nodes:   true,
	SLO:     func(r *gate.Run) record.SLO { return gate.Frozen(r.Replicas(), r.Rate(), r.ProbeTime()) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodFreeze{Victim: pod}, err
	},
	Hold: func(r *gate.Run) time.Duration { return max(20*time.Second, 2*r.ProbeTime()) },
})
