package suites

import (
	"context"
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// The guide: "services are found by name", and the name outlives every Pod behind it.
// It rests on DNS for Services and Pods
// (kubernetes.io/docs/concepts/services-networking/dns-pod-service). A failure means
// that the service answers to some of its names alone.
var _ = Promise(gate.Scenario{
	Name: "service-names", Topic: "service-discovery", Profile: "gate",
	Promise: "The service is found by each of its names, also when a Pod behind it has been replaced.",
	Done:    "a serving Pod is deleted; then requests go to the Service by its short, qualified and fully qualified names, from its own namespace and from another",
	Holds:   "every name reaches the service; no request fails",
	Planned: true,
	SLO: func(r *gate.Run) record.SLO {
		return budget.Planned(1, max(1, r.Replicas()-1), record.Say("one Pod terminates, the others stay"))
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return chaos.PodDelete{Victims: []record.Victim{pod}}, err
	},
	Look: func(ctx context.Context, r *gate.Run) error { return r.LooksAtNames(ctx) },
})

// The names' own servers are Pods, too. It rests on CoreDNS's replicas, and on what DNS
// for Services and Pods rests on. A failure means that the cluster's DNS stands on one
// Pod, and every service with it.
var _ = Promise(gate.Scenario{
	Name: "dns-kill", Topic: "service-discovery", Profile: "full",
	Promise: "A Pod of the cluster's DNS may die without warning: names are found again within the budget.",
	Done:    "the processes of a CoreDNS Pod are killed, and the Pod is deleted with no grace period, while every new connection looks up the service's name",
	Holds:   "CoreDNS has another replica, and its replicas are ready again; failures stay within the printed budget; no endpoint of the service is removed",
	Needs:   []gate.Need{gate.Nodes, gate.CoreDNS}, DNS: true,
	SLO: func(r *gate.Run) record.SLO { return budget.NameServerKilled(r.Replicas(), r.Rate(), r.Timeout()) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pods, err := r.DNSPods()
		if err != nil {
			return nil, err
		}
		kill := chaos.PodKill{Victim: pods[0], Of: record.DNS}
		got := record.Say("ready Pods of CoreDNS: %d", len(pods))
		return kill, r.Found(record.Say("two replicas of CoreDNS or more, so that names are answered while one is replaced"), got, len(pods), record.AtLeast(2))
	},
	Hold: func(*gate.Run) time.Duration { return 10 * time.Second },
	Look: func(ctx context.Context, r *gate.Run) error { return r.LooksAtDNS(ctx) },
})

// A cluster upgrade replaces its DNS. It rests on CoreDNS's lameduck, in which a Pod
// that leaves goes on answering, and on rolling updates. A failure means that an upgrade
// of the cluster is an outage of every service.
var _ = Promise(gate.Scenario{
	Name: "dns-rollout", Topic: "service-discovery", Profile: "full",
	Promise: "The cluster's DNS may be rolled out: names are found throughout, but for what UDP loses.",
	Done:    "a new version of CoreDNS is rolled out and rolled back, while every new connection looks up the service's name",
	Holds:   "CoreDNS's replicas are ready again; failures stay within the printed budget; name resolution never fails completely; no endpoint of the service is removed",
	Needs:   []gate.Need{gate.Nodes, gate.CoreDNS}, DNS: true,
	SLO: func(r *gate.Run) record.SLO {
		pods, _ := r.DNSPods() // where there are none, Fault says so
		return budget.NameServersReplaced(2*len(pods), r.Replicas(), r.Rate(), r.Timeout())
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pods, err := r.DNSPods()
		return chaos.Rollout{Workload: r.DNS(), Victims: pods, Of: record.DNS}, err
	},
	Look: func(ctx context.Context, r *gate.Run) error { return r.LooksAtDNS(ctx) },
})

// The guide: "the network may be bad", DNS above all: every new connection waits for it. It
// rests on what DNS for Services and Pods rests on. A failure means that a question is
// asked more often than a resolver has to, or that the service asks DNS itself while it
// answers or is probed.
var _ = Promise(gate.Scenario{
	Name: "dns-slow", Topic: "service-discovery", Profile: "full",
	Promise: "The cluster's DNS may be slow: new connections wait for it, and no request fails.",
	Done:    "CoreDNS responds up to 0.5 s late for 20 s, because its processes are repeatedly stopped and resumed, while every new connection looks up the service's name",
	Holds:   "no request fails; none takes longer than the two DNS responses that it waits for; no endpoint of the service is removed; CoreDNS's replicas are ready at the end",
	Needs:   []gate.Need{gate.Nodes, gate.CoreDNS, gate.Patience(2 * answersLate)}, DNS: true,
	SLO: func(r *gate.Run) record.SLO { return budget.NameServersSlow(r.Replicas(), answersLate, r.Timeout()) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pods, err := r.DNSPods()
		return chaos.DNSSlow{Victims: pods, By: answersLate}, err
	},
	Hold: func(*gate.Run) time.Duration { return sickFor },
	Look: func(ctx context.Context, r *gate.Run) error { return r.LooksAtDNS(ctx) },
})

const answersLate = 500 * time.Millisecond
