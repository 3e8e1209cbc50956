package suites

import (
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
)

// controlPlane is how long a component stays away.
const controlPlane = 30 * time.Second

// The guide: "the control plane may be away". What runs goes on, and what is written
// on the nodes routes on; only changes wait. It rests on the cluster's architecture
// (kubernetes.io/docs/concepts/architecture). A failure means that the service itself
// asks the API server while it answers.
var _ = promise(away("kube-apiserver", "The API server", "gate"))

var _ = promise(away("etcd", "etcd", "full"))

var _ = promise(away("kube-scheduler", "The scheduler", "full"))

var _ = promise(away("kube-controller-manager", "The controller manager", "full"))

func away(component, words, profile string) gate.Scenario {
	return gate.Scenario{
		Name: component + "-down", Topic: "control-plane", Profile: profile,
		Promise: words + " may be away: no request fails.",
		Done:    component + " is taken down for 30 s",
		Holds:   "no request fails; no endpoint leaves; the load agents lose no record",
		Nodes:   true,
		Control: true,
		Planned: true,
		SLO: func(r *gate.Run) record.SLO {
			return gate.Planned(0, r.Replicas(), "no Pod is touched")
		},
		Fault: func(r *gate.Run) (chaos.Fault, error) {
			return chaos.ComponentDown{Node: r.Home(), Component: component}, nil
		},
		Hold: func(*gate.Run) time.Duration { return controlPlane },
	}
}
