package suites

import (
	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
)

// A drain evicts, so a PodDisruptionBudget can make it wait for replacements. The
// guide: "nodes are maintained while the service runs". It rests on safely draining a
// node (kubernetes.io/docs/tasks/administer-cluster/safely-drain-node). A failure means
// that a cluster upgrade is an outage of this service.
var _ = promise(gate.Scenario{
	Name: "node-drain", Topic: "drain", Profile: "quick",
	Promise: "Nodes may be drained for maintenance, one after the other: no request fails, and their Pods come back on other nodes.",
	Done:    "three nodes that serve, one after the other, are cordoned and their Pods evicted, as `kubectl drain` does and a cluster upgrade",
	Holds:   "no request fails; PodDisruptionBudgets hold throughout; the Pods come back on other nodes; each node is uncordoned",
	Planned: true,
	Rounds:  gate.Rounds,
	SLO: func(r *gate.Run) record.SLO {
		minReady, why := r.Protected()
		return gate.Planned(gate.Rounds*r.MostOnNode(), minReady, why)
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.PickNode()
		return chaos.NodeDrain{Node: node, Victims: pods}, err
	},
})
