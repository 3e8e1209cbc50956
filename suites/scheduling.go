package suites

import (
	"context"
	"errors"
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// The guide: "Pods are spread over nodes". What shares a node is lost with it. It rests
// on topology spread constraints
// (kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints). A
// failure means that one node's loss takes most of the service along: it needs a
// spread constraint or an anti-affinity; or that its nodes are no longer those that its
// rules were written for.
var _ = Promise(gate.Scenario{
	Name: "spread", Topic: "scheduling", Profile: "quick",
	Promise: "No node carries most of the service.",
	Done:    "no fault; the placement of the Pods is checked",
	Holds:   "at least half of the Pods remain after the loss of any one node; each Pod runs where its node selector and affinity rules allow; no request fails",
	Planned: true,
	SLO:     func(r *gate.Run) record.SLO { return budget.Steady(r.Replicas(), r.Timeout()) },
	Look: func(ctx context.Context, r *gate.Run) error {
		return errors.Join(r.LooksAtSpread(ctx), r.LooksAtRules(ctx))
	},
	Hold: func(*gate.Run) time.Duration { return 5 * time.Second },
})

// The guide: "50 Pods are spread evenly over nodes, by what they request". It rests on
// topology spread constraints, and on requests
// (kubernetes.io/docs/concepts/configuration/manage-resources-containers), of which the
// scheduler never gives a node more than it can allocate. A Pod that starts takes half a
// second of CPU or more, so they come and go three at a time: six, without a pause, keep
// two cores too full to measure on. A failure means that the Pods crowd together, that
// they request nothing, or that some serve before they can, or no longer when they are
// told to go.
var _ = Promise(gate.Scenario{
	Name: "scale-50", Topic: "scheduling", Profile: "full",
	Promise: "The service may be scaled to fifty Pods and back: they are spread evenly by what they request, each serves, and no request fails.",
	Done:    "the workload is scaled up, three replicas at a time, to 50 or as many as fit on the nodes; they serve for 30 s, and the workload is scaled down in the same steps",
	Holds:   "no request fails while scaling up or down; no node has over three Pods more than another; every container requests CPU and memory, and no node's requests exceed its allocatable resources; each new Pod receives its share of fresh connections",
	Planned: true,
	Serves:  30 * time.Second, // for a share that chance alone leaves above half of even
	SLO: func(r *gate.Run) record.SLO {
		many := r.AtMost(fifty)
		slo := budget.Planned(max(0, many-r.Replicas()), r.Replicas(), record.Say("Pods are added, and only those terminate"))
		steps := max(0, many-r.Replicas()) / fiftyStep
		slo.MaxRecovery += time.Duration(steps) * 10 * time.Second
		slo.Derivation = record.Say("%d replicas: %d, or as many as the nodes have room for by what is requested; %s, and 10 s more for each of %d steps", many, fifty, slo.Derivation, steps)
		return slo
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		many := r.AtMost(fifty)
		if many <= r.Replicas() {
			return nil, errors.New("the nodes have no room for one Pod more")
		}
		return chaos.Scale{Workload: r.Workload(), Replicas: many, Before: r.Replicas(), Step: fiftyStep, Pause: 1500 * time.Millisecond}, nil
	},
	LookBefore: func(ctx context.Context, r *gate.Run) error {
		return errors.Join(r.LooksAtSkew(ctx), r.LooksAtRoom(ctx))
	},
})

const (
	fifty     = 50
	fiftyStep = 3
)

// The guide: "a node fills up". What cannot be placed there is placed elsewhere. It rests
// on the scheduler's filters (kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler):
// a required spread or anti-affinity may leave no node but the full one. A failure means
// that a Pod of this service would rather wait than share a node.
var _ = Promise(gate.Scenario{
	Name: "node-full", Topic: "scheduling", Profile: "full",
	Promise: "A node may fill up: a Pod that goes from it is replaced on another node, and no request fails.",
	Done:    "a filler Pod requests all remaining CPU of the node with the most serving Pods, a serving Pod there is deleted, and the filler requests its CPU as well",
	Holds:   "no request fails; the Pod's replacement is scheduled on another node and serves while the node is full; no Pod waits for a node",
	Planned: true,
	SLO: func(r *gate.Run) record.SLO {
		return budget.Planned(1, max(1, r.Replicas()-1), record.Say("one Pod terminates, the others stay"))
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) { return r.FullNode() },
	Look:  func(ctx context.Context, r *gate.Run) error { return r.LooksAtWaits(ctx) },
})

// The guide: "a new node joins". Nothing that runs moves there; what is new does. It rests
// on node registration (kubernetes.io/docs/concepts/architecture/nodes), and on what spread
// rests on. A failure means that the service does not use the room that it is given: its
// Pods are tied to the nodes that were there before.
var _ = Promise(gate.Scenario{
	Name: "node-join", Topic: "scheduling", Profile: "full",
	Promise: "A node may leave the cluster and a new one join: new Pods serve on it, and no request fails.",
	Done:    "the node with the most serving Pods is drained, removed from the cluster and registered again; then the workload is scaled up by three replicas, which serve for 5 s, and scaled down again",
	Holds:   "no request fails; PodDisruptionBudgets are respected; serving Pods run on the node that joined",
	Needs:   []gate.Need{gate.Nodes},
	Planned: true,
	Serves:  5 * time.Second,
	SLO: func(r *gate.Run) record.SLO {
		minReady, why := r.Protected()
		return budget.Planned(r.MostOnNode()+gate.MoreReplicas, minReady, why)
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.PickNode()
		return chaos.NodeJoin{Node: node, Victims: pods,
			Scale: chaos.Scale{Workload: r.Workload(), Replicas: r.Replicas() + gate.MoreReplicas, Before: r.Replicas()}}, err
	},
	LookBefore: func(ctx context.Context, r *gate.Run) error { return r.LooksAtJoined(ctx) },
})
