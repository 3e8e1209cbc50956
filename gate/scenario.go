package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hagate/chaos"
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
	poll            = 20 * time.Millisecond
)

// Scenario is one promise put to the test: baseline → fault → recovery → settled, with
// as many rounds of fault and recovery as it has. A round begins the moment the one
// before it has recovered, as a rolling operation goes on: then kube-proxy has just
// written its rules and takes up to its minSyncPeriod (1 s) to write them again, so an
// endpoint that leaves lingers on the nodes. From rest the rules are often written
// before a Pod without a preStop hook has stopped, and the race that it loses in
// production stays unseen.
type Scenario struct {
	Name    string
	Topic   string // a label that it shares with others
	Profile string // the smallest that includes it: quick, gate or full; none where empty
	Promise string // one sentence, as a reviewer reads it
	Done    string // what is done, for the table of scenarios
	Holds   string // what must hold, for it
	Needs   []Need // of the target and the cluster, beside what every scenario needs
	Control bool   // it takes a part of the control plane away
	Planned bool   // a planned disruption owes zero failed requests
	DNS     bool   // it is about the cluster's: every new connection looks the name up, at a lower rate
	Raises  bool   // it raises the load until the service, or the client, is at its end
	// Balanced is the externalTrafficPolicy, Cluster or Local, of a Service of type
	// LoadBalancer that the external traffic goes to; a NodePort where empty.
	Balanced string
	// Announced: it is about the node that announces the load balancer's address.
	Announced bool
	SLO       func(*Run) record.SLO
	// Fault picks a round's victim and says what to do to it. Nil: no fault, Hold instead.
	Fault  func(*Run) (chaos.Fault, error)
	Rounds int // of the fault; 0 is one
	// Prepare begins something of the scenario's own right before the fault goes in.
	Prepare func(context.Context, *Run) error
	// LookBefore is Look before the fault is taken back.
	LookBefore func(context.Context, *Run) error
	// Look, where it is given, looks at something of the scenario's own when it has
	// settled, and records what it found. Its error is the harness's.
	Look func(context.Context, *Run) error
	// Serves is how long the service is left as the fault made it once it has recovered
	// from it, so that what serves then can be judged.
	Serves time.Duration
	// Hold is how long the fault stays in before it is taken back, where the service
	// recovers only from that; and the length of a scenario without a fault.
	Hold func(*Run) time.Duration
}

// Profiles from the fewest scenarios to all. Each includes those before it.
var Profiles = []string{"quick", "gate", "full"}

// Labels are the scenario's name, its topic, and the profiles that include it.
func (s Scenario) Labels() []string {
	labels := []string{s.Topic}
	if s.Name != s.Topic {
		labels = append(labels, s.Name)
	}
	if i := slices.Index(Profiles, s.Profile); i >= 0 {
		labels = append(labels, Profiles[i:]...)
	}
	return labels
}

// Play runs one scenario under load and judges it from the record. Whatever
// happens, the load is stopped and the fault reverted before it returns.
func (r *Run) Play(ctx context.Context, s Scenario) (verdict.Scenario, error) {
	r.scenario = s.Name
	r.record.Enter(s.Name)
	defer r.record.Enter("")
	from, err := r.takeOver(ctx, s)
	r.plan, r.writer = r.traffic, nil
	if s.DNS {
		r.plan.FreshNames, r.plan.Rate = true, min(r.plan.Rate, freshNamesRate)
	}
	r.victims, r.podsHit, r.nodesHit, r.declared = map[string]bool{}, nil, nil, r.replicas
	if s.Balanced != "" && err == nil {
		err = r.balance(ctx, s)
		defer r.unbalance(ctx)
	}
	def := s.SLO(r)
	slo := r.target.SLO(s.Name, def)
	if s.Raises {
		r.plan = raised(r.plan, time.Now().Add(toStart))
	}
	err = errors.Join(err,
		r.write(record.Entry{Time: from, Start: &record.Start{Name: s.Name, Promise: s.Promise, Labels: s.Labels(),
			Planned: s.Planned, NoFault: s.Fault == nil, Rounds: s.Rounds, SLO: slo, Default: other(def, slo), Plan: r.plan, Replicas: r.replicas}}),
		r.watch.Snapshot(),
	)
	if err == nil {
		err = r.play(ctx, s, slo, from)
	}
	if err != nil && ctx.Err() == nil {
		r.leftover = s.Name + ": " + err.Error()
		r.write(record.Entry{Problem: &record.Problem{What: err.Error()}})
	}
	if werr := r.phaseAt(r.relay.ended(s.Name), record.Done, ""); werr != nil {
		return verdict.Scenario{}, werr
	}
	if ctx.Err() != nil {
		r.interrupted = fmt.Errorf("scenario %s was interrupted: %w", s.Name, context.Cause(ctx))
		return verdict.Scenario{}, r.interrupted
	}
	return r.judge.Scenario(s.Name), nil
}

