package suites

import (
	"context"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
)

// The guide: "services are found by name", and the name outlives every Pod behind it.
// It rests on DNS for Services and Pods
// (kubernetes.io/docs/concepts/services-networking/dns-pod-service). A failure means
// that the service answers to some of its names alone.
var _ = promise(gate.Scenario{
	Name: "service-names", Topic: "service-discovery", Profile: "gate",
	Promise: "The service is found by each of its names, also when a Pod behind it has been replaced.",
	Done:    "a serving Pod is deleted; then the Service is asked for by its short, its qualified and its full name, from its own namespace and from another",
	Holds:   "every name leads to the service; no request fails",
	Planned: true,
	SLO: func(r *gate.Run) record.SLO {
		return gate.Planned(1, max(1, r.Replicas()-1), "one Pod goes, the others stay")
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodDelete{Victims: []record.Victim{pod}}, err
	},
	Look: func(ctx context.Context, r *gate.Run) error { return r.LooksAtNames(ctx) },
})
