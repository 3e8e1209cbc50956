package budget

import (
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// NameServerKilled is the budget for the sudden death of a Pod of the cluster's DNS, at
// rate requests/second that each look the service's name up.
func NameServerKilled(replicas, rate int, timeout time.Duration) record.SLO {
	failed := int(killOutage.Seconds()) * rate
	return record.SLO{
		MaxFailed:         failed,
		MaxOutage:         killOutage + timeout,
		MaxBlackout:       killOutage,
		MaxRecovery:       Recovery,
		MinReady:          replicas,
		MaxClosedInFlight: 0,
		Derivation: record.Say("unplanned: the endpoint of the Pod that died may linger %s; a lookup is several questions, through the search list and for both families, and waits out its request's timeout of %s where the dead one gets any of them: "+
			"meanwhile all of %d requests/s may fail, %d a stream; the service's own %d Pods stay ready",
			words.Duration(killOutage), words.Duration(timeout), rate, failed, replicas),
	}
}

// NameServersSlow is the budget for a cluster's DNS that answers late by up to by, for a
// service of replicas Pods: a name of the form service.namespace is found at the second
// entry of the search list, so after two answers.
func NameServersSlow(replicas int, by, timeout time.Duration) record.SLO {
	rest := 500*time.Millisecond + longer(timeout)
	slow := 2*by + rest
	return record.SLO{
		MaxRecovery: Recovery,
		MinReady:    replicas,
		MaxLatency:  slow,
		Derivation: record.Say("unplanned, but nothing is lost: an answer is late by up to %s, and a name of the form service.namespace is found after two, so within %s, below the request's timeout of %s: no request fails, "+
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
		MaxRecovery: Recovery,
		MinReady:    replicas,
		Derivation: record.Say("planned, but DNS goes by UDP, which has no end of a connection: a question from a port that was used within 30 s goes where the last one from it went, "+
			"also when that Pod has ended, until kube-proxy has cleaned up, at most every second: %d Pods go in all, for each one second of %d requests/s, %d a stream; an outage of that second and one request's timeout of %s; "+
			"never a moment (0.5 s) in which no name is found; the service's own %d Pods stay ready",
			goes, rate, failed, words.Duration(timeout), replicas),
	}
}
