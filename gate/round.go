package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/chaos"
	"hagate/record"
)

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
	if err := r.phase(record.FaultIn, record.Words(declared.Name)); err != nil {
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
			fmt.Fprintf(r.out, "hagate: %s: reverting the fault failed, trying again: %v\n", r.scenario, err)
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
		r.pause(ctx, s.Hold(r))
		if err := revert(); err != nil {
			return false, err
		}
	}
	if err := r.phase(record.Recovery, record.Text{}); err != nil {
		return false, err
	}
	if restored = r.wait(ctx, slo.MaxRecovery, r.restored); !restored {
		if err := r.stalled(ctx, declared, began); err != nil {
			return false, err
		}
	}
	r.pause(ctx, s.Serves)
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

// apiAnswers tells a fault that the service blocks from one that an API server which
// is away holds up.
func (r *Run) apiAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := r.destructive.CoreV1().Namespaces().Get(ctx, r.target.Spec.Workload.Namespace, metav1.GetOptions{})
	return err == nil || apierrors.IsNotFound(err) || apierrors.IsForbidden(err)
}

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
