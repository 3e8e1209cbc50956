package suites

import (
	"context"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
)

// configComment is the line that a changed configuration can be known by.
const configComment = "# changed by hagate"

// The guide: "configuration lives in ConfigMaps". Pods read it when they start, so a
// change is a rollout. It rests on ConfigMaps
// (kubernetes.io/docs/concepts/configuration/configmap). A failure means that a change
// of configuration is an outage, or does not reach every Pod.
var _ = Promise(gate.Scenario{
	Name: "config-change", Topic: "configmap", Profile: "gate",
	Promise: "The configuration may be changed: every Pod takes the new one, and no request fails.",
	Done:    "a comment is added to the configuration in its ConfigMap, the workload is rolled out, and both changes are reverted",
	Holds:   "every Pod has the new configuration after the rollout; no request fails during either rollout",
	Needs:   []gate.Need{gate.Configured},
	Planned: true,
	SLO:     func(r *gate.Run) record.SLO { return rolling(r, 2) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pods, err := r.AllPods()
		config, key := r.Configuration()
		return chaos.ConfigChange{Workload: r.Workload(), Config: config, Key: key, Comment: configComment, Victims: pods}, err
	},
	Prepare:    gate.AwaitKubelets,
	LookBefore: func(ctx context.Context, r *gate.Run) error { return r.LooksAtConfig(ctx, configComment) },
})

// The guide: "a broken configuration must not take the service down". A Pod that
// cannot read it never becomes ready, and the rollout waits. It rests on what a broken
// version rests on. A failure means that the service tells nobody that it cannot read
// its configuration, or takes its old Pods away all the same.
var _ = Promise(gate.Scenario{
	Name: "config-broken", Topic: "configmap", Profile: "full",
	Promise: "A broken configuration may be rolled out: it stalls without harm, and is put back.",
	Done:    "the configuration in its ConfigMap is made invalid, the workload is rolled out and left for 15 s or until its probes could have reported it ready, and both changes are reverted",
	Holds:   "no request fails; ready Pods never fall below what the workload's update strategy allows",
	Needs:   []gate.Need{gate.Configured},
	Planned: true,
	SLO:     func(r *gate.Run) record.SLO { return rolling(r, 1) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		config, key := r.Configuration()
		return chaos.BrokenConfig{Workload: r.Workload(), Config: config, Key: key, Selector: r.Selector()}, nil
	},
	Prepare: gate.AwaitKubelets,
	Hold:    stalls,
})
