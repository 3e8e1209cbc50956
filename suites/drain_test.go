package suites

import (
	. "github.com/onsi/ginkgo/v2"

	"hagate/chaos"
	"hagate/gate"
)

var _ = Describe("drain", Label("drain"), func() {
	// A drain evicts, so a PodDisruptionBudget can make it wait for replacements.
	It("a node is drained, and no request fails", Label("node-drain"), func(ctx SpecContext) {
		prove(ctx, gate.Scenario{
			Name:    "node-drain",
			Promise: "A node may be drained for maintenance: no request fails, and its Pods come back on other nodes.",
			Planned: true,
			SLO:     gate.Planned(run.Protected()),
			Fault: func(r *gate.Run) (chaos.Fault, error) {
				node, pods, err := r.PickNode()
				return chaos.NodeDrain{Node: node, Victims: pods}, err
			},
		})
	})
})
