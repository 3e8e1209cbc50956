package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"hagate/record"
	"hagate/verdict"
)

// Lengths of a scenario's parts. None is a tolerance: they bound how long the run
// waits for what it needs before it goes on, and the judge looks at what was seen.
const (
	baselineSeconds = 4                // clean seconds before a fault goes in
	baselineWait    = 60 * time.Second // for them, beside a request's timeout, here and below
	settledSeconds  = 4                // clean seconds after recovery
	warmFor         = 15 * time.Second // of load before the first baseline of a run: what has just started is slower
	firstSeconds    = 8                // clean seconds of that baseline, which latencies of the whole run are held to
	settledWait     = 30 * time.Second // for them
	holdWait        = 2 * time.Second  // for them where there was no fault
	endWait         = 30 * time.Second // beyond their grace, for Pods that terminate to have ended
	revertWait      = 60 * time.Second
)

// playing is what a run knows of the scenario under way, and of no other.
type playing struct {
	scenario string
	plan     record.Plan
	writer   *writer         // to the target's data
	declared int             // replicas, as its fault has it
	serving  map[string]bool // UIDs of the Pods that served before its first fault
	victims  map[string]bool // UIDs hit
	podsHit  []record.Victim
	nodesHit []string

	asked     map[string]bool // UIDs of the Pods that are asked on their own addresses
	stopAsked []func() error
}

// Play runs one scenario under load and judges it from the record. Whatever
// happens, the load is stopped and the fault reverted before it returns.
func (r *Run) Play(ctx context.Context, s Scenario) (verdict.Scenario, error) {
	r.playing = playing{scenario: s.Name, plan: r.traffic, declared: r.replicas, victims: map[string]bool{}}
	if err := r.spreadAgain(ctx, s); err != nil {
		if ctx.Err() != nil {
			r.interrupted = interrupted(s.Name, context.Cause(ctx))
		}
		return verdict.Scenario{}, err
	}
	r.record.Enter(s.Name)
	defer r.record.Enter("")
	from, err := r.takeOver(ctx, s)
	rate := r.traffic.Rate
	if s.DNS {
		rate = min(rate, freshNamesRate)
	}
	if s.Repeats != "" && !s.Raises { // what a ramp promises is by its first rate
		rate = r.easier(rate)
	}
	r.plan = r.atRate(rate)
	r.plan.FreshNames = s.DNS
	if s.Balanced != "" && err == nil {
		err = r.balance(ctx, s)
		defer r.unbalance(ctx)
	}
	def := s.SLO(r)
	slo := r.target.SLO(cmp.Or(s.Repeats, s.Name), def)
	if s.Raises {
		r.plan = raised(r.plan, time.Now().Add(toStart))
	}
	err = errors.Join(err,
		r.write(record.Entry{Time: from, Start: &record.Start{Name: s.Name, Again: s.Repeats, Promise: s.Promise, Labels: s.Labels(),
			Planned: s.Planned, NoFault: s.Fault == nil, Rounds: s.Rounds, SLO: slo, Default: other(def, slo), Plan: r.plan, Replicas: r.replicas}}),
		r.watch.Snapshot(),
	)
	if err == nil {
		err = r.perform(ctx, s, slo, from)
	}
	if err != nil && ctx.Err() == nil {
		r.leftover = s.Name + ": " + err.Error()
		r.write(record.Entry{Problem: &record.Problem{What: said(err)}})
	}
	if werr := r.phaseAt(r.relay.ended(s.Name), record.Done, record.Text{}); werr != nil {
		return verdict.Scenario{}, werr
	}
	if ctx.Err() != nil {
		r.interrupted = interrupted(s.Name, context.Cause(ctx))
		return verdict.Scenario{}, r.interrupted
	}
	return r.judge.Scenario(s.Name), nil
}

// other is def where slo differs from it.
func other(def, slo record.SLO) *record.SLO {
	if reflect.DeepEqual(def, slo) {
		return nil
	}
	return &def
}

