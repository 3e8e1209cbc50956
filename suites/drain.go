package suites

import (
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// A drain evicts, so a PodDisruptionBudget can make it wait for replacements. The
// guide: "nodes are maintained while the service runs". It rests on safely draining a
// node (kubernetes.io/docs/tasks/administer-cluster/safely-drain-node). A failure means
// that a cluster upgrade is an outage of this service.
var _ = Promise(gate.Scenario{
	Name: "node-drain", Topic: "drain", Profile: "quick",
	Promise: "Nodes may be drained for maintenance, one after the other: no request fails, and their Pods come back on other nodes.",
	Done:    "three nodes with serving Pods are cordoned and their Pods evicted, one node after the other, as `kubectl drain` and cluster upgrades do",
	Holds:   "no request fails; PodDisruptionBudgets are respected throughout; the Pods are replaced on other nodes; each node is uncordoned",
	Planned: true,
	Rounds:  gate.Rounds,
	SLO: func(r *gate.Run) record.SLO {
		minReady, why := r.Protected()
		return budget.Planned(gate.Rounds*r.MostOnNode(), minReady, why)
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.PickNode()
		return chaos.NodeDrain{Node: node, Victims: pods}, err
	},
})

// The guide: "a drain waits for what it must not break". The budget allows nothing for
// a while, and the drain has to stand still. It rests on disruptions
// (kubernetes.io/docs/concepts/workloads/pods/disruptions). A failure means that no
// budget protects the service, or that the drain broke it all the same.
var _ = Promise(gate.Scenario{
	Name: "drain-blocked", Topic: "drain", Profile: "full",
	Promise: "A drain that the PodDisruptionBudget does not allow waits, and goes on when it is allowed: no request fails.",
	Done:    "the PodDisruptionBudget is set to allow no eviction, a node is drained, and the PodDisruptionBudget is restored after 12 s",
	Holds:   "a PodDisruptionBudget covers the workload; the drain waits, and no Pod is evicted meanwhile; no request fails",
	Planned: true,
	SLO: func(r *gate.Run) record.SLO {
		minReady, why := r.Protected()
		return budget.Planned(r.MostOnNode(), minReady, why)
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		want := record.Say("a PodDisruptionBudget covers the workload")
		node, pods, err := r.PickNode()
		if err != nil {
			return nil, err
		}
		drain := chaos.NodeDrain{Node: node, Victims: pods}
		if r.Budget() == "" {
			return drain, r.Found(want, record.Say("no PodDisruptionBudget covers the workload, so nothing blocks a drain: add one"), 0, record.AtLeast(1).OnAnyMachine())
		}
		return chaos.BlockedDrain{NodeDrain: drain, Budget: r.Budget(), Wait: 12 * time.Second}, r.Found(want, record.Say("%s does", r.Budget()), 1, record.AtLeast(1))
	},
})
