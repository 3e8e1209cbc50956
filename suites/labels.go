package suites

import (
	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// The guide: "labels select". A Pod whose labels no longer do leaves rotation, is
// replaced, and stays for inspection; labelled again it is one too many. It rests on
// labels and selectors
// (kubernetes.io/docs/concepts/overview/working-with-objects/labels). A failure means
// that a sick Pod cannot be taken out of rotation without harm.
var _ = Promise(gate.Scenario{
	Name: "pod-relabel", Topic: "labels", Profile: "gate",
	Promise: "A Pod may be taken out of rotation for inspection and put back: no request fails.",
	Done:    "the labels that select a serving Pod are removed from it, and restored once it has been replaced",
	Holds:   "no request fails; the Pod keeps running outside the Service; a new Pod serves; the declared replicas are running at the end",
	Needs:   []gate.Need{gate.A("Deployment")}, // a StatefulSet has no second name for the Pod that is to take its place
	Planned: true,
	SLO: func(r *gate.Run) record.SLO {
		return budget.Planned(1, max(1, r.Replicas()-1), record.Say("one Pod leaves, the others stay"))
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodRelabel{Victim: pod, Workload: r.Workload(), Selector: r.Selector()}, err
	},
})
