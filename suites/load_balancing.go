package suites

import (
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// The guide: "load is balanced over the Pods that are there". More come, serve, and go
// again. It rests on EndpointSlices
// (kubernetes.io/docs/concepts/services-networking/endpoint-slices). A failure means
// that Pods get traffic before they can serve, or refuse it on their way out.
var _ = Promise(gate.Scenario{
	Name: "scale", Topic: "load-balancing", Profile: "gate",
	Promise: "The service may be scaled up and down: no request fails, and the new Pods serve.",
	Done:    "the workload is scaled up by three replicas, which serve for 5 s, and scaled down again in two steps",
	Holds:   "no request fails while scaling up or down; each new Pod receives its share of fresh connections",
	Planned: true,
	Serves:  5 * time.Second,
	SLO: func(r *gate.Run) record.SLO {
		return budget.Planned(gate.MoreReplicas, r.Replicas(), record.Say("Pods are added, and only those terminate"))
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		return chaos.Scale{Workload: r.Workload(), Replicas: r.Replicas() + gate.MoreReplicas, Before: r.Replicas()}, nil
	},
})
