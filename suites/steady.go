package suites

import (
	"time"

	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// Without a fault every failure is the service's own or the harness's. Chosen by name
// only: make test-ha LABELS=steady DURATION=10m.
var _ = Promise(gate.Scenario{
	Name: "steady", Topic: "steady",
	Promise: "Left alone, the service answers every request, and none waits for a lost packet.",
	Done:    "no fault",
	Holds:   "no request fails, and none is delayed by a lost packet",
	Planned: true,
	SLO:     func(r *gate.Run) record.SLO { return budget.Steady(r.Replicas(), r.Timeout()) },
	Hold:    func(r *gate.Run) time.Duration { return r.Config.Duration },
})
