package suites

import (
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// controlPlane is how long a component stays away.
const controlPlane = 30 * time.Second

// The guide: "the control plane may be away". What runs goes on, and what is written
// on the nodes routes on; only changes wait. It rests on the cluster's architecture
// (kubernetes.io/docs/concepts/architecture). A failure means that the service itself
// asks the API server while it answers.
var _ = Promise(away("kube-apiserver", "The API server", "gate"))

var _ = Promise(away("etcd", "etcd", "full"))

var _ = Promise(away("kube-scheduler", "The scheduler", "full"))

var _ = Promise(away("kube-controller-manager", "The controller manager", "full"))

func away(component, words, profile string) gate.Scenario {
	return gate.Scenario{
		Name: component + "-down", Topic: "control-plane", Profile: profile,
		Promise: words + " may be away: no request fails.",
		Done:    component + " is taken down for 30 s",
		Holds:   "no request fails; no endpoint is removed; the load agents lose no records",
		Needs:   []gate.Need{gate.Nodes},
		Control: true,
		Planned: true,
		SLO: func(r *gate.Run) record.SLO {
			return budget.Planned(0, r.Replicas(), record.Say("no Pod is touched"))
		},
		Fault: func(r *gate.Run) (chaos.Fault, error) {
			return chaos.ComponentDown{Node: r.Home(), Component: component}, nil
		},
		Hold: func(*gate.Run) time.Duration { return controlPlane },
	}
}

// The guide: "a Pod killed meanwhile is replaced once it is back". It rests on the
// kubelet, which keeps a node's Pods by itself
// (kubernetes.io/docs/concepts/architecture/#kubelet), and on controllers, which act on
// what is, not on what happened (kubernetes.io/docs/concepts/architecture/controller). A
// failure means that the service lives by the control plane's help: the Pods that are
// left cannot carry it until another one comes.
var _ = Promise(crashed("kube-apiserver", "The API server"))

var _ = Promise(crashed("etcd", "etcd"))

var _ = Promise(deleted("kube-scheduler", "The scheduler", gate.Scenario{
	Holds:   "no request fails; the Pod's replacement stays pending, and serves once the scheduler is back",
	Planned: true,
	SLO: func(r *gate.Run) record.SLO {
		return budget.Planned(1, max(1, r.Replicas()-1), record.Say("one Pod terminates, the others stay"))
	},
}))

var _ = Promise(deleted("kube-controller-manager", "The controller manager", gate.Scenario{
	Holds: "failures stay within a budget derived from the controllers' lease; the other Pods keep serving throughout; the Pod is replaced once the controllers are back",
	SLO:   func(r *gate.Run) record.SLO { return budget.Unwatched(r.Replicas(), r.Rate(), controlPlane) },
}))

func crashed(component, words string) gate.Scenario {
	return loss(component, gate.Scenario{
		Promise: words + " may be away while a Pod's processes crash: the others keep answering, and it is started again in place.",
		Done:    component + " is taken down for 30 s, and the processes in a serving Pod's containers are killed during the outage",
		Holds:   "failures stay within the printed budget; the other Pods keep serving throughout; the Pod is restarted",
		SLO:     func(r *gate.Run) record.SLO { return budget.Unreported(r.Replicas(), r.Rate(), r.CrashLoopDelay()) },
	})
}

func deleted(component, words string, s gate.Scenario) gate.Scenario {
	return loss(component, gate.Scenario{
		Promise: words + " may be away while a Pod is deleted: the others keep answering, and it is replaced afterwards.",
		Done:    component + " is taken down for 30 s, and a serving Pod is deleted during the outage",
		Holds:   s.Holds,
		Planned: s.Planned,
		SLO:     s.SLO,
	})
}

func loss(component string, s gate.Scenario) gate.Scenario {
	s.Name, s.Topic, s.Profile = component+"-down-loss", "control-plane", "full"
	s.Needs, s.Control = []gate.Need{gate.Nodes}, true
	s.Fault = func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.ComponentLoss{ComponentDown: chaos.ComponentDown{Node: r.Home(), Component: component}, Victim: pod}, err
	}
	s.Hold = func(*gate.Run) time.Duration { return controlPlane }
	return s
}
