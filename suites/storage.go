package suites

import (
	"context"
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// The guide: "data outlives a Pod only on a volume". It rests on persistent volumes
// (kubernetes.io/docs/concepts/storage/persistent-volumes). A failure means that what
// the service has acknowledged is gone with the Pod that did.
var _ = Promise(gate.Scenario{
	Name: "data-delete", Topic: "storage", Profile: "full",
	Promise: "A Pod that holds data may be deleted: nothing that it had acknowledged is lost, and no request fails.",
	Done:    "a serving Pod writes to the target's data path, and is deleted with its grace period",
	Holds:   "its replacement has every acknowledged write; no request fails",
	Planned: true,
	Needs:   []gate.Need{gate.Data},
	SLO: func(r *gate.Run) record.SLO {
		return budget.Planned(1, max(1, r.Replicas()-1), record.Say("one Pod terminates, the others stay"))
	},
	Prepare: startsWriting,
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.Writes()
		return chaos.PodDelete{Victims: []record.Victim{pod}}, err
	},
	Look: looksAtData,
})

// It rests on persistent volumes and on what node-drain rests on. A volume that lives on
// one node keeps its Pod waiting until the node takes Pods again. A failure means what
// one of data-delete means.
var _ = Promise(gate.Scenario{
	Name: "data-drain", Topic: "storage", Profile: "full",
	Promise: "A node whose Pods hold data may be drained: nothing that they had acknowledged is lost, and no request fails.",
	Done:    "a serving Pod writes to the target's data path, its node is drained, and uncordoned after 5 s",
	Holds:   "its replacement has every acknowledged write; no request fails",
	Planned: true,
	Needs:   []gate.Need{gate.Data},
	SLO: func(r *gate.Run) record.SLO {
		minReady, why := r.Protected()
		return budget.Planned(r.MostOnNode(), minReady, why)
	},
	Prepare: startsWriting,
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.PickNode()
		return chaos.NodeDrain{Node: node, Victims: pods}, err
	},
	Hold: func(*gate.Run) time.Duration { return 5 * time.Second },
	Look: looksAtData,
})

// It rests on persistent volumes and on what node-reboot rests on. A failure means what
// one of data-delete means.
var _ = Promise(gate.Scenario{
	Name: "data-reboot", Topic: "storage", Profile: "full",
	Promise: "A node whose Pods hold data may reboot without notice: nothing that they had acknowledged is lost.",
	Done:    "a serving Pod writes to the target's data path, and its node is powered off abruptly and powered on again at once",
	Holds:   "the Pod or its replacement has every acknowledged write; failures stay within a budget derived from the cluster's grace period",
	Needs:   []gate.Need{gate.Nodes, gate.Data},
	SLO:     nodeLost,
	Prepare: startsWriting,
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		node, pods, err := r.PickNode()
		return chaos.NodeReboot{Node: node, Victims: pods}, err
	},
	Hold: func(*gate.Run) time.Duration { return 0 }, // over when it is in
	Look: looksAtData,
})

func startsWriting(ctx context.Context, r *gate.Run) error { return r.StartWriting(ctx) }
func looksAtData(ctx context.Context, r *gate.Run) error   { return r.LooksAtData(ctx) }
