// Package budget has what a scenario owes: pure functions of facts (replicas, rate, probes, the
// cluster's own settings) that return an SLO and how its numbers were derived. A target file
// overrides them.
package budget

import (
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// The figures that budgets rest on; docs/budgets.md says how they were come by.
const (
	// Recovery is how long a service has to have its declared replicas ready again.
	Recovery = 3 * time.Minute

	killOutage    = 5 * time.Second
	closedPerPod  = 3
	restartOutage = 10 * time.Second
	moveOutage    = 10 * time.Second

	controllerLease = 15 * time.Second

	// proxyPeriod is kube-proxy's default minSyncPeriod
	// (kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1).
	proxyPeriod = time.Second
)

// longer is what a target grants a request beyond the usual timeout. Limits of latency
// grant it as well: a service whose normal answer takes seconds says so by its timeout.
func longer(timeout time.Duration) time.Duration { return max(0, timeout-record.UsualTimeout) }

// silence is the longest span in which no Pod answers where some of them are well: a
// request's timeout and a second.
func silence(timeout time.Duration) time.Duration { return timeout + time.Second }

// InTurn is the budget for two disruptions, the second when the service has recovered
// from the first.
func InTurn(first, second record.SLO) record.SLO {
	both := first
	both.MaxFailed += second.MaxFailed
	both.MaxClosedInFlight += second.MaxClosedInFlight
	both.MaxOutage = max(first.MaxOutage, second.MaxOutage)
	both.MaxBlackout = max(first.MaxBlackout, second.MaxBlackout)
	both.MaxRecovery = max(first.MaxRecovery, second.MaxRecovery) // each time
	both.MinReady = min(first.MinReady, second.MinReady)
	both.Derivation = record.Say("first: %s. Then: %s", first.Derivation, second.Derivation)
	return both
}

// Times is the budget for a disruption that comes n times, each when the service has
// recovered from the one before it.
func Times(n int, each record.SLO) record.SLO {
	all := each
	all.MaxFailed *= n
	all.MaxClosedInFlight *= n
	all.Derivation = record.Say("%d times: %s", n, each.Derivation)
	return all
}

// Steady is the SLO without a fault: nothing fails and nothing waits for a lost SYN,
// which the kernel sends again after a second.
func Steady(replicas int, timeout time.Duration) record.SLO {
	slow := 900*time.Millisecond + longer(timeout)
	why := record.Say("a request that takes 900 ms has lost a SYN (sent again by the kernel after 1 s)")
	if more := longer(timeout); more > 0 {
		why = record.Say("no request takes longer than %s, 900 ms and what the target's timeout of %s grants beyond the usual %s", words.Duration(slow), words.Duration(timeout), words.Duration(record.UsualTimeout))
	}
	return record.SLO{
		MinReady:          replicas,
		MaxLatency:        slow,
		MaxClosedInFlight: 0,
		Derivation:        record.Say("no fault, so no failure, no connection closed in flight, and all %d ready; %s", replicas, why),
	}
}
