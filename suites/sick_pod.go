package suites

import (
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// A container that crashes, or that is killed for its memory, is started again in its
// Pod. The guide: "a Pod may die at any time". It rests on the restart policy
// (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle). A failure means that
// clients are sent to the Pod before it answers again, or that the others cannot carry
// the service meanwhile.
var _ = Promise(gate.Scenario{
	Name: "pod-crash", Topic: "sick-pod", Profile: "gate",
	Promise: "A Pod's processes may crash: the others keep answering, and it is started again in place.",
	Done:    "the processes in a serving Pod's containers are killed; the Pod is not deleted",
	Holds:   "failures stay within the printed budget; the other Pods keep serving throughout; the Pod serves again",
	Needs:   []gate.Need{gate.Nodes},
	SLO:     func(r *gate.Run) record.SLO { return budget.Killed(r.Replicas(), r.Rate()) },
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
var _ = Promise(gate.Scenario{
	Name: "pod-freeze", Topic: "sick-pod", Profile: "gate",
	Promise: "A Pod may hang: it leaves rotation before its budget is spent, and comes back when it answers again.",
	Done:    "a serving Pod's processes are stopped with SIGSTOP, and resumed after 20 s",
	Holds:   "failures stay within a budget derived from the readiness probe; the other Pods keep serving throughout; all replicas are ready again",
	Needs:   []gate.Need{gate.Nodes},
	SLO:     func(r *gate.Run) record.SLO { return budget.Frozen(r.Replicas(), r.Rate(), r.Timeout(), r.ProbeTime()) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodFreeze{Victim: pod}, err
	},
	Hold: func(r *gate.Run) time.Duration { return max(20*time.Second, 2*r.ProbeTime()) },
})

// A deadlock does not end by itself: only a liveness probe has the Pod started again. It
// rests on liveness probes
// (kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes), which
// are for what can hang and not for what can be busy: one that fails under load takes the
// Pods away that are needed most. A failure means that the probe is too slow, that it
// kills Pods which are well, or that the others cannot carry the service meanwhile.
var _ = Promise(gate.Scenario{
	Name: "pod-liveness", Topic: "sick-pod", Profile: "full",
	Promise: "A Pod may hang for good: it leaves rotation before its budget is spent, and is started again in place.",
	Done:    "a serving Pod's processes are stopped with SIGSTOP, until its liveness probe fails and the kubelet kills them",
	Holds:   "failures stay within a budget derived from the readiness probe; the other Pods keep serving throughout; the Pod serves again within a time derived from its liveness probe and grace period",
	Needs:   []gate.Need{gate.Nodes, gate.Liveness},
	SLO: func(r *gate.Run) record.SLO {
		alive, grace := r.LivenessTime()
		return budget.Hung(r.Replicas(), r.Rate(), r.Timeout(), r.ProbeTime(), alive, grace)
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodLiveness{Victim: pod}, err
	},
	Hold: func(*gate.Run) time.Duration { return 0 }, // over when it is in
})

// Sick, well, sick again. It rests on what pod-freeze rests on. A failure means that
// each relapse costs more than its budget, or that the others cannot carry the service.
var _ = Promise(gate.Scenario{
	Name: "pod-flap", Topic: "sick-pod", Profile: "full",
	Promise: "A Pod may hang again and again: it leaves rotation each time before its budget is spent, and comes back.",
	Done:    "a serving Pod's processes are stopped with SIGSTOP for 10 s, three times, each time after the Pod has recovered",
	Holds:   "failures stay within a budget derived from the readiness probe; the other Pods keep serving throughout; all replicas are ready again each time",
	Needs:   []gate.Need{gate.Nodes},
	Rounds:  gate.Rounds,
	SLO: func(r *gate.Run) record.SLO {
		return budget.Times(gate.Rounds, budget.Frozen(r.Replicas(), r.Rate(), r.Timeout(), r.ProbeTime()))
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodFreeze{Victim: pod}, err
	},
	Hold: func(r *gate.Run) time.Duration { return max(10*time.Second, 2*r.ProbeTime()) },
})

// A neighbour takes the CPU, or the limit is too low: the Pod answers some, late. It
// rests on readiness probes, and on CPU limits
// (kubernetes.io/docs/concepts/configuration/manage-resources-containers). A failure
// means that one slow Pod is enough to stop the service.
var _ = Promise(gate.Scenario{
	Name: "pod-starve", Topic: "sick-pod", Profile: "full",
	Promise: "A Pod may get next to no CPU time: no more than its share of the requests is lost, and the others keep answering.",
	Done:    "the containers of a serving Pod are limited to 1 ms of CPU time per second, for 20 s",
	Holds:   "failures stay within the printed budget; the other Pods keep serving throughout; all replicas are ready again",
	Needs:   []gate.Need{gate.Nodes},
	SLO:     func(r *gate.Run) record.SLO { return budget.Sick(r.Replicas(), r.Rate(), r.Timeout(), sickFor) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodStarve{Victim: pod}, err
	},
	Hold: func(*gate.Run) time.Duration { return sickFor },
})

const sickFor = 20 * time.Second

// A container that takes more memory than its limit is killed by the kernel. It rests on
// memory limits (kubernetes.io/docs/concepts/configuration/manage-resources-containers).
// A failure means what one of pod-crash means.
var _ = Promise(gate.Scenario{
	Name: "pod-oom", Topic: "sick-pod", Profile: "full",
	Promise: "A container may run into its memory limit: the others keep answering, and it is started again in place.",
	Done:    "memory is allocated in the cgroup of a serving Pod's container until the kernel kills the container",
	Holds:   "the kubelet reports OOMKilled or exit code 137; failures stay within the printed budget; the other Pods keep serving throughout; the Pod serves again",
	Needs:   []gate.Need{gate.Nodes},
	SLO:     func(r *gate.Run) record.SLO { return budget.Killed(r.Replicas(), r.Rate()) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodOOM{Victim: pod}, err
	},
	Hold: func(*gate.Run) time.Duration { return 0 }, // over as soon as it is in
})

// A node that runs out of memory gives up its Pods to save itself. It rests on
// node-pressure eviction
// (kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction), which asks
// no PodDisruptionBudget. A failure means that too many Pods share a node, or that the
// others cannot carry the service.
var _ = Promise(gate.Scenario{
	Name: "node-pressure", Topic: "sick-pod", Profile: "full",
	Promise: "A node may run out of memory and evict its Pods: the loss stays in its budget, and they come back on other nodes.",
	Done:    "the kubelet of the node with the most serving Pods is made to evict Pods as if under memory pressure, until they are replaced on other nodes",
	Holds:   "failures stay within the printed budget; the other Pods keep serving throughout; all replicas are ready again; the node accepts Pods again",
	Needs:   []gate.Need{gate.Nodes},
	SLO:     func(r *gate.Run) record.SLO { return budget.Evicted(r.Replicas(), r.MostOnNode(), r.Rate()) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.PickNode()
		return chaos.NodePressure{Node: node, Victims: pods}, err
	},
})
