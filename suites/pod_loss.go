package suites

import (
	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// A Pod that is deleted gets its grace period, so its clients can be led away before
// it stops. The guide: "a Pod may die at any time". It rests on the termination of
// Pods (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle). A failure means that
// the Pod stops answering before every node has heard that it is leaving: it needs a
// preStop hook, or to finish what it has begun.
var _ = Promise(gate.Scenario{
	Name: "pod-delete", Topic: "pod-loss", Profile: "quick",
	Promise: "Any Pod may be deleted at any time: no request fails, and a new Pod takes its place.",
	Done:    "three serving Pods are deleted with their grace period, each after the one before it has been replaced",
	Holds:   "no request fails; the declared replicas are ready again each time; a new Pod serves",
	Planned: true,
	Rounds:  gate.Rounds,
	SLO: func(r *gate.Run) record.SLO {
		return budget.Planned(gate.Rounds, max(1, r.Replicas()-1), record.Say("one Pod terminates, the others stay"))
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodDelete{Victims: []record.Victim{pod}}, err
	},
})

// A Pod that is killed takes the requests it held with it. The others go on, and its
// share of the traffic is lost only until every node has dropped its endpoint. The
// guide: "do not look for why it died, make sure that its death harms nobody". A
// failure means that the others cannot carry the service alone.
var _ = Promise(gate.Scenario{
	Name: "pod-kill", Topic: "pod-loss", Profile: "quick",
	Promise: "A Pod may die without warning: the others keep answering, and a new Pod takes its place.",
	Done:    "a serving Pod's processes are killed, and the Pod is deleted with no grace period",
	Holds:   "failures stay within the printed budget; the other Pods keep serving throughout; all replicas are ready again",
	SLO:     func(r *gate.Run) record.SLO { return budget.Killed(r.Replicas(), r.Rate()) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodKill{Victim: pod}, err
	},
})

// The guide: "the declared number of Pods is kept", whatever is taken away. One Pod has
// to carry the whole load until the others are back. It rests on ReplicaSets
// (kubernetes.io/docs/concepts/workloads/controllers/replicaset). A failure means that
// one Pod cannot, or that the ones that leave refuse requests on their way out.
var _ = Promise(gate.Scenario{
	Name: "pod-delete-but-one", Topic: "pod-loss", Profile: "gate",
	Promise: "All Pods but one may be deleted at once: the one answers every request until the others are back.",
	Done:    "all serving Pods but one are deleted at the same time, with their grace period",
	Holds:   "no request fails; the declared replicas are ready again",
	Planned: true,
	SLO: func(r *gate.Run) record.SLO {
		return budget.Planned(max(1, r.Replicas()-1), 1, record.Say("one Pod stays"))
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pods, err := r.AllPods()
		return chaos.PodDelete{Victims: pods[min(1, max(0, len(pods)-1)):]}, err
	},
})

// The guide: "the declared number of Pods is kept". With every Pod gone there is an
// outage, and the promise is that it is short. A failure means that a new Pod takes
// longer to serve than a client will wait.
var _ = Promise(gate.Scenario{
	Name: "pod-delete-all", Topic: "pod-loss", Profile: "gate",
	Promise: "All Pods may be deleted at once: the outage stays in its budget, and the declared number of Pods comes back.",
	Done:    "all serving Pods are deleted at the same time, with their grace period",
	Holds:   "the outage stays within the printed budget; the declared replicas are ready again",
	SLO:     func(r *gate.Run) record.SLO { return budget.AllGone(r.Replicas(), r.Rate()) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pods, err := r.AllPods()
		return chaos.PodDelete{Victims: pods}, err
	},
})

// The guide: "declared state is kept", also what a controller keeps for another. The
// Deployment makes a new ReplicaSet, and that makes the Pods. It rests on Deployments
// (kubernetes.io/docs/concepts/workloads/controllers/deployment). A failure means what
// it means when all Pods are deleted.
var _ = Promise(gate.Scenario{
	Name: "replicaset-delete", Topic: "pod-loss", Profile: "full",
	Promise: "The ReplicaSet may be deleted: the Deployment makes a new one, and the outage stays in its budget.",
	Done:    "the Deployment's ReplicaSet is deleted, and all its Pods with it at the same time",
	Holds:   "the outage stays within the printed budget; the declared replicas are ready again",
	Needs:   []gate.Need{gate.A("Deployment")},
	SLO:     func(r *gate.Run) record.SLO { return budget.AllGone(r.Replicas(), r.Rate()) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pods, err := r.AllPods()
		return chaos.ReplicaSetDelete{Deployment: r.Workload(), Victims: pods}, err
	},
})
