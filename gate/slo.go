package gate

import (
	"fmt"
	"time"

	"hagate/load/attack"
	"hagate/record"
	"hagate/verdict/words"
)

// Budgets that scenarios state unless a target file overrides them. The figures they
// rest on are in docs/budgets.md.
const (
	recoveryBudget = 3 * time.Minute
	killOutage     = 5 * time.Second
	closedPerPod   = 3
	restartOutage  = 10 * time.Second
	nodeGrace      = 50 * time.Second
	moveOutage     = 10 * time.Second

	controllerLease = 15 * time.Second

	// proxyPeriod is kube-proxy's default minSyncPeriod
	// (kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1).
	proxyPeriod = time.Second

	// usualTimeout is a request's where a target gives none.
	usualTimeout = attack.DefaultTimeout
)

// longer is what a target grants a request beyond the usual timeout. Limits of latency
// grant it as well: a service whose normal answer takes seconds says so by its timeout.
func longer(timeout time.Duration) time.Duration { return max(0, timeout-usualTimeout) }

// silence is the longest span in which no Pod answers where some of them are well: a
// request's timeout and a second.
func silence(timeout time.Duration) time.Duration { return timeout + time.Second }

// Rounds is how often a planned disruption is repeated in its scenario.
const Rounds = 3

// Planned is the SLO of a planned disruption in which so many Pods go in all: no
// request may fail, and minReady endpoints stay ready throughout.
func Planned(goes, minReady int, why string) record.SLO {
	closed := goes * closedPerPod
	slo := record.SLO{
		MaxRecovery:       recoveryBudget,
		MinReady:          minReady,
		MaxClosedInFlight: closed,
		Derivation: fmt.Sprintf("planned, so zero failed requests, zero outage; at least %d ready: %s; recovered within %s each time; "+
			"up to %d requests a stream (%d for each Pod that goes) may meet a kept-alive connection in the moment the server closes it (%s)",
			minReady, why, words.Duration(recoveryBudget), closed, closedPerPod, record.ClosedMeaning),
	}
	if goes > 0 {
		slo.MinServesOn = proxyPeriod
		slo.Derivation += fmt.Sprintf("; each Pod that is told to go takes new connections for %s more, as far as that shows when it is asked every %s, or %s for each Pod that is: a node's kube-proxy writes its rules at most once in its minSyncPeriod, and sends clients to the Pod until then",
			words.Duration(proxyPeriod), words.Duration(record.AskEvery), words.Duration(record.AskApart))
	}
	return slo
}

// MoreReplicas is how many the service is scaled up by.
const MoreReplicas = 3

// AllGone is the budget for the loss of all replicas Pods at once at rate
// requests/second: nobody answers until a new Pod has started and is called ready.
func AllGone(replicas, rate int) record.SLO {
	failed := int(restartOutage.Seconds()) * rate
	return record.SLO{
		MaxFailed:         failed,
		MaxOutage:         restartOutage,
		MaxBlackout:       restartOutage,
		MaxRecovery:       recoveryBudget,
		MaxClosedInFlight: rate,
		Derivation: fmt.Sprintf("all %d Pods go at once: nobody need answer until a new one has started and is called ready, %s, in which %d requests a stream are due; recovered within %s; "+
			"up to %d requests a stream, one second's, may meet a kept-alive connection in the moment the server closes it (%s)",
			replicas, words.Duration(restartOutage), failed, words.Duration(recoveryBudget), rate, record.ClosedMeaning),
	}
}

// NodeLost is the budget for a node that is powered off with lost of replicas Pods on
// it, at rate requests/second: the control plane gives it grace to report itself, then
// its endpoints leave.
func NodeLost(replicas, lost, rate int, timeout time.Duration) record.SLO {
	outage := nodeGrace + killOutage + 5*time.Second
	failed := int(outage.Seconds()) * rate * lost / max(1, replicas)
	return record.SLO{
		MaxFailed:         failed,
		MaxOutage:         outage,
		MaxBlackout:       silence(timeout),
		MaxRecovery:       recoveryBudget,
		MinReady:          max(0, replicas-lost),
		MaxClosedInFlight: rate,
		Derivation: fmt.Sprintf("unplanned: a node that is silent is called lost after %s (Kubernetes' default node-monitor-grace-period), then its endpoints leave within %s, and %s go for the kubelet's last report: %s, in which %d of %d Pods get %d requests a stream; "+
			"never %s, one request's timeout and a second, in which no Pod answers, and at least %d ready; recovered within %s, the Pods' tolerations included",
			words.Duration(nodeGrace), words.Duration(killOutage), words.Duration(5*time.Second), words.Duration(outage), lost, replicas, failed, words.Duration(silence(timeout)), max(0, replicas-lost), words.Duration(recoveryBudget)),
	}
}

