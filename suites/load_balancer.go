package suites

import (
	"context"
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// The guide: "the service is reachable from outside". One node announces the address of
// a load balancer of layer 2, and every client goes through it; when it dies another has
// to. It rests on Services of type LoadBalancer
// (kubernetes.io/docs/concepts/services-networking/service) and MetalLB's layer 2 mode
// (metallb.io/concepts/layer2). A failure means that the Pods are where the address is,
// and go with it.
var _ = Promise(gate.Scenario{
	Name: "lb-node-down", Topic: "load-balancer", Profile: "full",
	Promise: "The node that announces the load balancer's address may lose its power: another one announces it, and the loss stays in its budget.",
	Done:    "external traffic goes to a LoadBalancer Service (externalTrafficPolicy Cluster); the node that announces its address and runs serving Pods is powered off abruptly, and powered on once its Pods are replaced on other nodes",
	Holds:   "the address moves to another node; failures stay within a budget derived from MetalLB's failure detection and the cluster's grace period; all replicas are ready again; the node is ready again",
	Needs:   []gate.Need{gate.Nodes}, Announced: true, Balanced: gate.PolicyCluster,
	SLO: func(r *gate.Run) record.SLO {
		return budget.AnnouncerLost(r.Replicas(), r.OnAnnouncer(), r.Rate(), r.Timeout(), r.NodeGrace(), gate.PolicyCluster)
	},
	Fault:      announcerDown,
	LookBefore: looksAtAddress,
})

// With externalTrafficPolicy Local the node that announces answers with its own Pods, so
// the address has to go where others are. It rests on what lb-node-down rests on, and on
// the policy (kubernetes.io/docs/reference/networking/virtual-ips). A failure means that
// no other node has a Pod that serves.
var _ = Promise(gate.Scenario{
	Name: "lb-local-node-down", Topic: "load-balancer", Profile: "full",
	Promise: "The node that announces the load balancer's address, for its own Pods alone, may lose its power: one with other Pods announces it, and the loss stays in its budget.",
	Done:    "external traffic goes to a LoadBalancer Service (externalTrafficPolicy Local); the node that announces its address is powered off abruptly, and powered on once its Pods are replaced on other nodes",
	Holds:   "external requests are answered only by Pods on the announcing node; the address moves to another node; failures stay within a budget derived from MetalLB's failure detection and the cluster's grace period; all replicas are ready again; the node is ready again",
	Needs:   []gate.Need{gate.Nodes}, Announced: true, Balanced: gate.PolicyLocal,
	SLO: func(r *gate.Run) record.SLO {
		return budget.AnnouncerLost(r.Replicas(), r.OnAnnouncer(), r.Rate(), r.Timeout(), r.NodeGrace(), gate.PolicyLocal)
	},
	Fault:      announcerDown,
	LookBefore: looksAtAddress,
})

// With externalTrafficPolicy Local a Pod that leaves may be the only one that the
// external clients reach. It rests on the termination of Pods and on endpoints that
// serve while they terminate
// (kubernetes.io/docs/reference/networking/virtual-ips). A failure means that the Pod
// stops answering before another on its node does, or the address has gone elsewhere.
var _ = Promise(gate.Scenario{
	Name: "lb-local", Topic: "load-balancer", Profile: "full",
	Promise: "The Pods behind a load balancer that preserves the client's address may be deleted: no request fails.",
	Done:    "external traffic goes to a LoadBalancer Service (externalTrafficPolicy Local); the serving Pods on the node that announces its address are deleted with their grace period, three times, each time after they have been replaced",
	Holds:   "external requests are answered only by Pods on the announcing node; no request fails; the declared replicas are ready again each time",
	Planned: true, Balanced: gate.PolicyLocal,
	Rounds: gate.Rounds,
	SLO: func(r *gate.Run) record.SLO {
		goes := r.OnAnnouncer()
		return budget.Planned(gate.Rounds*goes, max(0, r.Replicas()-goes), record.Say("the Pods on one node terminate, the others stay"))
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pods, err := r.AnnouncedPods()
		return chaos.PodDelete{Victims: pods}, err
	},
})

// What a node announces is taken from it before its Pods are: load balancers are told to
// leave it, and it is drained when they have. It rests on what node-drain rests on, and
// on the label node.kubernetes.io/exclude-from-external-load-balancers
// (kubernetes.io/docs/reference/labels-annotations-taints). A failure means that nodes
// cannot be maintained while the service is reachable from outside.
var _ = Promise(gate.Scenario{
	Name: "lb-drain", Topic: "load-balancer", Profile: "full",
	Promise: "The node that announces the load balancer's address may be taken out of load balancing and drained: no request fails, and another node announces it.",
	Done:    "external traffic goes to a LoadBalancer Service (externalTrafficPolicy Local); the node that announces its address is excluded from load balancers and drained after 5 s; both changes are reverted once its Pods are replaced on other nodes",
	Holds:   "the address moves to another node; no request fails; PodDisruptionBudgets are respected throughout; the Pods are replaced on other nodes",
	Planned: true, Balanced: gate.PolicyLocal,
	SLO: func(r *gate.Run) record.SLO {
		minReady, why := r.Protected()
		return budget.Moved(budget.Planned(r.OnAnnouncer(), minReady, why), r.Connections())
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.Announcer()
		return chaos.ExcludedDrain{NodeDrain: chaos.NodeDrain{Node: node, Victims: pods}, Wait: 5 * time.Second}, err
	},
	LookBefore: looksAtAddress,
})

func announcerDown(r *gate.Run) (chaos.Fault, error) {
	node, pods, err := r.Announcer()
	return chaos.NodeDown{Node: node, Victims: pods}, err
}

func looksAtAddress(ctx context.Context, r *gate.Run) error { return r.LooksAtAddress(ctx) }
