package gate

import (
	"context"
	"errors"
	"fmt"

	"hagate/load"
	"hagate/record"
)

// startLoad starts every agent on its own streams of the plan.
func (r *Run) startLoad(ctx context.Context, scenario string) error {
	for _, a := range r.agents {
		plan := r.plan
		plan.Streams = nil
		for _, s := range r.plan.Streams {
			if s.Vantage == a.Vantage() {
				plan.Streams = append(plan.Streams, s)
			}
		}
		if err := a.Start(ctx, scenario, plan); err != nil {
			return fmt.Errorf("starting load from %s: %w", a.Vantage(), err)
		}
	}
	return nil
}

// stopLoad stops every agent and waits for the whole of what it recorded.
func (r *Run) stopLoad(ctx context.Context) error {
	var errs []error
	for _, a := range r.agents {
		if err := a.Stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stopping load from %s: %w", a.Vantage(), err))
		}
	}
	return errors.Join(errs...)
}

// trafficPlan is the target's load on all four streams, with nothing left open: the
// record says what was sent.
func (r *Run) trafficPlan(inClusterURL, externalURL string) record.Plan {
	spec := r.target.Spec
	plan := record.Plan{Rate: spec.Load.Rate, PodHeader: spec.PodHeader}
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
