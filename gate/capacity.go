package gate

import (
	"context"
	"math"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/budget"
	"hagate/verdict/words"
)

// How far and how fast a capacity run raises the load. What it makes of it is the
// judge's.
const (
	headroom    = 1.5    // times the declared rate that has to be carried
	stepFactor  = 1.5    // from one step to the next
	maxSteps    = 12     // the declared rate included
	maxLoad     = 20_000 // requests/second of all streams together
	firstStep   = 15     // seconds at the declared rate, the baseline
	stepSeconds = 10
	toStart     = 5 * time.Second // for every agent to be told when to begin
	stepLate    = time.Second     // that a step's record may come in after its last request
)

// Capacity is the SLO of a load that is raised from rate requests/second on each of so
// many streams: what is promised is judged as traffic without a fault is.
func Capacity(replicas, rate, streams int, timeout time.Duration) record.SLO {
	slo := budget.Steady(replicas, timeout)
	slo.MinRate = int(math.Ceil(headroom * float64(rate)))
	slo.Derivation = record.Say("%g times the declared %d requests/s must be sustained, %d on each of %d streams at once: no p99 above %d times its baseline's or %s, whichever is more, and %s. "+
		"The load keeps rising by half every %d s until a step is not sustained, to at most %s requests/s in all and %d steps; beyond the promised load the run explores without judging",
		headroom, rate, slo.MinRate, streams, verdict.MaxP99Ratio, words.Duration(verdict.LeastMaxP99), slo.Derivation, stepSeconds, words.Count(maxLoad), maxSteps)
	return slo
}

// raised is plan with the steps that its load is raised by, the first of them at from. Its
// clients do not pause: at the rates that it comes to, more connections would be idle than
// there are ports.
func raised(plan record.Plan, from time.Time) record.Plan {
	plan.ThinkTime = 0
	plan.From = from.Truncate(time.Second).Add(time.Second)
	plan.Steps = []record.Step{{Rate: plan.Rate, Seconds: firstStep}}
	most := maxLoad / max(1, len(plan.Streams))
	for rate := plan.Rate; len(plan.Steps) < maxSteps && rate < most; {
		rate = min(most, int(math.Ceil(stepFactor*float64(rate))))
		plan.Steps = append(plan.Steps, record.Step{Rate: rate, Seconds: stepSeconds})
	}
	return plan
}

// climb follows the plan's steps, which the agents take by themselves, until the judge
// says that something ended them, or the record of a step does not come in.
func (r *Run) climb(ctx context.Context) error {
	begins := func(i int) time.Time { from, _ := r.plan.Span(i); return time.Unix(from, 0) }
	next, steps := 1, r.plan.Steps
	for ctx.Err() == nil {
		played := 0
		if c := r.judge.Capacity(r.scenario); c != nil {
			if c.EndedBy != verdict.EndedByStop {
				return nil
			}
			played = len(c.Steps)
		}
		if _, end := r.plan.Span(played); time.Since(time.Unix(end, 0)) > r.plan.Timeout+stepLate {
			return nil
		}
		pause := time.Second
		if next < len(steps) {
			pause = min(pause, time.Until(begins(next)))
		}
		r.pause(ctx, pause)
		if next < len(steps) && !time.Now().Before(begins(next)) {
			if err := r.phase(record.StepUp, record.Say("%s requests/s on each of %d streams", words.Count(steps[next].Rate), len(r.plan.Streams))); err != nil {
				return err
			}
			next++
		}
	}
	return nil
}
