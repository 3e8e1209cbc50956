package gate

import (
	"cmp"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
)

// A cluster's own setting goes over the default, which is that of its version.
func TestNodeGrace(t *testing.T) {
	manager := func(args ...string) []corev1.Pod {
		return []corev1.Pod{{Spec: corev1.PodSpec{Containers: []corev1.Container{{Command: append([]string{"kube-controller-manager"}, args...)}}}}}
	}
	for name, c := range map[string]struct {
		managers []corev1.Pod
		minor    int
		want     time.Duration
		check    time.Duration // 5 s where 0
	}{
		"set":                    {manager("--leader-elect=true", "--node-monitor-grace-period=16s"), 37, 16 * time.Second, 0},
		"set apart":              {manager("--node-monitor-grace-period", "20s"), 37, 20 * time.Second, 0},
		"not set":                {manager("--leader-elect=true"), 37, 50 * time.Second, 0},
		"not set, and older":     {manager(), 31, 40 * time.Second, 0},
		"not shown":              {nil, 32, 50 * time.Second, 0},
		"of an unknown version":  {nil, 0, 50 * time.Second, 0},
		"something that is none": {manager("--node-monitor-grace-period=soon"), 37, 50 * time.Second, 0},
		"checked more often":     {manager("--node-monitor-period=2s"), 37, 50 * time.Second, 2 * time.Second},
	} {
		g, got := NewWithT(t), nodeGrace(c.managers, c.minor)
		g.Expect(got.Period).To(Equal(c.want), name)
		g.Expect(got.Check).To(Equal(cmp.Or(c.check, 5*time.Second)), name)
		g.Expect(strings.Contains(got.Source.String(), "does not show")).To(Equal(c.managers == nil), name)
	}
}

func TestBackOff(t *testing.T) {
	for again, want := range map[int]time.Duration{0: 0, 1: 10 * time.Second, 2: 20 * time.Second, 5: 160 * time.Second, 6: 5 * time.Minute, 99: 5 * time.Minute} {
		if got := backOff(again); got != want {
			t.Errorf("started again %d times: %s, want %s", again, got, want)
		}
	}
}
