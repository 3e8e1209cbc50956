package suites

import (
	"context"
	"time"

	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// The guide: "exec, not ssh". It rests on `kubectl exec` and ephemeral containers
// (kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod). A failure means
// that nobody can look into a Pod of this service while it runs.
var _ = Promise(gate.Scenario{
	Name: "pod-exec", Topic: "exec", Profile: "gate",
	Promise: "A running Pod can be looked into without ssh, and that disturbs nobody.",
	Done:    "a command is run in a serving Pod: in its own shell, or in a debug container if it has none",
	Holds:   "the output of the command is returned; no request fails",
	Planned: true,
	SLO:     func(r *gate.Run) record.SLO { return budget.Steady(r.Replicas(), r.Timeout()) },
	Look:    func(ctx context.Context, r *gate.Run) error { return r.LooksInside(ctx) },
	Hold:    func(*gate.Run) time.Duration { return 5 * time.Second },
})
