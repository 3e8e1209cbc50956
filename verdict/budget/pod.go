package budget

import (
	"math"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// AllGone is the budget for the loss of all replicas Pods at once at rate
// requests/second: nobody answers until a new Pod has started and is called ready.
func AllGone(replicas, rate int) record.SLO {
	failed := int(restartOutage.Seconds()) * rate
	return record.SLO{
		MaxFailed:         failed,
		MaxOutage:         restartOutage,
		MaxBlackout:       restartOutage,
		MaxRecovery:       Recovery,
		MaxClosedInFlight: rate,
		Derivation: record.Say("all %d Pods terminate at once: no Pod need answer until a new one has started and is marked ready, %s, in which %d requests a stream are due; recovered within %s; "+
			"up to %d requests a stream, one second's, may race with the server closing a kept-alive connection (%s)",
			replicas, words.Duration(restartOutage), failed, words.Duration(Recovery), rate, record.ClosedMeaning),
	}
}

// Evicted is the budget for a node whose kubelet evicts lost of replicas Pods with next
// to no grace, at rate requests/second: each of them is as good as killed, perhaps at the
// same time, and the fault has restarted the kubelet, which reports their end.
func Evicted(replicas, lost, rate int) record.SLO {
	slo := Lingers(replicas, rate, restartOutage, record.Say("its kubelet has just been restarted by the fault, and reports its end within %s", words.Duration(restartOutage)))
	slo.MaxFailed *= lost
	slo.MaxClosedInFlight *= lost
	slo.MinReady = max(1, replicas-lost)
	slo.Derivation = record.Say("%d Pods are evicted with next to no grace, perhaps at once, so the outage of one and %d times its requests, and the others ready: %s", lost, lost, slo.Derivation)
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
		MaxRecovery:       Recovery,
		MinReady:          max(1, replicas-1),
		MaxClosedInFlight: rate,
		Derivation: record.Say("unplanned: for %s, and %s in which its endpoint may linger, 1 of %d Pods answers badly, sometimes as a ready endpoint and sometimes not: all of its requests, %d a stream, may fail; "+
			"never %s, one request's timeout and a second, in which no Pod answers, and at least %d ready; recovered within %s of the end of the fault",
			words.Duration(held), words.Duration(killOutage), replicas, failed, words.Duration(silence(timeout)), max(1, replicas-1), words.Duration(Recovery)),
	}
}

// Slow is the budget for one of replicas Pods whose packets are late by up to by: nothing
// of them is lost, so no request is.
func Slow(replicas int, by, timeout time.Duration) record.SLO {
	return record.SLO{
		MaxRecovery: Recovery,
		MinReady:    max(0, replicas-1),
		Derivation: record.Say("unplanned, but nothing is lost: a packet to 1 of %d Pods is late by up to %s, so a connection opens and a request arrives within %s, below the request's timeout of %s: "+
			"no request fails; its probe may remove the Pod from the ready endpoints, and at least %d stay ready; recovered within %s of the end of the fault",
			replicas, words.Duration(by), words.Duration(2*by), words.Duration(timeout), max(0, replicas-1), words.Duration(Recovery)),
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
		MaxRecovery:       Recovery,
		MinReady:          max(0, replicas-1),
		MaxClosedInFlight: rate,
		Derivation: record.Say("unplanned: the readiness probe detects it within %s (period and timeout for each of its failures), and the endpoint may linger %s; 1 of %d Pods gets %d requests a stream meanwhile; "+
			"never %s, one request's timeout and a second, in which no Pod answers, and at least %d ready; recovered within %s of the end of the fault",
			words.Duration(noticed), words.Duration(killOutage), replicas, failed, words.Duration(silence(timeout)), max(0, replicas-1), words.Duration(Recovery)),
	}
}