// AnnouncerLost is the budget for a node that is powered off with lost of replicas Pods
// on it, at rate requests/second, while it announces the address that external clients
// go to, with that externalTrafficPolicy.
func AnnouncerLost(replicas, lost, rate int, timeout time.Duration, policy string) record.SLO {
	slo := NodeLost(replicas, lost, rate, timeout)
	moving := int(moveOutage.Seconds()) * rate
	then := "which then passes them on to the lost Pods as well"
	if policy == PolicyLocal {
		then = "which then answers with its own Pods"
		slo.MaxFailed = max(slo.MaxFailed, moving)
	} else {
		slo.MaxFailed += moving
	}
	slo.MaxBlackout = moveOutage
	slo.Derivation = fmt.Sprintf("from outside nobody is reached until another node announces the address, %s; on all streams besides: %s. "+
		"MetalLB's speakers ask each other once a second in turn, suspect one that is silent for 1 s, and call it dead 4 s later when others agree: 8 s among four, and more than about 10 s it calls a defect of its own (metallb.io/concepts/layer2): "+
		"%d requests a stream from outside go to nobody, and the rest to the new node, %s: at most %d fail on any stream",
		words.Duration(moveOutage), slo.Derivation, moving, then, slo.MaxFailed)
	return slo
}

// Moved is slo where the address that external clients go to moves to another node, with
// so many kept-alive connections on a stream.
func Moved(slo record.SLO, connections int) record.SLO {
	slo.MaxClosedInFlight += connections
	slo.Derivation += fmt.Sprintf("; %d more as the address moves: the node that takes it over knows none of the kept-alive connections of a stream, so each ends with the next request on it", connections)
	return slo
}

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
	both.Derivation = "first: " + first.Derivation + ". Then: " + second.Derivation
	return both
}

// Times is the budget for a disruption that comes n times, each when the service has
// recovered from the one before it.
func Times(n int, each record.SLO) record.SLO {
	all := each
	all.MaxFailed *= n
	all.MaxClosedInFlight *= n
	all.Derivation = fmt.Sprintf("%d times: %s", n, each.Derivation)
	return all
}

// Evicted is the budget for a node whose kubelet evicts lost of replicas Pods with next
// to no grace, at rate requests/second: each of them is as good as killed.
func Evicted(replicas, lost, rate int) record.SLO {
	slo := Killed(replicas, rate)
	slo.MaxFailed *= lost
	slo.MaxClosedInFlight *= lost
	slo.MaxOutage *= time.Duration(lost)
	slo.MinReady = max(1, replicas-lost)
	slo.Derivation = fmt.Sprintf("%d Pods are evicted with next to no grace, so %d times, and the others ready: %s", lost, lost, slo.Derivation)
	return slo
}

// Sick is the budget for one of replicas Pods that answers badly for as long as held,
// and may be in and out of rotation meanwhile, at rate requests/second.
func Sick(replicas, rate int, timeout, held time.Duration) record.SLO {
	outage := held + killOutage
	failed := int(outage.Seconds()) * rate / max(1, replicas)
	return record.SLO{
		MaxFailed:         failed,
		MaxOutage:         outage,
		MaxBlackout:       silence(timeout),
		MaxRecovery:       recoveryBudget,
		MinReady:          max(1, replicas-1),
		MaxClosedInFlight: rate,
		Derivation: fmt.Sprintf("unplanned: for %s, and %s in which its endpoint may linger, 1 of %d Pods answers badly, now in rotation and now not: all of its requests, %d a stream, may fail; "+
			"never %s, one request's timeout and a second, in which no Pod answers, and at least %d ready; recovered within %s of the end of the fault",
			words.Duration(held), words.Duration(killOutage), replicas, failed, words.Duration(silence(timeout)), max(1, replicas-1), words.Duration(recoveryBudget)),
	}
}

