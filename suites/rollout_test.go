package suites

import (
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
)

// The guide: "Pods are immutable: replace, do not repair". A new version replaces the
// old one Pod by Pod, and back again. It rests on rolling updates
// (kubernetes.io/docs/concepts/workloads/controllers/deployment). A failure means that
// every release is an outage.
var _ = promise(gate.Scenario{
	Name: "rolling-update", Topic: "rollout", Profile: "gate",
	Promise: "A new version may be rolled out and rolled back: no request fails.",
	Done:    "a new version is rolled out, and rolled back when it serves",
	Holds:   "no request fails either way; never fewer Pods ready than the workload's strategy allows",
	Planned: true,
	SLO: func(r *gate.Run) record.SLO {
		return gate.Planned(2*r.Replicas(), max(1, r.Replicas()-1), "a rolling update takes one Pod at a time")
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pods, err := r.AllPods()
		return chaos.Rollout{Workload: r.Workload(), Victims: pods}, err
	},
})

// The guide: "a version that does not come up must stall, not harm". The readiness
// probe keeps it out of the Service, and the rollout waits. A failure means that a
// broken release takes traffic, or takes the old version's Pods away.
var _ = promise(gate.Scenario{
	Name: "rollout-broken", Topic: "rollout", Profile: "gate",
	Promise: "A version that never serves may be rolled out: it stalls without harm, and is rolled back.",
	Done:    "a version whose containers only sleep is rolled out, left for 15 s, and rolled back",
	Holds:   "no request fails; never fewer Pods ready than the workload's strategy allows",
	Planned: true,
	SLO: func(r *gate.Run) record.SLO {
		return gate.Planned(r.Replicas(), max(1, r.Replicas()-1), "a rolling update takes one Pod at a time")
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		return chaos.BrokenRollout{Workload: r.Workload(), Selector: r.Selector()}, nil
	},
	Hold: func(*gate.Run) time.Duration { return 15 * time.Second },
})

// The guide: "a version that does not come up must stall, not harm", and one that comes
// up for a moment again and again must not either. It rests on what rollout-broken rests
// on, and on the back-off of containers that crash. A failure means the same.
var _ = promise(gate.Scenario{
	Name: "rollout-crash", Topic: "rollout", Profile: "full",
	Promise: "A version that crashes may be rolled out: it stalls without harm, and is rolled back.",
	Done:    "a version whose containers end at once is rolled out, left for 30 s, and rolled back",
	Holds:   "no request fails; never fewer Pods ready than the workload's strategy allows",
	Planned: true,
	SLO: func(r *gate.Run) record.SLO {
		return gate.Planned(r.Replicas(), max(1, r.Replicas()-1), "a rolling update takes one Pod at a time")
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		return chaos.BrokenRollout{Workload: r.Workload(), Selector: r.Selector(), Crashes: true}, nil
	},
	Hold: func(*gate.Run) time.Duration { return 30 * time.Second },
})
