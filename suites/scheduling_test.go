package suites

import (
	"context"
	"time"

	"hagate/gate"
	"hagate/record"
)

// The guide: "Pods are spread over nodes". What shares a node is lost with it. It rests
// on topology spread constraints
// (kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints). A
// failure means that one node's loss takes most of the service along: it needs a
// spread constraint or an anti-affinity.
var _ = promise(gate.Scenario{
	Name: "spread", Topic: "scheduling", Profile: "quick",
	Promise: "No node carries most of the service.",
	Done:    "nothing; where the Pods run is looked at",
	Holds:   "any one node may be lost and at least half of the Pods remain; no request fails",
	Planned: true,
	SLO:     func(r *gate.Run) record.SLO { return gate.Steady(r.Replicas()) },
	Look:    func(ctx context.Context, r *gate.Run) error { return r.LooksAtSpread(ctx) },
	Hold:    func(*gate.Run) time.Duration { return 5 * time.Second },
})
