package verdict

// check is one thing to look at. Its function is pure and looks at nothing else.
type check struct {
	name  string
	kind  string
	about string
	look  func(*facts) finding
}

// finding is what a check saw: whether what it wants was met, or that it does not
// apply.
type finding struct {
	result    Result // Pass, Fail (for not met, of either kind), Skipped, or Invalid where it could not be told
	want, got string
}

// headroomCheck is the check that excuse looks for.
const headroomCheck = "machine-headroom"

// checks are all that a scenario is judged by, in the order in which the first that
// is not met words the reason.
var checks = []check{
	{"problems", Harness, "the harness met no failure of its own", noProblems},
	{"accounted", Harness, "every request that was due succeeded or failed, and was recorded once", accounted},
	{"client-own-failures", Harness, "the load agents did not run out of ports, files or anything else of their own", noOwnFailures},
	{"load-sent", Harness, "the planned load was really sent, on schedule", loadSent},
	{"steps-sent", Harness, "every step of a raised load that was promised was sent, with room to spare", stepsSent},
	{"connections-reused", Harness, "kept-alive streams kept connections alive where the service lets them", connectionsReused},
	{"agent-health", Harness, "every load agent was there throughout", agentsThere},
	{"clock-offset", Harness, "the agents' clocks agree with the harness's", clocksAgree},
	{headroomCheck, Harness, "the machine was not full, or nothing was slow or failed that could be its doing", headroom},
	{"phases", Harness, "the scenario was played to its end", allPhases},
	{"watched", Harness, "the cluster was watched from before the fault", watched},
	{"fault-proven", Harness, "the fault hit something that was serving, and the cluster shows it", faultProven},
	{"fault-reverted", Harness, "what the fault changed was put back", faultReverted},

	{"baseline-clean", Service, "traffic was clean on every stream right before the fault", baselineClean},
	{"whole-before", Service, "the declared replicas were ready and behind the Service before the fault", wholeBefore},
	{"every-endpoint-served", Service, "every ready endpoint answered from every vantage before the fault", everyEndpointServed},
	{"capacity", Service, "the load that was carried as it was raised", carried},
	{"failed-requests", Service, "failed requests of each stream", failedRequests},
	{"fault-finished", Service, "the service let the disruption finish", faultFinished},
	{"findings", Service, "what this scenario alone looks at", findings},
	{"replicas-back", Service, "the declared replicas are ready again and the new ones serve", replicasBack},
	{"load-share", Service, "fresh connections that each Pod was sent while there were more or fewer of them than before", loadShare},
	{"late-share", Service, "requests that were late while one Pod was slow", lateShare},
	{"recovery-time", Service, "time from the fault until the declared replicas were ready and behind the Service", recoveryTime},
	{"ready-floor", Service, "ready endpoints, from the fault to the end", readyFloor},
	{"pdb-respected", Service, "healthy Pods against each PodDisruptionBudget, while Pods were evicted", pdbRespected},
	{"outage", Service, "longest span of failures that lie less than a second apart", outage},
	{"blackout", Service, "longest span in which not one request of a stream succeeded", blackout},
	{"closed-in-flight", Service, "requests of each stream that met the server closing a kept-alive connection", closedInFlight},
	{"serves-on", Service, "how long each Pod that was told to go took new connections on its own address", servesOn},
	{"latency", Service, "the slowest successful request", slowest},
	{"latency-p99", Service, "what 99 of 100 successful requests took at the most, from the fault on", tail},
	{"settled-clean", Service, "traffic was clean on every stream at the end", settledClean},
}

// on gives the check's outcome for f.
func (c check) on(f *facts) Check {
	found := c.look(f)
	if found.result == Fail && c.kind == Harness {
		found.result = Invalid
	}
	return Check{Name: c.name, Kind: c.kind, Result: found.result, About: c.about, Want: found.want, Got: found.got}
}

func met(ok bool, want, got string) finding {
	if ok {
		return finding{Pass, want, got}
	}
	return finding{Fail, want, got}
}

func skipped(why string) finding { return finding{Skipped, "", why} }

// CheckNames are the names of all checks of a scenario.
func CheckNames() []string {
	var names []string
	for _, c := range checks {
		names = append(names, c.name)
	}
	return names
}
