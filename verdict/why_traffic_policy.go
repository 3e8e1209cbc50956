package verdict

import (
	"strings"

	"hagate/record"
)

const local = "Local"

// internalPolicy: with internalTrafficPolicy Local a client in the cluster reaches only
// Pods on its own node, and nobody where there is none.
//
// For it: the field, and that requests fail from within the cluster alone. Against it:
// they fail from outside as well, or with answers.
func internalPolicy(f *facts, b burst, d *Diagnosis) bool {
	if !f.oneSided(b, d, f.service().InternalPolicy, record.InCluster, "internalTrafficPolicy") {
		return false
	}
	d.say(record.Say("The Service has internalTrafficPolicy: Local, so a client in the cluster whose node has no ready Pod of it reaches no endpoint."),
		record.Say("Set the Service's internalTrafficPolicy to Cluster, or run a Pod on every node that has clients."))
	d.change("service", " spec:", "-  internalTrafficPolicy: Local", "+  internalTrafficPolicy: Cluster")
	return true
}

// externalPolicy: likewise from outside, by the node that clients come in at.
func externalPolicy(f *facts, b burst, d *Diagnosis) bool {
	if !f.oneSided(b, d, f.service().ExternalPolicy, record.External, "externalTrafficPolicy") {
		return false
	}
	d.say(record.Say("The Service has externalTrafficPolicy: Local, so an external client that enters at a node without a ready Pod of it reaches no endpoint."),
		record.Say("Set the Service's externalTrafficPolicy to Cluster, or make the load balancer exclude nodes without a ready Pod."))
	d.change("service", " spec:", "-  externalTrafficPolicy: Local", "+  externalTrafficPolicy: Cluster")
	return true
}

// oneSided says whether a policy is Local and requests that start at its vantage fail.
func (f *facts) oneSided(b burst, d *Diagnosis, policy, vantage, field string) bool {
	if b.whole() || policy != local || !b.mostly(record.ClassTimeout, record.ClassRefused, record.ClassNetwork, record.ClassReset) {
		return false
	}
	here := 0
	for stream, n := range b.streams {
		if strings.HasPrefix(stream, vantage+"/") {
			here += n
		}
	}
	if here == 0 {
		return false
	}
	d.pro(shows, record.Say("the Service has %s: Local", field))
	if len(f.vantages()) > 1 {
		if 20*here >= 19*b.n() {
			d.pro(shows, record.Say("%s came from vantage %s, and those from elsewhere are answered", share(here, b.n()), vantage))
		} else {
			d.con(shows, record.Say("only %s came from vantage %s", share(here, b.n()), vantage))
		}
	}
	if node := f.only(vantage); node != "" {
		ready := 0
		for _, e := range f.endpointsAt(b.to).List {
			ready += first(e.Ready && e.Node == node)
		}
		if ready == 0 {
			d.pro(suggests, record.Say("node %s, where they enter, had no ready Pod", node))
		}
	}
	return true
}