// perform has the baseline begin at from; now where that is zero.
func (r *Run) perform(ctx context.Context, s Scenario, slo record.SLO, from time.Time) (err error) {
	var note record.Text
	if !from.IsZero() && r.relay.scenario() != "" {
		note = record.Say("clean seconds after %s", r.relay.scenario())
	}
	var settled time.Time
	defer func() {
		if err != nil {
			settled = time.Time{}
		}
		err = errors.Join(err, r.leaveLoad(ctx, s, settled))
	}()
	if err := r.haveLoad(ctx, from); err != nil {
		return err
	}
	clean := baselineSeconds
	if (!r.warmed || s.Repeats != "") && s.Fault != nil && !s.Raises { // a second attempt has a load of its own
		r.pause(ctx, warmFor-time.Since(r.flowing))
		r.warmed, clean, from, note = true, firstSeconds, time.Now(), record.Say("after %s of load", warmFor)
	}
	if from.IsZero() {
		from = time.Now()
	}
	if err := r.phaseAt(from, record.Baseline, note); err != nil {
		return err
	}
	atMost := baselineWait + r.plan.Timeout
	if s.Raises {
		_, end := r.plan.Span(0)
		atMost = time.Until(time.Unix(end, 0))
	}
	whole := r.missing
	if s.Fault == nil {
		whole = nil
	}
	why := r.waitClean(ctx, clean, from, atMost, r.servingPods, whole)
	if !why.IsZero() && r.faulted != "" && ctx.Err() == nil {
		if err := r.restart(ctx, why); err != nil {
			return err
		}
		why = r.waitClean(ctx, baselineSeconds, time.Now(), atMost, r.servingPods, whole)
	}
	if !why.IsZero() {
		return r.unclean(ctx, atMost, why)
	}
	if s.Raises {
		return r.climb(ctx)
	}
	if err := r.looksAtPolicy(s); err != nil {
		return err
	}
	if s.Fault == nil {
		settled = time.Now()
		return r.hold(ctx, s)
	}

	r.serving = map[string]bool{}
	for _, e := range r.watch.Endpoints().List {
		r.serving[e.UID] = true
	}
	r.asked = map[string]bool{}
	defer func() { err = errors.Join(err, r.stopAsking()) }()
	if err := r.askPods(ctx, slo); err != nil {
		return err
	}
	for range max(1, s.Rounds) {
		restored, err := r.round(ctx, s, slo)
		if err != nil {
			return err
		}
		if !restored {
			break
		}
	}
	// a Pod that ends closes what is kept alive to it: that is this scenario's, not the next one's
	if err := r.waitEnds(ctx, r.target.Grace()+endWait, r.ending); err != nil {
		return err
	}
	settled = time.Now()
	if err := r.phase(record.Settled, record.Text{}); err != nil {
		return err
	}
	if s.Look != nil {
		if err := s.Look(ctx, r); err != nil {
			return err
		}
	}
	if err := r.followAddress(ctx); err != nil {
		return err
	}
	r.waitClean(ctx, settledSeconds, time.Now(), settledWait+r.plan.Timeout, r.servingPods, nil)
	return nil
}

// unclean ends a scenario that had no clean baseline: the record shows why, and the judge
// says whose doing that is. It is an error, the harness's, where the cluster is not as the
// run found it, or an earlier scenario could not put everything back.
func (r *Run) unclean(ctx context.Context, after time.Duration, why record.Text) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	fmt.Fprintf(r.out, "hagate: %s: no clean baseline within %s, so no fault is injected: %s\n", r.scenario, after.Round(time.Second), why)
	if n := lostNode(r.watch.Nodes(), r.nodes); n != "" {
		return spoken{Text: record.Say("no clean baseline within %s, so no fault was injected: %s", after.Round(time.Second), record.Say("node %s is no longer ready or schedulable", n))}
	}
	if r.leftover != "" {
		return spoken{Text: record.Say("no clean baseline within %s, so no fault was injected: %s; an earlier scenario may be the cause: %s", after.Round(time.Second), why, r.leftover)}
	}
	return nil
}

// hold keeps traffic flowing without a fault.
func (r *Run) hold(ctx context.Context, s Scenario) error {
	length, began := s.Hold(r), time.Now()
	if err := r.phase(record.Settled, record.Say("no fault for %s", length)); err != nil {
		return err
	}
	if s.Look != nil {
		if err := s.Look(ctx, r); err != nil {
			return err
		}
	}
	r.pause(ctx, length)
	r.waitClean(ctx, settledSeconds, began, holdWait+r.plan.Timeout, r.servingPods, nil)
	return nil
}

// phase begins a phase; one line says so, and that is all that a run prints of a
// scenario where nobody watches.
func (r *Run) phase(name string, note record.Text) error { return r.phaseAt(time.Time{}, name, note) }

// phaseAt begins a phase at a moment that is known only later; now where it is zero.
func (r *Run) phaseAt(at time.Time, name string, note record.Text) error {
	fmt.Fprintf(r.out, "hagate: %s: %s\n", r.scenario, record.Join(", ", record.Words(name), note))
	return r.write(record.Entry{Time: at, Phase: &record.Phase{Name: name, Note: note}})
}
