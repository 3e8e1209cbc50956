package gate

import (
	"hagate/load"
	"hagate/record"
)

// trafficPlan is the target's load on all four streams, with nothing left open: the
// record says what was sent.
func (r *Run) trafficPlan(inClusterURL, externalURL string) record.Plan {
	spec := r.target.Spec
	plan := record.Plan{Rate: spec.Load.Rate, PodHeader: spec.PodHeader, Timeout: spec.Load.Timeout, Connection: spec.Load.Connections,
		ThinkTime: spec.Load.ThinkTime, Retries: spec.Load.Retries}
	for _, q := range spec.Requests {
		plan.Requests = append(plan.Requests, record.Call{Method: q.Method, Path: q.Path, Header: q.Headers, Body: q.Body, Status: q.Expect.Status})
	}
	for _, mode := range []string{record.Fresh, record.Reused} {
		plan.Streams = append(plan.Streams,
			record.Stream{Vantage: record.InCluster, Mode: mode, URL: inClusterURL},
			record.Stream{Vantage: record.External, Mode: mode, URL: externalURL})
	}
	return load.WithDefaults(plan)
}
