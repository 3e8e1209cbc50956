package gate

import (
	"cmp"
	"context"
	"slices"
	"time"

	"hagate/chaos"
	"hagate/record"
)

// Scenario is one promise put to the test: baseline → fault → recovery → settled, with
// as many rounds of fault and recovery as it has. A round begins the moment the one
// before it has recovered, as a rolling operation goes on: then kube-proxy has just
// written its rules and takes up to its minSyncPeriod (1 s) to write them again, so an
// endpoint that leaves lingers on the nodes. From rest the rules are often written
// before a Pod without a preStop hook has stopped, and the race that it loses in
// production stays unseen.
type Scenario struct {
	Name    string
	Topic   string // a label that it shares with others
	Profile string // the smallest that includes it: quick, gate or full; none where empty
	Promise string // one sentence, as a reviewer reads it
	Repeats string // the scenario that it measures again; nothing where it measures its own
	Done    string // what is done, for the table of scenarios
	Holds   string // what must hold, for it
	Needs   []Need // of the target and the cluster, beside what every scenario needs
	Control bool   // it takes a part of the control plane away
	Zone    bool   // it takes all nodes of a zone away
	Planned bool   // a planned disruption owes zero failed requests
	DNS     bool   // it is about the cluster's: every new connection looks the name up, at a lower rate
	Raises  bool   // it raises the load until the service, or the client, is at its end
	// Balanced is the externalTrafficPolicy, Cluster or Local, of a Service of type
	// LoadBalancer that the external traffic goes to; a NodePort where empty.
	Balanced string
	// Announced: it is about the node that announces the load balancer's address.
	Announced bool
	SLO       func(*Run) record.SLO
	// Fault picks a round's victim and says what to do to it. Nil: no fault, Hold instead.
	Fault  func(*Run) (chaos.Fault, error)
	Rounds int // of the fault; 0 is one
	// Prepare begins something of the scenario's own right before the fault goes in.
	Prepare func(context.Context, *Run) error
	// LookBefore is Look before the fault is taken back.
	LookBefore func(context.Context, *Run) error
	// Look, where it is given, looks at something of the scenario's own when it has
	// settled, and records what it found. Its error is the harness's.
	Look func(context.Context, *Run) error
	// Serves is how long the service is left as the fault made it once it has recovered
	// from it, so that what serves then can be judged.
	Serves time.Duration
	// Hold is how long the fault stays in before it is taken back, where the service
	// recovers only from that; and the length of a scenario without a fault.
	Hold func(*Run) time.Duration
}

// Rounds is how often a planned disruption is repeated in its scenario.
const Rounds = 3

// MoreReplicas is how many the service is scaled up by.
const MoreReplicas = 3

// Profiles from the fewest scenarios to all. Each includes those before it.
var Profiles = []string{"quick", "gate", "full"}

// Again is s once more, for where it could not be measured.
func (s Scenario) Again() Scenario {
	s.Repeats, s.Name = s.Name, s.Name+"-again"
	return s
}

// Labels are the scenario's name, its topic, and the profiles that include it.
func (s Scenario) Labels() []string {
	labels, name := []string{s.Topic}, cmp.Or(s.Repeats, s.Name)
	if name != s.Topic {
		labels = append(labels, name)
	}
	if i := slices.Index(Profiles, s.Profile); i >= 0 {
		labels = append(labels, Profiles[i:]...)
	}
	return labels
}
