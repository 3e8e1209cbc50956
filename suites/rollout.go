package suites

import (
	"time"

	"hagate/chaos"
	"hagate/gate"
	"hagate/record"
	"hagate/verdict/budget"
)

// The guide: "Pods are immutable: replace, do not repair". A new version replaces the
// old one Pod by Pod, and back again. It rests on rolling updates
// (kubernetes.io/docs/concepts/workloads/controllers/deployment). A failure means that
// every release is an outage.
var _ = Promise(gate.Scenario{
	Name: "rolling-update", Topic: "rollout", Profile: "gate",
	Promise: "A new version may be rolled out and rolled back: no request fails.",
	Done:    "a new version is rolled out, and rolled back once it serves",
	Holds:   "no request fails during the rollout or the rollback; ready Pods never fall below what the workload's update strategy allows",
	Planned: true,
	SLO:     func(r *gate.Run) record.SLO { return rolling(r, 2) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pods, err := r.AllPods()
		return chaos.Rollout{Workload: r.Workload(), Victims: pods}, err
	},
})

// The guide: "a version that does not come up must stall, not harm". The readiness
// probe keeps it out of the Service, and the rollout waits. A failure means that a
// broken release takes traffic, or takes the old version's Pods away.
var _ = Promise(gate.Scenario{
	Name: "rollout-broken", Topic: "rollout", Profile: "gate",
	Promise: "A version that never serves may be rolled out: it stalls without harm, and is rolled back.",
	Done:    "a version whose containers only sleep is rolled out, left for 15 s or until its probes could have reported it ready, and rolled back",
	Holds:   "no request fails; ready Pods never fall below what the workload's update strategy allows",
	Planned: true,
	SLO:     func(r *gate.Run) record.SLO { return rolling(r, 1) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		return chaos.BrokenRollout{Workload: r.Workload(), Selector: r.Selector(), Agent: r.AgentImage()}, nil
	},
	Hold: stalls,
})

// The guide: "a version that does not come up must stall, not harm", and one that comes
// up for a moment again and again must not either. It rests on what rollout-broken rests
// on, and on the back-off of containers that crash. A failure means the same.
var _ = Promise(gate.Scenario{
	Name: "rollout-crash", Topic: "rollout", Profile: "full",
	Promise: "A version that crashes may be rolled out: it stalls without harm, and is rolled back.",
	Done:    "a version whose containers exit immediately is rolled out, left for 30 s, and rolled back",
	Holds:   "no request fails; ready Pods never fall below what the workload's update strategy allows",
	Planned: true,
	SLO:     func(r *gate.Run) record.SLO { return rolling(r, 1) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		return chaos.BrokenRollout{Workload: r.Workload(), Selector: r.Selector(), Agent: r.AgentImage(), Crashes: true}, nil
	},
	Hold: func(*gate.Run) time.Duration { return 30 * time.Second },
})

// The guide: "a version that does not come up must stall, not harm", and nor must one that
// comes up and is wrong. It rests on readiness probes
// (kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes). A failure
// means that the readiness probe does not ask for what clients ask for.
var _ = Promise(gate.Scenario{
	Name: "rollout-500", Topic: "rollout", Profile: "full",
	Promise: "A version that answers every request with 500 may be rolled out: it stalls without harm, and is rolled back.",
	Done:    "a version whose serving container answers every request with 500, probes included, is rolled out, left for 15 s or until its probes could have reported it ready, and rolled back",
	Holds:   "no request fails; ready Pods never fall below what the workload's update strategy allows",
	Planned: true,
	SLO:     func(r *gate.Run) record.SLO { return rolling(r, 1) },
	Fault:   func(r *gate.Run) (chaos.Fault, error) { return r.WrongVersion() },
	Hold:    stalls,
})

// A version that takes its time is not served before it is there. It rests on what
// rollout-broken rests on. A failure means that clients are sent to Pods that are still
// starting.
var _ = Promise(gate.Scenario{
	Name: "rollout-slow", Topic: "rollout", Profile: "full",
	Promise: "A version that starts slowly may be rolled out and rolled back: no request fails.",
	Done:    "a version whose containers wait 10 s before they start is rolled out, and rolled back once it serves",
	Holds:   "no request fails during the rollout or the rollback; ready Pods never fall below what the workload's update strategy allows",
	Planned: true,
	Needs:   []gate.Need{gate.Shell},
	SLO:     func(r *gate.Run) record.SLO { return rolling(r, 2) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pods, err := r.AllPods()
		return chaos.Rollout{Workload: r.Workload(), Victims: pods, Slow: 10 * time.Second}, err
	},
})

// Nothing waits for a release to be over. It rests on what rolling-update and pod-kill
// rest on. A failure means that a release leaves no room for the loss of a Pod.
var _ = Promise(gate.Scenario{
	Name: "rollout-kill", Topic: "rollout", Profile: "full",
	Promise: "A Pod may die without warning in the middle of a rollout: the loss stays in its budget, and the rollout ends.",
	Done:    "a new version is rolled out, a Pod of the old version is killed while the first new Pod starts, and the new version is rolled back",
	Holds:   "failures stay within the printed budget; the other Pods keep serving throughout; the rollout and the rollback complete",
	SLO:     func(r *gate.Run) record.SLO { return budget.Killed(max(1, r.Replicas()-r.MaxUnavailable()), r.Rate()) },
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pods, err := r.AllPods()
		return chaos.RolloutLoss{Rollout: chaos.Rollout{Workload: r.Workload(), Victims: pods}, Selector: r.Selector()}, err
	},
})

// A node may be drained while a release is under way. It rests on what rolling-update
// and node-drain rest on. A failure means that releases and maintenance must be kept
// apart by hand.
var _ = Promise(gate.Scenario{
	Name: "rollout-evict", Topic: "rollout", Profile: "full",
	Promise: "A Pod may be evicted in the middle of a rollout: no request fails, and the rollout ends.",
	Done:    "a new version is rolled out, a Pod of the old version is evicted while the first new Pod starts, and the new version is rolled back",
	Holds:   "no request fails during the rollout or the rollback; PodDisruptionBudgets are respected throughout; the rollout and the rollback complete",
	Planned: true,
	SLO: func(r *gate.Run) record.SLO {
		minReady, why := r.Protected()
		return budget.Planned(2*r.Replicas()+1, minReady, why)
	},
	Fault: func(r *gate.Run) (chaos.Fault, error) {
		pods, err := r.AllPods()
		return chaos.RolloutLoss{Rollout: chaos.Rollout{Workload: r.Workload(), Victims: pods}, Selector: r.Selector(), Evict: true}, err
	},
})

// rolling is what is owed while all Pods are replaced so many times, one after the other.
func rolling(r *gate.Run, times int) record.SLO {
	away := max(1, r.MaxUnavailable()) // a new Pod may miss a probe for a moment
	return budget.Planned(times*r.Replicas(), max(1, r.Replicas()-away), record.Say("the workload's strategy lets a rollout make %d of %d unavailable at once, one may be not ready for a moment in any case, and one has to serve", r.MaxUnavailable(), r.Replicas()))
}

// stalls is how long a broken version is left: its probes could have called it ready.
func stalls(r *gate.Run) time.Duration { return max(15*time.Second, r.EarliestReady()+5*time.Second) }
