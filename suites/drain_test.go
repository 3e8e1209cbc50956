package suites

import (
	. "github.com/onsi/ginkgo/v2"

	"hagate/chaos"
	"hagate/gate"
)

var _ = Describe("drain", Label("drain"), func() {
	// A drain evicts, so a PodDisruptionBudget can make it wait for replacements.
	It("nodes are drained one after the other, and no request fails", Label("node-drain"), func(ctx SpecContext) {
		prove(ctx, gate.Scenario{
			Name:    "node-drain",
			Promise: "Nodes may be drained for maintenance, one after the other: no request fails, and their Pods come back on other nodes.",
			Planned: true,
			Rounds:  gate.Rounds,
			SLO:     gate.Planned(run.Protected()),
			Fault: func(r *gate.Run) (chaos.Fault, error) {
				node, pods, err := r.PickNode()
				return chaos.NodeDrain{Node: node, Victims: pods}, err
			},
		})
	})
})
