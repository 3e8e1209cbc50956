package suites

import (
	. "github.com/onsi/ginkgo/v2"

	"hagate/chaos"
	"hagate/gate"
)

var _ = Describe("pod loss", Label("pod-loss"), func() {
	// A Pod that is deleted gets its grace period, so its clients can be led away
	// before it stops.
	It("Pods are deleted one after the other, and no request fails", Label("pod-delete"), func(ctx SpecContext) {
		prove(ctx, gate.Scenario{
			Name:    "pod-delete",
			Promise: "Any Pod may be deleted at any time: no request fails, and a new Pod takes its place.",
			Planned: true,
			Rounds:  gate.Rounds,
			SLO:     gate.Planned(max(1, run.Replicas()-1), "one Pod goes, the others stay"),
			Fault: func(r *gate.Run) (chaos.Fault, error) {
				pod, err := r.PickPod()
				return chaos.PodDelete{Victim: pod}, err
			},
		})
	})

	// A Pod that is killed takes the requests it held with it. The others go on, and
	// its share of the traffic is lost only until every node has dropped its endpoint.
	It("a Pod dies at once, and the loss stays in its budget", Label("pod-kill"), func(ctx SpecContext) {
		prove(ctx, gate.Scenario{
			Name:    "pod-kill",
			Promise: "A Pod may die without warning: the others keep answering, and a new Pod takes its place.",
			SLO:     gate.Killed(run.Replicas(), run.Rate()),
			Fault: func(r *gate.Run) (chaos.Fault, error) {
				pod, err := r.PickPod()
				return chaos.PodKill{Victim: pod}, err
			},
		})
	})
})
