package gate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"hagate/load"
	"hagate/record"
	"hagate/target"
	"hagate/verdict"
	"hagate/verdict/words"
)

// autoRates are tried in turn where nobody names a rate, in requests/second of each stream.
var autoRates = []int{target.DefaultRate, 100, 50, 25}

const (
	minFree    = 0.4                    // of the machine's CPU, that a rate which is chosen leaves free
	maxWait    = 500 * time.Millisecond // of a second, by a thread of the service, where others give way
	tryAfter   = 2 * time.Second        // of load that has just begun: it makes its connections
	trySeconds = 3                      // that CPU usage is then measured in
	sightings  = 0.95                   // the chance of seeing an outage that the report speaks of
)

// chooseRate begins the load at the highest rate that leaves minFree of the machine's CPU
// free, and leaves it on for the first scenario. A rate that somebody named is kept.
func (r *Run) chooseRate(ctx context.Context) error {
	rates := []int{r.traffic.Rate}
	if r.autoRate {
		rates = autoRates
	}
	var tried []record.Text
	var used float64
	for i, rate := range rates {
		r.traffic = r.atRate(rate)
		u, err := r.tryRate(ctx)
		if err != nil {
			return fmt.Errorf("at %d requests/s: %w", rate, err)
		}
		var said record.Text
		if used, said = u.share(); !said.IsZero() {
			tried = append(tried, record.Say("at %d requests/s %s", rate, said))
		}
		if used <= 1-minFree || i == len(rates)-1 {
			break
		}
		if err := r.stopLoad(ctx); err != nil {
			return err
		}
	}
	if used > verdict.CrowdedLimit {
		fmt.Fprintf(r.out, "hagate: warning: %.0f %% CPU usage at %d requests/s on each stream: scenarios may not be measurable on this machine: run nothing else on it, or lower RATE\n", 100*used, r.traffic.Rate)
	}
	return r.setting(record.Say("load"), record.Say("%s requests/s on each of %d streams", words.Count(r.traffic.Rate), len(r.traffic.Streams)), r.whyRate(tried))
}

// share is how much of the machine's CPU cannot be had, and how that is said; 0 and nothing
// where nobody knows. Where others give way so that nobody waits for long, half of what they use
// can be had: they are in the way all the same when Pods start.
func (u usage) share() (float64, record.Text) {
	switch {
	case u.busy < 0:
		return 0, record.Text{}
	case u.own >= 0 && u.own < u.busy && u.late <= record.LateAfter && u.waited <= maxWait:
		others := u.busy - u.own
		return u.own + others/2, record.Say("%.0f %% CPU usage, and %.0f %% by others, who give way, so half of it counts", 100*u.own, 100*others)
	}
	return u.busy, record.Say("%.0f %% CPU usage", 100*u.busy)
}

// whyRate is why the rate is what it is, and what can be seen at it.
func (r *Run) whyRate(tried []record.Text) record.Text {
	why := record.Say("named by the target file or RATE")
	switch {
	case r.autoRate && len(tried) == 0:
		why = record.Say("no rate is named, and the CPU usage is not known")
	case r.autoRate:
		why = record.Say("no rate is named: the highest of %s that leaves %.0f %% of the CPU free, else the lowest", strings.Join(strings.Fields(strings.Trim(fmt.Sprint(autoRates), "[]")), ", "), 100*minFree)
	}
	one := record.Say("an outage of all endpoints from %s on is seen by each stream", words.Duration(seenFrom(r.traffic.Rate, 1)))
	if r.replicas > 1 {
		one = record.Join("; ", one, record.Say("of one endpoint in %d from %s on, by each stream of new connections, with a probability of %.0f %%", r.replicas, words.Duration(seenFrom(r.traffic.Rate, r.replicas)), 100*sightings))
	}
	return record.Join("; ", append(append([]record.Text{why}, tried...), one)...)
}

// seenFrom is how long an outage of one endpoint in n lasts for a stream of that rate to send
// it a request with a probability of sightings, where endpoints are picked at random.
func seenFrom(rate, n int) time.Duration {
	requests := 1.0
	if n > 1 {
		requests = math.Ceil(math.Log(1-sightings) / math.Log(1-1/float64(n)))
	}
	return time.Duration(requests / float64(rate) * float64(time.Second))
}

// tryRate begins the load and says what that takes of the machine.
func (r *Run) tryRate(ctx context.Context) (u usage, err error) {
	r.plan = r.traffic
	r.live.reset()
	r.relay.forget()
	r.flowing = time.Now()
	if err := r.startLoad(ctx, ""); err != nil {
		return u, err
	}
	since := r.flowing.Add(tryAfter)
	r.wait(ctx, tryAfter+trySeconds*time.Second+2*time.Second, func() bool {
		_, ok := r.live.usage(since, trySeconds)
		return ok
	})
	u, _ = r.live.usage(since, trySeconds)
	return u, context.Cause(ctx)
}

// atRate is the load that scenarios have in common at another rate: with the connections that
// it needs, where the target names no number of them.
func (r *Run) atRate(rate int) record.Plan {
	plan := r.traffic
	plan.Rate, plan.Connection = rate, r.target.Spec.Load.Connections
	return load.WithDefaults(plan)
}

// easier is the next rate below, for what could not be measured at this one; the same where
// somebody named it.
func (r *Run) easier(rate int) int {
	i := slices.IndexFunc(autoRates, func(a int) bool { return a < rate })
	if !r.autoRate || i < 0 {
		return rate
	}
	return autoRates[i]
}
