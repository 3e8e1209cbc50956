package gate

import (
	"fmt"
	"time"

	"hagate/record"
)

// Budgets that scenarios state unless a target file overrides them. The figures they
// rest on are in docs/budgets.md.
const (
	recoveryBudget = 3 * time.Minute
	killOutage     = 5 * time.Second
	closedPerPod   = 3
)

// Rounds is how often a planned disruption is repeated in its scenario.
const Rounds = 3

// Planned is the SLO of a planned disruption of several rounds: no request may fail,
// and minReady endpoints stay ready throughout.
func Planned(minReady int, why string) record.SLO {
	closed := Rounds * closedPerPod
	return record.SLO{
		MaxRecovery:       recoveryBudget,
		MinReady:          minReady,
		MaxClosedInFlight: closed,
		Derivation: fmt.Sprintf("planned, so zero failed requests, zero outage; at least %d ready: %s; recovered within %s each time; "+
			"up to %d requests a stream (%d a Pod that goes) may meet a kept-alive connection in the moment the server closes it (%s)",
			minReady, why, recoveryBudget, closed, closedPerPod, record.ClosedMeaning),
	}
}

// Killed is the budget for the sudden death of one of replicas Pods at rate
// requests/second: until every node has dropped its endpoint, the Pod's share of the
// requests fails, and the other Pods' never does.
func Killed(replicas, rate int) record.SLO {
	failed := int(killOutage.Seconds()) * rate / max(1, replicas)
	return record.SLO{
		MaxFailed:         failed,
		MaxOutage:         killOutage,
		MaxBlackout:       500 * time.Millisecond,
		MaxRecovery:       recoveryBudget,
		MinReady:          max(1, replicas-1),
		MaxClosedInFlight: rate,
		Derivation: fmt.Sprintf("unplanned: its endpoint may linger %s, and 1 of %d Pods gets 1/%d of %d requests/s meanwhile: %d requests; "+
			"never a moment (0.5 s) in which no Pod answers, and at least %d ready; recovered within %s; "+
			"up to %d requests a stream, one second's, may meet a kept-alive connection in the moment the server closes it (%s)",
			killOutage, replicas, max(1, replicas), rate, failed, max(1, replicas-1), recoveryBudget, rate, record.ClosedMeaning),
	}
}

// Steady is the SLO without a fault: nothing fails and nothing waits for a lost SYN,
// which the kernel sends again after a second.
func Steady(replicas int) record.SLO {
	return record.SLO{
		MinReady:          replicas,
		MaxLatency:        900 * time.Millisecond,
		MaxClosedInFlight: 0,
		Derivation: fmt.Sprintf("no fault, so no failure, no connection closed in flight, and all %d ready; "+
			"a request that takes 900 ms has lost a SYN (sent again by the kernel after 1 s)", replicas),
	}
}
