package target

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// ProbeTime is how long the readiness probes of the workload's Pods take at the most
// to notice that a Pod no longer answers: a period and a timeout for each failure that
// they wait for. It is 0 where there is no probe.
func (t *Target) ProbeTime() time.Duration {
	m, ok := t.find("apps/v1", t.Spec.Workload.Kind, t.Spec.Workload.Name)
	if !ok {
		return 0
	}
	_, pods, err := m.template()
	if err != nil {
		return 0
	}
	var longest time.Duration
	for _, c := range pods.Spec.Containers {
		longest = max(longest, noticed(c.ReadinessProbe))
	}
	return longest
}

// noticed has Kubernetes' defaults for what p leaves open.
func noticed(p *corev1.Probe) time.Duration {
	if p == nil {
		return 0
	}
	or := func(v, def int32) time.Duration {
		if v == 0 {
			v = def
		}
		return time.Duration(v)
	}
	return or(p.FailureThreshold, 3) * (or(p.PeriodSeconds, 10) + or(p.TimeoutSeconds, 1)) * time.Second
}
