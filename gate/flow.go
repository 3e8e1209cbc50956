package gate

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	flowFor    = 20 * time.Minute // that load goes on at most; an agent ends what lasts for longer than agent.Longest
	freshClean = time.Second      // clean seconds that ended longer ago than a request's timeout and this begin no scenario
)

// sharesLoad says whether the load of s is the one that scenarios have in common. It
// goes on from one to the next then, and the clean seconds that end the one are the
// baseline of the other.
func sharesLoad(s Scenario) bool {
	return !s.DNS && !s.Raises && s.Balanced == "" && s.Repeats == ""
}

// takeOver stops load that goes on where s cannot have it, and else says since when it
// is clean: that is where s begins, or all of it where no scenario had it yet. It is zero where
// s has to begin now.
func (r *Run) takeOver(ctx context.Context, s Scenario) (since time.Time, err error) {
	if r.flowing.IsZero() {
		return since, nil
	}
	unclaimed := r.relay.scenario() == "" // what chooseRate began
	if !sharesLoad(s) || time.Since(r.flowing) > flowFor || unclaimed && time.Since(r.flowing) > remembered {
		return since, r.stopLoad(context.WithoutCancel(ctx))
	}
	if unclaimed {
		return r.flowing.Truncate(time.Second), nil // a second is recorded at its beginning
	}
	if from, until, ok := r.live.cleanSpan(r.traffic, baselineSeconds); ok && time.Since(until) < r.traffic.Timeout+freshClean {
		since = from
	}
	return since, nil
}

// haveLoad has load come for the scenario under way, whose part of it begins at from.
func (r *Run) haveLoad(ctx context.Context, from time.Time) error {
	if !r.flowing.IsZero() {
		return r.relay.begin(r.scenario, from)
	}
	r.live.reset()
	r.relay.forget()
	r.flowing = time.Now()
	return errors.Join(r.relay.begin(r.scenario, time.Time{}), r.startLoad(ctx, r.scenario))
}

// leaveLoad ends the part of s where it ended clean, and lets the load go on for the
// next scenario; else it stops it. settled is when s had settled; zero where it did not.
func (r *Run) leaveLoad(ctx context.Context, s Scenario, settled time.Time) error {
	from, until, clean := r.live.cleanSpan(r.plan, settledSeconds)
	if clean && !settled.IsZero() && !from.Before(settled) && sharesLoad(s) && ctx.Err() == nil {
		if err := r.each("renewing", func(a loader) error { return a.Renew(ctx) }); err == nil {
			r.relay.end(until)
			return nil
		}
	}
	return r.stopLoad(context.WithoutCancel(ctx))
}

// startLoad starts every agent on its own streams of the plan.
func (r *Run) startLoad(ctx context.Context, scenario string) error {
	return r.each("starting", func(a loader) error { return a.Start(ctx, scenario, r.plan) })
}

// stopLoad stops every agent and waits for the whole of what it recorded.
func (r *Run) stopLoad(ctx context.Context) error {
	r.flowing = time.Time{}
	return r.each("stopping", func(a loader) error { return a.Stop(ctx) })
}

func (r *Run) each(doing string, do func(loader) error) error {
	var errs []error
	for _, a := range r.agents {
		if err := do(a); err != nil {
			errs = append(errs, fmt.Errorf("%s load from %s: %w", doing, a.Vantage(), err))
		}
	}
	return errors.Join(errs...)
}
