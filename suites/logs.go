package suites

import (
	"context"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// The guide: "logs go with the Pod". What a Pod wrote to its standard output is kept
// beside the report while it lives, because the cluster has it no longer than that. It
// rests on the logging architecture
// (kubernetes.io/docs/concepts/cluster-administration/logging). A failure means that
// the service logs into its own files, which go with it.
var _ = Promise(gate.Scenario{
	Name: "pod-logs", Topic: "logs", Profile: "gate",
	Promise: "A Pod's log may go with it: what it logged has been kept elsewhere.",
	Done:    "a serving Pod is deleted, and its log is looked up in the run's folder and in the cluster",
	Holds:   "the Pod's log is in the run's folder, and no longer in the cluster; no request fails",
	Planned: true,
	SLO: func(r *gate.Run) record.SLO {
		return budget.Planned(1, max(1, r.Replicas()-1), record.Say("one Pod terminates, the others stay"))
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodDelete{Victims: []record.Victim{pod}}, err
	},
	Look: func(ctx context.Context, r *gate.Run) error { return r.LooksAtLogs(ctx) },
})
