package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/chaos"
	"hagate/load"
	"hagate/record"
	"hagate/target"
	"hagate/verdict/words"
)

// Need is something that a scenario needs of the target or the cluster. It says what is
// lacking; nothing where it is met, or where nobody serves, which is for the scenario to find.
type Need func(context.Context, *Run) (lacks record.Text, err error)

// A is the need for a workload of a kind: "Deployment".
func A(kind string) Need {
	return func(_ context.Context, r *Run) (why record.Text, err error) {
		if is := r.target.Spec.Workload.Kind; is != kind {
			why = record.Say("it needs a %s, and the target has a %s", kind, is)
		}
		return why, nil
	}
}

// Nodes is the need to reach the nodes themselves.
func Nodes(_ context.Context, r *Run) (why record.Text, err error) {
	if r.cluster.Kind == nil {
		why = record.Say("it needs access to the nodes, and they do not run in this machine's container engine")
	}
	return why, nil
}

// Zones is the need for a zone that can be lost while Pods have room in another.
func Zones(_ context.Context, r *Run) (why record.Text, err error) {
	_, nobody := r.AllPods()
	if _, _, _, err := r.PickZone(); err != nil && nobody == nil {
		why = record.Say("it needs a zone that can be lost while nodes of another take Pods (label topology.kubernetes.io/zone): %s", err)
	}
	return why, nil
}

// Configured is the need for a configuration that can be changed.
func Configured(_ context.Context, r *Run) (why record.Text, err error) {
	if r.target.Spec.Config.ConfigMap == "" {
		why = record.Say("it changes the configuration, and the target names none (spec.config)")
	}
	return why, nil
}

// Data is the need for data that can be looked for.
func Data(_ context.Context, r *Run) (why record.Text, err error) {
	if r.target.Spec.Data.Path == "" {
		why = record.Say("it checks stored data, and the target declares no data folder (spec.data)")
	}
	return why, nil
}

// Patience is the need for requests that may be late by so much.
func Patience(late time.Duration) Need {
	return func(_ context.Context, r *Run) (why record.Text, err error) {
		if late >= r.traffic.Timeout {
			why = record.Say("it delays a request by up to %s, and the target's request timeout is %s (spec.load.timeout)", words.Duration(late), words.Duration(r.traffic.Timeout))
		}
		return why, nil
	}
}

// Delays is the need for a kernel of the nodes that can hold packets back.
func Delays(ctx context.Context, r *Run) (why record.Text, err error) {
	v, err := r.PickPod()
	if err != nil || r.cluster.Kind == nil {
		return why, nil
	}
	if _, err := chaos.Delays(ctx, r.cluster.NodeExec, v.Node); err != nil {
		why = record.Words(err.Error())
	}
	return why, nil
}

// Liveness is the need for a liveness probe.
func Liveness(_ context.Context, r *Run) (why record.Text, err error) {
	if noticed, _ := r.LivenessTime(); noticed == 0 {
		why = record.Say("it needs a liveness probe, and no container of the target has one")
	}
	return why, nil
}

// Shell is the need for containers whose command a shell of theirs can run.
func Shell(ctx context.Context, r *Run) (why record.Text, err error) {
	v, err := r.PickPod()
	if err != nil {
		return why, nil
	}
	pod, err := r.destructive.CoreV1().Pods(v.Namespace).Get(ctx, v.Name, metav1.GetOptions{})
	if err != nil {
		return why, fmt.Errorf("looking into Pod %s/%s: %w", v.Namespace, v.Name, err)
	}
	for _, c := range pod.Spec.Containers {
		if len(c.Command) == 0 {
			return record.Say("it has a shell run the containers' commands, and container %s names none", c.Name), nil
		}
		err := load.PodExec(r.rest, r.destructive, v.Namespace, v.Name, c.Name)(ctx, nil, nil, "sh", "-c", "true")
		if load.NotInImage(err) {
			return record.Say("it has a shell run the containers' commands, and container %s has none", c.Name), nil
		}
		if err != nil {
			return why, fmt.Errorf("looking for a shell in container %s of Pod %s/%s: %w", c.Name, v.Namespace, v.Name, err)
		}
	}
	return why, nil
}

// CoreDNS is the need for the DNS that the scenarios know how to disturb.
func CoreDNS(ctx context.Context, r *Run) (why record.Text, err error) {
	dns := r.DNS()
	_, err = r.destructive.AppsV1().Deployments(dns.Namespace).Get(ctx, dns.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return record.Say("it needs CoreDNS, and the cluster has no %s", dns), nil
	case err != nil:
		return why, fmt.Errorf("looking for %s: %w", dns, err)
	}
	return why, nil
}

// balancer is the need of s for a load balancer, where the cluster is not ours to change.
func balancer(s Scenario) Need {
	return func(ctx context.Context, r *Run) (why record.Text, err error) {
		if s.Balanced == "" || !r.cluster.Borrowed {
			return why, nil
		}
		if r.Config.Node != "" { // kube-proxy answers for the load balancer there, with neither traffic policy
			return record.Say("it needs clients outside the cluster, and hagate runs on a node of it"), nil
		}
		r.plan = r.traffic
		if !r.nobody {
			err = r.balance(ctx, s)
			r.nobody = errors.Is(err, target.ErrNoAddress)
		}
		switch {
		case r.nobody:
			return record.Say("it needs a load balancer, and nothing in the cluster gave a Service of type LoadBalancer an address within %s", addressWait), nil
		case err == nil && s.Announced && r.balanced.node == "":
			why = record.Say("it has to know which node announces the load balancer's address, and nothing in the cluster says (MetalLB's layer 2 does)")
		case err == nil && r.balanced.node != "" && len(r.notFrom(s.Balanced)) > len(r.avoid):
			why = record.Say("%s: have a Pod serve on %s", announcesEarly, list(r.notFrom(s.Balanced)[len(r.avoid):]))
		}
		return why, err
	}
}

// Skip records that s is not about this run's target or cluster, and says all that it
// lacks; where it is, it says nothing. A load balancer is made only where nothing else is
// lacking. What could not be looked at is the harness's problem, unless it no longer matters.
func (r *Run) Skip(ctx context.Context, s Scenario) (why record.Text, err error) {
	lacks, err := r.lacking(ctx, s.Needs)
	if len(lacks) == 0 && err == nil {
		lacks, err = r.lacking(ctx, []Need{balancer(s)})
		if len(lacks) > 0 || err != nil {
			r.unbalance(ctx)
		}
	}
	switch {
	case len(lacks) > 0:
		why = record.Join("; ", lacks...)
		return why, r.write(record.Entry{Skipped: &record.Skipped{Name: s.Name, Promise: s.Promise, Why: why}})
	case err != nil && ctx.Err() != nil:
		r.interrupted = interrupted(s.Name, context.Cause(ctx))
		return why, r.interrupted
	case err != nil:
		err = fmt.Errorf("looking at what %s needs: %w", s.Name, err)
		return why, errors.Join(err, r.write(record.Entry{Problem: &record.Problem{What: said(err)}}))
	}
	return why, nil
}

// lacking is what of the needs is not met, and why others could not be looked at.
func (r *Run) lacking(ctx context.Context, needs []Need) (lacks []record.Text, err error) {
	for _, need := range needs {
		lack, failed := need(ctx, r)
		if err = errors.Join(err, failed); !lack.IsZero() {
			lacks = append(lacks, lack)
		}
	}
	return lacks, err
}
