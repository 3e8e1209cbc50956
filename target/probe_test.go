package target

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	. "github.com/onsi/gomega"
)

func TestProbeTimes(t *testing.T) {
	g := NewWithT(t)
	g.Expect(noticed(nil)).To(BeZero())
	g.Expect(noticed(&corev1.Probe{})).To(Equal(33*time.Second), "Kubernetes' defaults: 3 × (10 s + 1 s)")
	g.Expect(noticed(&corev1.Probe{FailureThreshold: 2, PeriodSeconds: 5, TimeoutSeconds: 3})).To(Equal(16 * time.Second))

	g.Expect(succeeds(nil)).To(BeZero())
	g.Expect(succeeds(&corev1.Probe{})).To(Equal(10*time.Second), "Kubernetes' default period")
	g.Expect(succeeds(&corev1.Probe{InitialDelaySeconds: 20, SuccessThreshold: 2, PeriodSeconds: 5})).To(Equal(30 * time.Second))

	for dir, want := range map[string][2]time.Duration{"nginx": {}, "../cases/liveness": {9 * time.Second, 10 * time.Second}} {
		got, _, _ := read(t, dir)
		noticed, grace := got.LivenessTime()
		g.Expect([2]time.Duration{noticed, grace}).To(Equal(want), dir)
		g.Expect(got.ProbeTime()).To(Equal(6 * time.Second))
		g.Expect(got.EarliestReady()).To(Equal(time.Second))
	}
}
