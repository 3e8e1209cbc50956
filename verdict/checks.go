package verdict

import "hagate/record"

// check is one thing to look at. Its function is pure and looks at nothing else.
type check struct {
	name  string
	kind  string
	about record.Text
	look  func(*facts) finding
}

// finding is what a check saw: whether what it wants was met, or that it does not
// apply.
type finding struct {
	result    Result // Pass, Fail (for not met, of either kind), Skipped, or Invalid where it could not be told
	want, got record.Text
}

// headroomCheck is the check that excuse looks for, and momentChecks are those that a
// moment's saturation may fail.
const headroomCheck = "machine-headroom"

var momentChecks = []string{"late-share", "latency", "latency-p99", "failed-requests", "outage", "blackout", "settled-clean"}

// checks are all that a scenario is judged by, in the order in which the first that
// is not met words the reason.
var checks = []check{
	{"problems", Harness, record.Say("the harness had no internal failure"), noProblems},
	{"accounted", Harness, record.Say("every due request was recorded exactly once, as succeeded or failed"), accounted},
	{"client-own-failures", Harness, record.Say("no load agent ran out of ports, open files or other resources of its own"), noOwnFailures},
	{"load-sent", Harness, record.Say("the planned load was sent on schedule"), loadSent},
	{"steps-sent", Harness, record.Say("the load of every promised ramp step was sent, with headroom"), stepsSent},
	{"connections-reused", Harness, record.Say("kept-alive streams kept connections alive where the service lets them"), connectionsReused},
	{"agent-health", Harness, record.Say("every load agent reported without a gap"), agentsThere},
	{"clock-offset", Harness, record.Say("the load agents' clocks are in sync with the harness clock"), clocksAgree},
	{headroomCheck, Harness, record.Say("no failure or slow request is attributable to CPU saturation"), headroom},
	{"phases", Harness, record.Say("the scenario ran to completion"), allPhases},
	{"watched", Harness, record.Say("cluster state was recorded from before the fault"), watched},
	{"fault-proven", Harness, record.Say("the fault hit something that was serving, with evidence from the cluster"), faultProven},
	{"fault-reverted", Harness, record.Say("everything that the fault changed was reverted"), faultReverted},

	{"baseline-clean", Service, record.Say("steady state before the fault: no failed request on any stream"), baselineClean},
	{"whole-before", Service, record.Say("the declared replicas were ready endpoints of the Service before the fault"), wholeBefore},
	{"every-endpoint-served", Service, record.Say("every ready endpoint answered from every vantage before the fault"), everyEndpointServed},
	{"capacity", Service, record.Say("highest load sustained during the load ramp"), carried},
	{"failed-requests", Service, record.Say("failed requests per stream"), failedRequests},
	{"fault-finished", Service, record.Say("the service did not block the disruption"), faultFinished},
	{"findings", Service, record.Say("checks specific to this scenario"), findings},
	{"replicas-back", Service, record.Say("the declared replicas are ready again and the new ones serve"), replicasBack},
	{"load-share", Service, record.Say("distribution of fresh connections over Pods while scaled"), loadShare},
	{"late-share", Service, record.Say("slow requests while one Pod's packets were delayed"), lateShare},
	{"recovery-time", Service, record.Say("recovery time: from the fault until the declared replicas were ready endpoints of the Service"), recoveryTime},
	{"ready-floor", Service, record.Say("fewest ready endpoints, from the fault to the end"), readyFloor},
	{"pdb-respected", Service, record.Say("healthy Pods compared with each PodDisruptionBudget, during evictions"), pdbRespected},
	{"outage", Service, record.Say("longest outage: failures less than a second apart"), outage},
	{"blackout", Service, record.Say("longest blackout: time without a successful request on a stream"), blackout},
	{"closed-in-flight", Service, record.Say("requests per stream that raced with the server closing a kept-alive connection"), closedInFlight},
	{"serves-on", Service, record.Say("how long each terminating Pod still accepted new connections on its own address"), servesOn},
	{"latency", Service, record.Say("the slowest successful request"), slowest},
	{"latency-p99", Service, record.Say("p99 latency of successful requests, from the fault on"), tail},
	{"settled-clean", Service, record.Say("steady state at the end: no failed request on any stream"), settledClean},
}

// on gives the check's outcome for f.
func (c check) on(f *facts) Check {
	found := c.look(f)
	if found.result == Fail && c.kind == Harness {
		found.result = Invalid
	}
	return Check{Name: c.name, Kind: c.kind, Result: found.result, About: c.about, Want: found.want, Got: found.got}
}

func met(ok bool, want, got record.Text) finding {
	if ok {
		return finding{Pass, want, got}
	}
	return finding{Fail, want, got}
}

func skipped(why record.Text) finding { return finding{Skipped, record.Text{}, why} }

// CheckNames are the names of all checks of a scenario.
func CheckNames() []string {
	var names []string
	for _, c := range checks {
		names = append(names, c.name)
	}
	return names
}