// other is def where slo differs from it.
func other(def, slo record.SLO) *record.SLO {
	if def == slo {
		return nil
	}
	return &def
}

// play has its baseline begin at from; now where that is zero.
func (r *Run) play(ctx context.Context, s Scenario, slo record.SLO, from time.Time) (err error) {
	note := ""
	if !from.IsZero() {
		note = fmt.Sprintf("the clean seconds after %s", r.relay.scenario())
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
	if !r.warmed && s.Fault != nil && !s.Raises {
		r.wait(ctx, warmFor-time.Since(r.flowing), func() bool { return false })
		r.warmed, clean, from, note = true, firstSeconds, time.Now(), fmt.Sprintf("after %s of load", warmFor)
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
	if why != "" && r.faulted != "" && ctx.Err() == nil {
		if err := r.restart(ctx, why); err != nil {
			return err
		}
		why = r.waitClean(ctx, baselineSeconds, time.Now(), atMost, r.servingPods, whole)
	}
	if why != "" {
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
	if err := r.phase(record.Settled, ""); err != nil {
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
func (r *Run) unclean(ctx context.Context, after time.Duration, why string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	fmt.Fprintf(r.out, "hagate: %s: no clean baseline within %s, so no fault goes in: %s\n", r.scenario, after.Round(time.Second), why)
	if n := lostNode(r.watch.Nodes(), r.nodes); n != "" {
		return fmt.Errorf("no clean baseline within %s, so no fault went in: node %s takes no Pods any more", after.Round(time.Second), n)
	}
	if r.leftover != "" {
		return fmt.Errorf("no clean baseline within %s, so no fault went in: %s; an earlier scenario may be why: %s", after.Round(time.Second), why, r.leftover)
	}
	return nil
}

// round puts the fault in once, waits for recovery and reverts it. It says whether
// the service is back where it was, so that another round may follow.
func (r *Run) round(ctx context.Context, s Scenario, slo record.SLO) (restored bool, err error) {
	if s.Prepare != nil {
		if err := s.Prepare(ctx, r); err != nil {
			return false, err
		}
	}
	fault, err := s.Fault(r)
	if err != nil {
		return false, fmt.Errorf("choosing what to hit: %w", err)
	}
	declared := fault.Declares()
	if err := r.phase(record.FaultIn, declared.Name); err != nil {
		return false, err
	}
	env, older := r.chaosEnv(), len(r.journal.Pending())
	reverted := false
	revert := func() error {
		if reverted {
			return nil
		}
		reverted = true
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), max(revertWait, slo.MaxRecovery))
		defer cancel()
		err := fault.Revert(ctx, env)
		if err != nil {
			fmt.Fprintf(r.out, "hagate: %s: putting it back once more, since that failed: %v\n", r.scenario, err)
			again, cancel := context.WithTimeout(context.WithoutCancel(ctx), revertWait)
			defer cancel()
			err = errors.Join(err, r.undoSince(again, env, older))
		}
		r.noteBack(declared)
		return err
	}
	defer func() { err = errors.Join(err, revert()) }()

	injectCtx, cancel := context.WithTimeout(ctx, slo.MaxRecovery)
	defer cancel()
	began := time.Now()
	if err := fault.Inject(injectCtx, env); err != nil {
		late := errors.Is(injectCtx.Err(), context.DeadlineExceeded) && ctx.Err() == nil && r.apiAnswers(ctx)
		if why := blocked(err, late, slo.MaxRecovery, func() []record.Refusal { return r.says(ctx, began) }); why != nil {
			why.Name, why.Effect = declared.Name, declared.Effect
			return false, r.write(record.Entry{Fault: why})
		}
		return false, err
	}
	if s.Hold != nil {
		r.wait(ctx, s.Hold(r), func() bool { return false })
		if err := revert(); err != nil {
			return false, err
		}
	}
	if err := r.phase(record.Recovery, ""); err != nil {
		return false, err
	}
	if restored = r.wait(ctx, slo.MaxRecovery, r.restored); !restored {
		if err := r.stalled(ctx, declared, began); err != nil {
			return false, err
		}
	}
	r.wait(ctx, s.Serves, func() bool { return false })
	if s.LookBefore != nil && restored {
		if err := s.LookBefore(ctx, r); err != nil {
			return false, err
		}
	}
	if s.Rounds <= 1 { // before another round nothing is waited for
		if err := r.askPods(ctx, slo); err != nil { // what takes it back may tell new Pods to go
			return false, err
		}
	}
	if err := revert(); err != nil {
		return false, err
	}
	if s.Control {
		if err := r.controlPlaneWorks(ctx); err != nil {
			return false, err
		}
	}
	// taking it back may have moved Pods again
	if restored && !r.wait(ctx, slo.MaxRecovery, r.restored) {
		return false, r.stalled(ctx, declared, began)
	}
	return restored, nil
}

// waitClean waits until every stream has had n clean seconds since, and every Pod of pods
// has answered meanwhile on every vantage that reaches it, and until lacks, where it is
// given, finds nothing in the same moment. It returns what was missing at the end of the
// wait, or nothing.
func (r *Run) waitClean(ctx context.Context, n int, since time.Time, atMost time.Duration, pods func() []record.Endpoint, lacks func() string) string {
	var why string
	done := r.wait(ctx, atMost, func() bool {
		var ok bool
		if ok, why = r.live.clean(r.plan, n, since); !ok {
			return false
		}
		if lacks != nil {
			if why = lacks(); why != "" {
				return false
			}
		}
		if r.plan.PodHeader == "" {
			return true
		}
		if missing := r.live.unserved(r.plan, pods(), since); len(missing) > 0 {
			why = "ready but never answered: " + list(missing)
			return false
		}
		return true
	})
	if done {
		return ""
	}
	return why
}

// hold keeps traffic flowing without a fault.
func (r *Run) hold(ctx context.Context, s Scenario) error {
	length, began := s.Hold(r), time.Now()
	if err := r.phase(record.Settled, fmt.Sprintf("no fault for %s", length)); err != nil {
		return err
	}
	if s.Look != nil {
		if err := s.Look(ctx, r); err != nil {
			return err
		}
	}
	r.wait(ctx, length, func() bool { return false })
	r.waitClean(ctx, settledSeconds, began, holdWait+r.plan.Timeout, r.servingPods, nil)
	return nil
}

// wait polls until ok, the context ends or atMost has passed, and says whether ok.
func (r *Run) wait(ctx context.Context, atMost time.Duration, ok func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		if ok() {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

// restored says whether the declared replica count is ready, available and behind
// the Service, with no victim among them.
func (r *Run) restored() bool {
	w := r.watch.Workload()
	if w.Stale || w.Replicas != r.declared || w.Current != r.declared || w.Updated != r.declared || w.Ready != r.declared || w.Available != r.declared {
		return false
	}
	eps := r.watch.Endpoints()
	for _, e := range eps.List {
		if e.Ready && r.victims[e.UID] {
			return false
		}
	}
	return eps.Ready() == r.declared
}

// missing says what is not as it is to be before a fault: replicas of the service, or a
// node that was there when the run began and is no longer ready for Pods. What an earlier
// scenario left behind would be held against the service.
func (r *Run) missing() string {
	if n := lostNode(r.watch.Nodes(), r.nodes); n != "" {
		return "node " + n + " takes no Pods any more"
	}
	if w := r.watch.Workload(); !r.restored() {
		return fmt.Sprintf("of %d replicas %d exist, %d are of the newest version, %d are ready, %d available, %d ready endpoints of the Service",
			r.declared, w.Current, w.Updated, w.Ready, w.Available, r.watch.Endpoints().Ready())
	}
	return ""
}

// lostNode names a node that took Pods and does no longer. One that is gone is the business of
// whoever scales the cluster.
func lostNode(nodes []record.Node, took map[string]bool) string {
	for _, n := range nodes {
		if took[n.Name] && !n.Gone && !takesPods(n) {
			return n.Name
		}
	}
	return ""
}

func takesPods(n record.Node) bool { return n.Ready && !n.Unschedulable }

// undoSince undoes what faults have in the journal beyond its oldest entries, which stay,
// newest first.
func (r *Run) undoSince(ctx context.Context, env *chaos.Env, oldest int) error {
	undoers := chaos.Undoers(chaos.Reach{Client: env.Client, NodeExec: env.NodeExec, Power: env.Power})
	pending := r.journal.Pending()
	var errs []error
	for _, e := range pending[:max(0, len(pending)-oldest)] {
		undo := undoers[e.Kind]
		if undo == nil {
			continue
		}
		err := undo(ctx, e.Args)
		if err == nil {
			err = r.journal.Strike(e)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// waitEnds waits for the workload's Pods that are on their way out, which ending counts, also
// for those that are ready no more: they may have clients on kept-alive connections. Each has
// atMost from when the one before it went: a node ends few at a time.
func (r *Run) waitEnds(ctx context.Context, atMost time.Duration, ending func() int) error {
	for left := ending(); left > 0; left = min(left, ending()) {
		if r.wait(ctx, atMost, func() bool { return ending() < left }) {
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("%d Pods that were told to go are still there, and in %s none of them went, so what their end does to clients was not seen", ending(), atMost)
	}
	return nil
}

// ending counts the Pods of the workload that were told to go and are still there.
func (r *Run) ending() (n int) {
	for _, p := range r.watch.Pods() {
		if p.Terminating != nil {
			n++
		}
	}
	return n
}

// servingPods are the Service's ready endpoints.
func (r *Run) servingPods() []record.Endpoint {
	return slices.DeleteFunc(slices.Clone(r.watch.Endpoints().List), func(e record.Endpoint) bool { return !e.Ready })
}

// apiAnswers tells a fault that the service blocks from one that an API server which
// is away holds up.
func (r *Run) apiAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return r.destructive.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error() == nil
}

// chaosEnv is what a fault may use. Every victim it names is remembered, so that the
// run can tell the old from the new.
func (r *Run) chaosEnv() *chaos.Env {
	env := &chaos.Env{Client: r.destructive, Journal: r.journal, Progress: r.out,
		Record: func(f record.Fault) error {
			if f.Replicas > 0 {
				r.declared = f.Replicas
			}
			if f.State == record.Reverted {
				r.declared = r.replicas
			}
			if f.State == record.Injecting {
				r.faulted = r.scenario
			}
			for _, v := range f.Victims {
				r.victims[v.UID] = !(f.Returns && f.State == record.Reverted)
				if v.Kind == "Pod" && f.State == record.Injecting {
					r.podsHit = append(r.podsHit, v)
				}
				if v.Kind == "Node" {
					r.nodesHit = append(r.nodesHit, v.Name)
				}
			}
			return r.write(record.Entry{Fault: &f})
		}}
	if r.cluster.Kind != nil {
		env.NodeExec, env.Power, env.PodNetwork = r.cluster.NodeExec, r.cluster.Power, r.podNetwork
	}
	return env
}

// phase begins a phase; one line says so, and that is all that a run prints of a
// scenario where nobody watches.
func (r *Run) phase(name, note string) error { return r.phaseAt(time.Time{}, name, note) }

// phaseAt begins a phase at a moment that is known only later; now where it is zero.
func (r *Run) phaseAt(at time.Time, name, note string) error {
	fmt.Fprintf(r.out, "hagate: %s: %s\n", r.scenario, strings.TrimSuffix(name+", "+note, ", "))
	return r.write(record.Entry{Time: at, Phase: &record.Phase{Name: name, Note: note}})
}

func (r *Run) write(e record.Entry) error { return r.record.Write(e) }
