package suites

import (
	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
)

// The guide: "a node may go down". Nobody tells the cluster: it notices that the node
// is silent, takes its endpoints out, and after the Pods' tolerations makes new ones.
// It rests on node conditions and taint-based evictions
// (kubernetes.io/docs/concepts/architecture/nodes). A failure means that too many Pods
// share a node, or that they tolerate a lost one for too long.
var _ = promise(gate.Scenario{
	Name: "node-down", Topic: "node-loss", Profile: "gate",
	Promise: "A node may lose its power: the loss stays in its budget, and its Pods come back on other nodes.",
	Done:    "the node that serves most is powered off hard, and on again when its Pods are back elsewhere",
	Holds:   "failures stay in a budget derived from the cluster's grace period; the other Pods never stop answering; the replicas come back; the node is ready again",
	SLO:     func(r *gate.Run) record.SLO { return gate.NodeLost(r.Replicas(), r.MostOnNode(), r.Rate()) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.PickNode()
		return chaos.NodeDown{Node: node, Victims: pods}, err
	},
})
