package budget

import (
	"hagate/record"
	"hagate/verdict/words"
)

// Planned is the SLO of a planned disruption in which so many Pods go in all: no
// request may fail, and minReady endpoints stay ready throughout.
func Planned(goes, minReady int, why record.Text) record.SLO {
	closed := goes * closedPerPod
	slo := record.SLO{
		MaxRecovery:       Recovery,
		MinReady:          minReady,
		MaxClosedInFlight: closed,
		Derivation: record.Say("planned, so zero failed requests, zero outage; at least %d ready: %s; recovered within %s each time; "+
			"up to %d requests a stream (%d for each terminating Pod) may race with the server closing a kept-alive connection (%s)",
			minReady, why, words.Duration(Recovery), closed, closedPerPod, record.ClosedMeaning),
	}
	if goes > 0 {
		slo.MinServesOn = proxyPeriod
		slo.Derivation = record.Join("; ", slo.Derivation, record.Say("each Pod that is asked to terminate accepts new connections for %s more, as far as that shows when it is asked every %s, or %s for each Pod that is: a node's kube-proxy writes its rules at most once in its minSyncPeriod, and routes clients to the Pod until then",
			words.Duration(proxyPeriod), words.Duration(record.AskEvery), words.Duration(record.AskApart)))
	}
	return slo
}