// NameServerKilled is the budget for the sudden death of a Pod of the cluster's DNS, at
// rate requests/second that each look the service's name up.
func NameServerKilled(replicas, rate int, timeout time.Duration) record.SLO {
	failed := int(killOutage.Seconds()) * rate
	return record.SLO{
		MaxFailed:         failed,
		MaxOutage:         killOutage + timeout,
		MaxBlackout:       killOutage,
		MaxRecovery:       recoveryBudget,
		MinReady:          replicas,
		MaxClosedInFlight: 0,
		Derivation: fmt.Sprintf("unplanned: the endpoint of the Pod that died may linger %s; a lookup is several questions, through the search list and for both families, and waits out its request's timeout of %s where the dead one gets any of them: "+
			"meanwhile all of %d requests/s may fail, %d a stream; the service's own %d Pods stay ready",
			words.Duration(killOutage), words.Duration(timeout), rate, failed, replicas),
	}
}

// Slow is the budget for one of replicas Pods whose packets are late by up to by: nothing
// of them is lost, so no request is.
func Slow(replicas int, by, timeout time.Duration) record.SLO {
	return record.SLO{
		MaxRecovery: recoveryBudget,
		MinReady:    max(0, replicas-1),
		Derivation: fmt.Sprintf("unplanned, but nothing is lost: a packet to 1 of %d Pods is late by up to %s, so a connection opens and a request arrives within %s, below the request's timeout of %s: "+
			"no request fails; the Pod may leave rotation for its probe, and at least %d stay ready; recovered within %s of the end of the fault",
			replicas, words.Duration(by), words.Duration(2*by), words.Duration(timeout), max(0, replicas-1), words.Duration(recoveryBudget)),
	}
}

// NameServersSlow is the budget for a cluster's DNS that answers late by up to by, for a
// service of replicas Pods: a name of the form service.namespace is found at the second
// entry of the search list, so after two answers.
func NameServersSlow(replicas int, by, timeout time.Duration) record.SLO {
	rest := 500*time.Millisecond + longer(timeout)
	slow := 2*by + rest
	return record.SLO{
		MaxRecovery: recoveryBudget,
		MinReady:    replicas,
		MaxLatency:  slow,
		Derivation: fmt.Sprintf("unplanned, but nothing is lost: an answer is late by up to %s, and a name of the form service.namespace is found after two, so within %s, below the request's timeout of %s: no request fails, "+
			"and none takes longer than %s, which leaves %s for all else; the service's own %d Pods stay ready",
			words.Duration(by), words.Duration(2*by), words.Duration(timeout), words.Duration(slow), words.Duration(rest), replicas),
	}
}

// NameServersReplaced is the budget for goes Pods of the cluster's DNS that are replaced
// one after the other, at rate requests/second that each look the service's name up.
// kube-proxy clears the UDP flows of endpoints that no longer serve, and one that
// terminates still does (k8s.io/kubernetes/pkg/proxy/conntrack, CleanStaleEntries).
func NameServersReplaced(goes, replicas, rate int, timeout time.Duration) record.SLO {
	failed := goes * rate
	return record.SLO{
		MaxFailed:   failed,
		MaxOutage:   silence(timeout),
		MaxBlackout: 500 * time.Millisecond,
		MaxRecovery: recoveryBudget,
		MinReady:    replicas,
		Derivation: fmt.Sprintf("planned, but DNS goes by UDP, which has no end of a connection: a question from a port that was used within 30 s goes where the last one from it went, "+
			"also when that Pod has ended, until kube-proxy has cleaned up, at most every second: %d Pods go in all, for each one second of %d requests/s, %d a stream; an outage of that second and one request's timeout of %s; "+
			"never a moment (0.5 s) in which no name is found; the service's own %d Pods stay ready",
			goes, rate, failed, words.Duration(timeout), replicas),
	}
}

// Frozen is the budget for one of replicas Pods that stops answering without dying, at
// rate requests/second: until its readiness probe has failed often enough, its share
// of the requests fails.
func Frozen(replicas, rate int, timeout, noticed time.Duration) record.SLO {
	outage := noticed + killOutage
	failed := int(outage.Seconds()+1) * rate / max(1, replicas)
	return record.SLO{
		MaxFailed:         failed,
		MaxOutage:         outage,
		MaxBlackout:       silence(timeout),
		MaxRecovery:       recoveryBudget,
		MinReady:          max(0, replicas-1),
		MaxClosedInFlight: rate,
		Derivation: fmt.Sprintf("unplanned: the readiness probe notices within %s (period and timeout for each of its failures), and the endpoint may linger %s; 1 of %d Pods gets %d requests a stream meanwhile; "+
			"never %s, one request's timeout and a second, in which no Pod answers, and at least %d ready; recovered within %s of the end of the fault",
			words.Duration(noticed), words.Duration(killOutage), replicas, failed, words.Duration(silence(timeout)), max(0, replicas-1), words.Duration(recoveryBudget)),
	}
}