// Hung is the budget for one of replicas Pods that stops answering for good, at rate
// requests/second: clients lose what Frozen says, and the Pod is started again when its
// liveness probe has noticed it and the grace that it does not hear is over.
func Hung(replicas, rate int, timeout, noticed, alive, grace time.Duration) record.SLO {
	slo := Frozen(replicas, rate, timeout, noticed)
	slo.MaxRecovery = alive + grace + restartOutage
	slo.Derivation = record.Join("; ", slo.Derivation, record.Say("it comes back %s after it hung: the liveness probe detects it within %s (period and timeout for each of its failures), "+
		"the kubelet kills what does not end by itself after %s of grace, and %s are allowed for it to start and become ready",
		words.Duration(slo.MaxRecovery), words.Duration(alive), words.Duration(grace), words.Duration(restartOutage)))
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
		MaxBlackout:       moment(replicas, rate, killOutage),
		MaxRecovery:       Recovery,
		MinReady:          max(1, replicas-1),
		MaxClosedInFlight: rate,
		Derivation: record.Say("unplanned: its endpoint may linger %s, and 1 of %d Pods gets 1/%d of %d requests/s meanwhile: %d requests; "+
			"never a moment (%s) in which no Pod answers, and at least %d ready; recovered within %s; "+
			"up to %d requests a stream, one second's, may race with the server closing a kept-alive connection (%s)",
			words.Duration(killOutage), replicas, max(1, replicas), rate, failed, words.Duration(moment(replicas, rate, killOutage)), max(1, replicas-1), words.Duration(Recovery), rate, record.ClosedMeaning),
	}
}

// moment is how long no request of a stream need succeed while one of replicas Pods is dead and
// gets its share of rate requests/second for so long: half a second, or as long as requests
// may all go to it in a row by chance, in one run of 10,000. Each of them may begin the row.
func moment(replicas, rate int, long time.Duration) time.Duration {
	const usual, chance = 500 * time.Millisecond, 1e-4
	if replicas < 2 || rate < 1 {
		return usual
	}
	row := math.Ceil(math.Log(float64(rate)*long.Seconds()/chance) / math.Log(float64(replicas)))
	return max(usual, time.Duration(row)*time.Second/time.Duration(rate))
}

// Lingers is the budget for the loss of one of replicas Pods whose endpoint stays so long,
// for the reason why, at rate requests/second: its share of the requests fails meanwhile.
func Lingers(replicas, rate int, long time.Duration, why record.Text) record.SLO {
	slo := Killed(replicas, rate)
	slo.MaxOutage, slo.MaxBlackout = long, moment(replicas, rate, long)
	slo.MaxFailed = int(long.Seconds()) * rate / max(1, replicas)
	slo.Derivation = record.Say("unplanned: its endpoint may linger %s: %s; 1 of %d Pods gets %d requests a stream meanwhile; "+
		"never a moment (%s) in which no Pod answers, and at least %d ready; recovered within %s of the end of the fault; "+
		"up to %d requests a stream, one second's, may race with the server closing a kept-alive connection (%s)",
		words.Duration(long), why, replicas, slo.MaxFailed, words.Duration(slo.MaxBlackout), slo.MinReady, words.Duration(Recovery), rate, record.ClosedMeaning)
	return slo
}

// Unreported is the budget for a Pod whose processes are killed while there is no API
// server to tell: no endpoint can leave until the kubelet has started them again, which
// it may hold back for so long where it has done so before.
func Unreported(replicas, rate int, heldBack time.Duration) record.SLO {
	why := record.Say("no status can be reported meanwhile, and %s are allowed for the kubelet to restart it", words.Duration(restartOutage))
	if heldBack > 0 {
		why = record.Join(", ", why, record.Say("%s of back-off before that, as this run has caused restarts of it before, and %s until the kubelet looks again", words.Duration(heldBack), words.Duration(restartOutage)))
		heldBack += restartOutage
	}
	return Lingers(replicas, rate, restartOutage+heldBack, why)
}

// Unwatched is the budget for a Pod that is deleted while the controllers are away for so
// long. The lease that they held is as long as kube-controller-manager's
// --leader-elect-lease-duration by default, and counts from when the next one sees it.
func Unwatched(replicas, rate int, away time.Duration) record.SLO {
	return Lingers(replicas, rate, away+restartOutage+controllerLease+killOutage, record.Say(
		"nothing removes it from its EndpointSlice while the controllers are down, %s, start again, %s, and wait for the lease that they held, %s (the default), and every node hears of it within %s",
		words.Duration(away), words.Duration(restartOutage), words.Duration(controllerLease), words.Duration(killOutage)))
}
