package budget

import (
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// Grace is the cluster's node-monitor-grace-period: how long its control plane waits for a
// node that is silent.
type Grace struct {
	Period time.Duration
	// Check is the cluster's node-monitor-period: Period counts from the check that shows the
	// last report, and a check shows that it is over (pkg/controller/nodelifecycle of Kubernetes).
	Check  time.Duration
	Source record.Text // how that is known, for the derivation
}

// usualGrace is Kubernetes' default, which Recovery allows for.
const usualGrace = 50 * time.Second

// NodeLost is the budget for a node that is powered off with lost of replicas Pods on
// it, at rate requests/second: the control plane gives it grace to report itself, then
// its endpoints leave.
func NodeLost(replicas, lost, rate int, timeout time.Duration, grace Grace) record.SLO {
	recovery := Recovery + max(0, grace.Period-usualGrace)
	outage := grace.Period + 2*grace.Check + killOutage
	failed := int(outage.Seconds()) * rate * lost / max(1, replicas)
	return record.SLO{
		MaxFailed:         failed,
		MaxOutage:         outage,
		MaxBlackout:       silence(timeout),
		MaxRecovery:       recovery,
		MinReady:          max(0, replicas-lost),
		MaxClosedInFlight: rate,
		Derivation: record.Say("unplanned: a silent node is marked not ready after %s (node-monitor-grace-period, %s), %s later at most, since the control plane checks every %s when the node reported last and whether that is over; then its endpoints leave within %s: %s, in which %d of %d Pods get %d requests a stream; "+
			"never %s, one request's timeout and a second, in which no Pod answers, and at least %d ready; recovered within %s, the Pods' tolerations included",
			words.Duration(grace.Period), grace.Source, words.Duration(2*grace.Check), words.Duration(grace.Check), words.Duration(killOutage), words.Duration(outage), lost, replicas, failed, words.Duration(silence(timeout)), max(0, replicas-lost), words.Duration(recovery)),
	}
}

// AnnouncerLost is the budget for a node that is powered off with lost of replicas Pods
// on it, at rate requests/second, while it announces the address that external clients
// go to, with that externalTrafficPolicy.
func AnnouncerLost(replicas, lost, rate int, timeout time.Duration, grace Grace, policy string) record.SLO {
	slo := NodeLost(replicas, lost, rate, timeout, grace)
	moving := int(moveOutage.Seconds()) * rate
	then := record.Say("which then passes them on to the lost Pods as well")
	if policy == "Local" {
		then = record.Say("which then answers with its own Pods")
		slo.MaxFailed = max(slo.MaxFailed, moving)
	} else {
		slo.MaxFailed += moving
	}
	slo.MaxBlackout = moveOutage
	slo.Derivation = record.Say("from outside no endpoint is reachable until another node announces the address, %s; on all streams besides: %s. "+
		"MetalLB's speakers ask each other once a second in turn, suspect one that is silent for 1 s, and call it dead 4 s later when others agree: 8 s among four, and more than about 10 s it calls a defect of its own (metallb.io/concepts/layer2): "+
		"%d requests a stream from outside go to nobody, and the rest to the new node, %s: at most %d fail on any stream",
		words.Duration(moveOutage), slo.Derivation, moving, then, slo.MaxFailed)
	return slo
}

// Moved is slo where the address that external clients go to moves to another node, with
// so many kept-alive connections on a stream.
func Moved(slo record.SLO, connections int) record.SLO {
	slo.MaxClosedInFlight += connections
	slo.Derivation = record.Join("; ", slo.Derivation, record.Say("%d more as the address moves: the node that takes it over knows none of the kept-alive connections of a stream, so each ends with the next request on it", connections))
	return slo
}