// Hung is the budget for one of replicas Pods that stops answering for good, at rate
// requests/second: clients lose what Frozen says, and the Pod is started again when its
// liveness probe has noticed it and the grace that it does not hear is over.
func Hung(replicas, rate int, timeout, noticed, alive, grace time.Duration) record.SLO {
	slo := Frozen(replicas, rate, timeout, noticed)
	slo.MaxRecovery = alive + grace + restartOutage
	slo.Derivation += fmt.Sprintf("; it comes back %s after it hung: the liveness probe notices within %s (period and timeout for each of its failures), "+
		"the kubelet kills what does not end by itself after %s of grace, and %s go for it to start and be called ready",
		words.Duration(slo.MaxRecovery), words.Duration(alive), words.Duration(grace), words.Duration(restartOutage))
	return slo
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
			words.Duration(killOutage), replicas, max(1, replicas), rate, failed, max(1, replicas-1), words.Duration(recoveryBudget), rate, record.ClosedMeaning),
	}
}

// Lingers is the budget for the loss of one of replicas Pods whose endpoint stays so long,
// for the reason why, at rate requests/second: its share of the requests fails meanwhile.
func Lingers(replicas, rate int, long time.Duration, why string) record.SLO {
	slo := Killed(replicas, rate)
	slo.MaxOutage = long
	slo.MaxFailed = int(long.Seconds()) * rate / max(1, replicas)
	slo.Derivation = fmt.Sprintf("unplanned: its endpoint may linger %s: %s; 1 of %d Pods gets %d requests a stream meanwhile; "+
		"never a moment (0.5 s) in which no Pod answers, and at least %d ready; recovered within %s of the end of the fault; "+
		"up to %d requests a stream, one second's, may meet a kept-alive connection in the moment the server closes it (%s)",
		words.Duration(long), why, replicas, slo.MaxFailed, slo.MinReady, words.Duration(recoveryBudget), rate, record.ClosedMeaning)
	return slo
}

// Unreported is the budget for a Pod whose processes are killed while there is no API
// server to tell: no endpoint can leave until the kubelet has started them again, which
// it may hold back for so long where it has done so before.
func Unreported(replicas, rate int, heldBack time.Duration) record.SLO {
	why := fmt.Sprintf("nothing can be reported meanwhile, and %s go for the kubelet to start it again", words.Duration(restartOutage))
	if heldBack > 0 {
		why += fmt.Sprintf(", %s of back-off before that, as this run has had it started again before, and %s until the kubelet looks again", words.Duration(heldBack), words.Duration(restartOutage))
		heldBack += restartOutage
	}
	return Lingers(replicas, rate, restartOutage+heldBack, why)
}

// Unwatched is the budget for a Pod that is deleted while the controllers are away for so
// long. The lease that they held is as long as kube-controller-manager's
// --leader-elect-lease-duration by default, and counts from when the next one sees it.
func Unwatched(replicas, rate int, away time.Duration) record.SLO {
	return Lingers(replicas, rate, away+restartOutage+controllerLease+killOutage, fmt.Sprintf(
		"nobody takes it out of its EndpointSlice while the controllers are away, %s, start again, %s, and wait for the lease that they held, %s (the default), and every node hears of it within %s",
		words.Duration(away), words.Duration(restartOutage), words.Duration(controllerLease), words.Duration(killOutage)))
}

// Steady is the SLO without a fault: nothing fails and nothing waits for a lost SYN,
// which the kernel sends again after a second.
func Steady(replicas int, timeout time.Duration) record.SLO {
	slow := 900*time.Millisecond + longer(timeout)
	why := "a request that takes 900 ms has lost a SYN (sent again by the kernel after 1 s)"
	if more := longer(timeout); more > 0 {
		why = fmt.Sprintf("no request takes longer than %s, 900 ms and what the target's timeout of %s grants beyond the usual %s", words.Duration(slow), words.Duration(timeout), words.Duration(usualTimeout))
	}
	return record.SLO{
		MinReady:          replicas,
		MaxLatency:        slow,
		MaxClosedInFlight: 0,
		Derivation:        fmt.Sprintf("no fault, so no failure, no connection closed in flight, and all %d ready; %s", replicas, why),
	}
}
