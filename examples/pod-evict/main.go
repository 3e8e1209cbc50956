// Command pod-evict is hagate with a scenario of one's own beside the built-in ones: a Pod is
// evicted. `go build` makes it where hagate's load agent has been built (make bin/hagate), and
// `pod-evict test --labels pod-evict` plays it.
package main

import (
	"context"
	"fmt"
	"os"

	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/chaos"
	"hagate/cmd/cli"
	"hagate/gate"
	"hagate/record"
	"hagate/suites"
	"hagate/verdict/budget"
)

func main() { os.Exit(cli.Run(os.Args[1:])) }

var _ = suites.Promise(gate.Scenario{
	Name: "pod-evict", Topic: "pod-loss",
	Promise: "Any Pod may be evicted: no request fails, and a new Pod takes its place.",
	Done:    "a serving Pod is evicted",
	Holds:   "no request fails; the declared replicas come back",
	Planned: true,
	SLO: func(r *gate.Run) record.SLO {
		return budget.Planned(1, max(1, r.Replicas()-1), record.Say("one Pod terminates, the others stay"))
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pod, err := r.PickPod()
		return evict{pod}, err
	},
})

// evict evicts a Pod, as `kubectl drain` does, and waits until it has left the API.
type evict struct{ pod record.Victim }

func (f evict) Declares() record.Fault {
	return record.Fault{Name: "pod-evict", Effect: record.Effect{Kind: record.PodsReplaced, Evicts: true}, Victims: []record.Victim{f.pod}}
}

func (f evict) Inject(ctx context.Context, env *chaos.Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		err := env.Client.PolicyV1().Evictions(f.pod.Namespace).Evict(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: f.pod.Namespace, Name: f.pod.Name}})
		if err != nil {
			return nil, fmt.Errorf("eviction of Pod %s/%s: %w", f.pod.Namespace, f.pod.Name, err)
		}
		return []record.Text{record.Say("Pod %s was evicted", f.pod.Name)}, chaos.WaitGone(ctx, env.Client, f.pod)
	})
}

// Revert has nothing to put back: the workload's controller makes a new Pod.
func (f evict) Revert(_ context.Context, env *chaos.Env) error {
	return env.Revert(f.Declares(), func() error { return nil })
}
