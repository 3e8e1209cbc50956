package gate

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"hagate/chaos"
	"hagate/record"
	"hagate/verdict/budget"
)

// Replicas is the declared replica count of the target's workload.
func (r *Run) Replicas() int { return r.replicas }

// MaxUnavailable is how many of the replicas an update may take away at once, as the workload's
// strategy has it.
func (r *Run) MaxUnavailable() int { return r.away }

// EarliestReady is how long the startup and readiness probes of a container that runs may take
// to call it ready, at the soonest: a fault that a probe is to see stays in for longer.
func (r *Run) EarliestReady() time.Duration { return r.target.EarliestReady() }

// Rate is the planned load of each stream, requests/second.
func (r *Run) Rate() int { return r.plan.Rate }

// Timeout is how long a request of the load may take.
func (r *Run) Timeout() time.Duration { return r.plan.Timeout }

// Streams is how many carry it at once.
func (r *Run) Streams() int { return len(r.plan.Streams) }

// Connections is how many idle ones each kept-alive stream keeps.
func (r *Run) Connections() int { return r.plan.Connection }

// Protected is how many endpoints a drain has to leave ready, and why.
func (r *Run) Protected() (int, record.Text) { return protected(r.watch.PDBs(), r.replicas) }

// protected takes off a budget what Pods that are not the workload's may do for it.
func protected(budgets []record.PDB, replicas int) (int, record.Text) {
	for _, p := range budgets {
		if others := max(0, p.CurrentHealthy-replicas); p.DesiredHealthy > others {
			return p.DesiredHealthy - others, record.Say("PodDisruptionBudget %s requires them", p.Name)
		}
	}
	return 1, record.Say("no PodDisruptionBudget requires more")
}

// Workload is what runs the target's Pods.
func (r *Run) Workload() chaos.Object {
	w := r.target.Spec.Workload
	return chaos.Object{Kind: w.Kind, Namespace: w.Namespace, Name: w.Name}
}

// Selector is the workload's, as a label selector.
func (r *Run) Selector() string { return r.selector }

// AgentImage is the load agent's, as Pods name it.
func (r *Run) AgentImage() string { return or(r.Config.AgentImage, r.images.agent.Ref) }

// Budget names the PodDisruptionBudget that covers the workload, or nothing.
func (r *Run) Budget() string {
	for _, p := range r.watch.PDBs() {
		return p.Name
	}
	return ""
}

// NodeGrace is how long the control plane waits for a node that is silent.
func (r *Run) NodeGrace() budget.Grace { return r.grace }

// nodeGrace reads the cluster's node-monitor-grace-period and node-monitor-period off its
// controller manager, where the API shows one; else they are Kubernetes' defaults of that minor
// version: 40 s, and 50 s since 1.32, and 5 s
// (kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager).
func nodeGrace(managers []corev1.Pod, minor int) budget.Grace {
	g := budget.Grace{Period: 50 * time.Second, Check: 5 * time.Second, Source: record.Say("Kubernetes' default")}
	if minor > 0 && minor < 32 {
		g.Period = 40 * time.Second
	}
	if len(managers) == 0 {
		g.Source = record.Say("Kubernetes' default: the cluster does not show its own")
	}
	if d, ok := given(managers, "--node-monitor-period"); ok {
		g.Check = d
	}
	if d, ok := given(managers, "--node-monitor-grace-period"); ok {
		g.Period, g.Source = d, record.Say("as this cluster's controller manager has it")
	}
	return g
}

// given is the duration that a flag of the Pods' containers sets.
func given(pods []corev1.Pod, flag string) (time.Duration, bool) {
	for _, p := range pods {
		for _, c := range p.Spec.Containers {
			args := slices.Concat(c.Command, c.Args)
			for i, arg := range args {
				value, ok := strings.CutPrefix(arg, flag+"=")
				if arg == flag && i+1 < len(args) {
					value, ok = args[i+1], true
				}
				if d, err := time.ParseDuration(value); ok && err == nil {
					return d, true
				}
			}
		}
	}
	return 0, false
}

// ProbeTime is how long the readiness probes of the workload's Pods take at the most
// to notice that a Pod no longer answers: a period and a timeout for every failure
// that they wait for. It is 0 where there is no probe.
func (r *Run) ProbeTime() time.Duration { return r.target.ProbeTime() }

// LivenessTime is how long the liveness probes of the workload's Pods take at the most to
// notice a container that no longer answers, and the grace that it is given then.
func (r *Run) LivenessTime() (noticed, grace time.Duration) { return r.target.LivenessTime() }

// Configuration is the ConfigMap that the target names, and the key in it.
func (r *Run) Configuration() (config chaos.Object, key string) {
	c := r.target.Spec.Config
	return chaos.Object{Kind: "ConfigMap", Namespace: r.target.Spec.Workload.Namespace, Name: c.ConfigMap}, c.Key
}
