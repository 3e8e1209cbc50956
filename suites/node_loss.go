package suites

import (
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// The guide: "a node may go down". Nobody tells the cluster: it notices that the node
// is silent, takes its endpoints out, and after the Pods' tolerations makes new ones.
// It rests on node conditions and taint-based evictions
// (kubernetes.io/docs/concepts/architecture/nodes). A failure means that too many Pods
// share a node, or that they tolerate a lost one for too long.
var _ = Promise(gate.Scenario{
	Name: "node-down", Topic: "node-loss", Profile: "gate",
	Promise: "A node may lose its power: the loss stays in its budget, and its Pods come back on other nodes.",
	Done:    "the node with the most serving Pods is powered off abruptly, and powered on once its Pods are replaced on other nodes",
	Holds:   "failures stay within a budget derived from the cluster's grace period; the other Pods keep serving throughout; all replicas are ready again; the node is ready again",
	Needs:   []gate.Need{gate.Nodes},
	SLO:     nodeLost,
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.PickNode()
		return chaos.NodeDown{Node: node, Victims: pods}, err
	},
})

// Nodes fail one after the other, too: the second goes when the service has recovered
// from the first, and now more of its Pods share a node. It rests on what node-down
// rests on. A failure means that the Pods crowd together after a loss.
var _ = Promise(gate.Scenario{
	Name: "nodes-down", Topic: "node-loss", Profile: "full",
	Promise: "Two nodes may lose their power one after the other: the losses stay in their budget, and the Pods come back on other nodes.",
	Done:    "the node with the most serving Pods is powered off abruptly, and powered on once its Pods are replaced on other nodes; then the same is done with another node",
	Holds:   "failures stay within a budget derived from the cluster's grace period; at least one Pod keeps serving; all replicas are ready again each time; the nodes are ready again",
	Needs:   []gate.Need{gate.Nodes},
	Rounds:  2,
	SLO: func(r *gate.Run) record.SLO {
		crowded := (r.Replicas() + 1) / 2 // on one of the two nodes that the first leaves
		return budget.InTurn(nodeLost(r), budget.NodeLost(r.Replicas(), max(crowded, r.MostOnNode()), r.Rate(), r.Timeout(), r.NodeGrace()))
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.PickNode()
		return chaos.NodeDown{Node: node, Victims: pods}, err
	},
})

// The guide: spread over failure zones, and survive the loss of one
// (kubernetes.io/docs/setup/best-practices/multiple-zones). All nodes of a zone go together,
// and none of them can take what the others lose. It rests on what node-down rests on. A
// failure means that the Pods stand in one zone, or can run in no other.
var _ = Promise(gate.Scenario{
	Name: "zone-down", Topic: "node-loss", Profile: "full",
	Promise: "A zone may lose its power: the loss stays in its budget, and its Pods come back in another zone.",
	Done:    "all nodes of the zone with the most serving Pods are powered off abruptly, and powered on once its Pods are replaced elsewhere",
	Holds:   "failures stay within a budget derived from the cluster's grace period; the Pods in other zones keep serving throughout; all replicas are ready again; the nodes are ready again",
	Needs:   []gate.Need{gate.Nodes, gate.Zones},
	Zone:    true,
	SLO: func(r *gate.Run) record.SLO {
		return budget.NodeLost(r.Replicas(), r.MostInZone(), r.Rate(), r.Timeout(), r.NodeGrace())
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		zone, nodes, pods, err := r.PickZone()
		return chaos.ZoneDown{Zone: zone, Nodes: nodes, Victims: pods}, err
	},
})

// The power comes back at once: the cluster may not even notice, and sends clients to a
// node that is still starting. It rests on what node-down rests on, and on the restart
// policy. A failure means that the service does not survive on its other Pods, or does
// not come up again by itself.
var _ = Promise(gate.Scenario{
	Name: "node-reboot", Topic: "node-loss", Profile: "full",
	Promise: "A node may reboot without notice: the loss stays in its budget, and its Pods come back there or elsewhere.",
	Done:    "the node with the most serving Pods is powered off abruptly and powered on again at once",
	Holds:   "failures stay within a budget derived from the cluster's grace period; the other Pods keep serving throughout; all replicas are ready again; the node is ready again",
	Needs:   []gate.Need{gate.Nodes},
	SLO:     nodeLost,
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.PickNode()
		return chaos.NodeReboot{Node: node, Victims: pods}, err
	},
	Hold: func(*gate.Run) time.Duration { return 0 }, // over when it is in
})

// A partition: the node runs on, and so do its Pods, and nobody reaches them. When it
// heals, the Pods that were given up must not serve beside the new ones. It rests on
// what node-down rests on.
var _ = Promise(gate.Scenario{
	Name: "node-cut", Topic: "node-loss", Profile: "full",
	Promise: "A node may be cut off from the network: the loss stays in its budget, and its Pods come back on other nodes.",
	Done:    "the node with the most serving Pods drops every packet to and from the other nodes until its Pods are replaced on other nodes",
	Holds:   "failures stay within a budget derived from the cluster's grace period; the other Pods keep serving throughout; all replicas are ready again; the node is ready again",
	Needs:   []gate.Need{gate.Nodes},
	SLO:     nodeLost,
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.PickNode()
		return chaos.NodeCut{Node: node, Victims: pods}, err
	},
})

// Only the kubelet stops: the Pods answer on, and the cluster gives them up all the
// same. It rests on what node-down rests on.
var _ = Promise(gate.Scenario{
	Name: "kubelet-down", Topic: "node-loss", Profile: "full",
	Promise: "The kubelet of a node may stop: its Pods answer on until others have taken their place.",
	Done:    "the kubelet of the node with the most serving Pods is stopped, and started once its Pods are replaced on other nodes",
	Holds:   "failures stay within a budget derived from the cluster's grace period; the other Pods keep serving throughout; all replicas are ready again; the node is ready again",
	Needs:   []gate.Need{gate.Nodes},
	SLO:     nodeLost,
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.PickNode()
		return chaos.UnitDown{Node: node, Unit: "kubelet", Victims: pods}, err
	},
})

// Only the container runtime stops: nothing can be started or stopped on the node. It
// rests on what node-down rests on.
var _ = Promise(gate.Scenario{
	Name: "containerd-down", Topic: "node-loss", Profile: "full",
	Promise: "The container runtime of a node may stop: its Pods answer on until others have taken their place.",
	Done:    "the container runtime of the node with the most serving Pods is stopped, and started once its Pods are replaced on other nodes",
	Holds:   "failures stay within a budget derived from the cluster's grace period; the other Pods keep serving throughout; all replicas are ready again; the node is ready again",
	Needs:   []gate.Need{gate.Nodes},
	SLO:     nodeLost,
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.PickNode()
		return chaos.UnitDown{Node: node, Unit: "containerd", Victims: pods}, err
	},
})

// nodeLost is the budget for the node that serves most.
func nodeLost(r *gate.Run) record.SLO {
	return budget.NodeLost(r.Replicas(), r.MostOnNode(), r.Rate(), r.Timeout(), r.NodeGrace())
}
