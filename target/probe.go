package target

import (
	"cmp"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// ProbeTime is how long the readiness probes of the workload's Pods take at the most
// to notice that a Pod no longer answers: a period and a timeout for each failure that
// they wait for. It is 0 where there is no probe.
func (t *Target) ProbeTime() (longest time.Duration) {
	for _, c := range t.pods().Containers {
		longest = max(longest, noticed(c.ReadinessProbe))
	}
	return longest
}

// LivenessTime is how long the liveness probes of the workload's Pods take at the most to
// notice that a container no longer answers, and then the kubelet to kill it: noticed as
// ProbeTime is, and the grace that a container which does not hear is given. Both are 0
// where there is no probe.
func (t *Target) LivenessTime() (longest, grace time.Duration) {
	for _, c := range t.pods().Containers {
		p := c.LivenessProbe
		if p == nil {
			continue
		}
		given := t.Grace()
		if p.TerminationGracePeriodSeconds != nil {
			given = time.Duration(*p.TerminationGracePeriodSeconds) * time.Second
		}
		longest, grace = max(longest, noticed(p)), max(grace, given)
	}
	return longest, grace
}

// Grace is how long the workload's Pods are given to end.
func (t *Target) Grace() time.Duration {
	seconds := int64(corev1.DefaultTerminationGracePeriodSeconds)
	if own := t.pods().TerminationGracePeriodSeconds; own != nil {
		seconds = *own
	}
	return time.Duration(seconds) * time.Second
}

// EarliestReady is how long the startup and readiness probes of the workload's Pods take at the
// least to call a container ready that runs: their delays, and a period for every success
// that they wait for. It is 0 where there is no probe.
func (t *Target) EarliestReady() (longest time.Duration) {
	for _, c := range t.pods().Containers {
		longest = max(longest, succeeds(c.StartupProbe)+succeeds(c.ReadinessProbe))
	}
	return longest
}

// succeeds has Kubernetes' defaults for what p leaves open.
func succeeds(p *corev1.Probe) time.Duration {
	if p == nil {
		return 0
	}
	return time.Duration(p.InitialDelaySeconds+cmp.Or(p.SuccessThreshold, 1)*cmp.Or(p.PeriodSeconds, 10)) * time.Second
}

// pods is the specification of the workload's Pods, an empty one where it cannot be read.
func (t *Target) pods() corev1.PodSpec {
	m, ok := t.find("apps/v1", t.Spec.Workload.Kind, t.Spec.Workload.Name)
	if !ok {
		return corev1.PodSpec{}
	}
	_, pods, err := m.template()
	if err != nil {
		return corev1.PodSpec{}
	}
	return pods.Spec
}

// noticed has Kubernetes' defaults for what p leaves open.
func noticed(p *corev1.Probe) time.Duration {
	if p == nil {
		return 0
	}
	return time.Duration(cmp.Or(p.FailureThreshold, 3)*(cmp.Or(p.PeriodSeconds, 10)+cmp.Or(p.TimeoutSeconds, 1))) * time.Second
}
