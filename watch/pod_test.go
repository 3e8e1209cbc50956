package watch

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestAPodIsFollowedUntilItIsGone(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	want := podRecord("a", "uid-a")
	p := podObject("a", "uid-a")
	b.pod(p)
	g.Expect(states(b.news())).To(Equal([]any{want}))

	p.ResourceVersion, p.Annotations = "2", map[string]string{"seen": "again"}
	b.pod(p)
	g.Expect(b.news()).To(BeEmpty(), "nothing that a record tells has changed")

	p.Labels = nil
	p.Status.Conditions[0].Status = corev1.ConditionFalse
	want.Ready = false
	b.pod(p)
	g.Expect(states(b.news())).To(Equal([]any{want}), "it was the workload's once")

	p.DeletionTimestamp = &metav1.Time{Time: time.Date(2026, 1, 1, 0, 0, 30, 0, time.UTC)}
	p.DeletionGracePeriodSeconds = new(int64(30))
	asked := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	want.Terminating, want.Grace = &asked, 30
	b.pod(p)
	b.pod(p.DeepCopy())
	g.Expect(states(b.news())).To(Equal([]any{want}))
	g.Expect(b.Pods()).To(Equal([]record.Pod{want}))

	want.Gone = true
	b.podGone(p)
	b.podGone(p)
	g.Expect(states(b.news())).To(Equal([]any{want}))
	g.Expect(b.Pods()).To(BeEmpty())
}

func TestAnothersPodIsNotFollowed(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	p := podObject("x", "uid-x")
	p.Labels = map[string]string{"app": "another"}
	b.pod(p)
	b.podGone(p)
	g.Expect(b.news()).To(BeEmpty())

	p.Labels = app
	b.pod(p)
	g.Expect(b.news()).To(HaveLen(1), "it was made the workload's")
}

func TestPlaced(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	mine, another := podObject("a", "uid-a"), podObject("x", "uid-x")
	another.Labels = nil
	b.pod(mine)
	b.pod(another)
	g.Expect(b.Placed()).To(ConsistOf("uid-a", "uid-x"), "whosever they are")

	waiting := podObject("b", "uid-b")
	waiting.Spec.NodeName = ""
	b.pod(waiting)
	mine = mine.DeepCopy()
	mine.Status.Phase = corev1.PodFailed
	b.pod(mine)
	b.podGone(another)
	g.Expect(b.Placed()).To(BeEmpty())
}

func TestPodOf(t *testing.T) {
	waiting := func(reason string) corev1.ContainerState {
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}
	}
	ended := func(reason string) corev1.ContainerState {
		return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: reason}}
	}
	for name, c := range map[string]struct {
		is   func(*corev1.Pod)
		want func(*record.Pod)
	}{
		"ready": {func(*corev1.Pod) {}, func(*record.Pod) {}},
		"pending": {
			func(p *corev1.Pod) { p.Status = corev1.PodStatus{Phase: corev1.PodPending} },
			func(r *record.Pod) { r.Phase, r.IP, r.Ready, r.Started = "Pending", "", false, false },
		},
		"being created": {
			func(p *corev1.Pod) {
				p.Status.ContainerStatuses[0] = corev1.ContainerStatus{State: waiting("ContainerCreating")}
			},
			func(r *record.Pod) { r.Started = false },
		},
		"one of two started": {
			func(p *corev1.Pod) {
				p.Spec.Containers = append(p.Spec.Containers, corev1.Container{})
				p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, corev1.ContainerStatus{Started: new(false)})
			},
			func(r *record.Pod) { r.Started = false },
		},
		"crash loop": {
			func(p *corev1.Pod) {
				p.Status.ContainerStatuses[0].State = waiting("CrashLoopBackOff")
				p.Status.ContainerStatuses[0].RestartCount = 3
			},
			func(r *record.Pod) { r.Reason, r.Restarts = "CrashLoopBackOff", 3 },
		},
		"killed for memory": {
			func(p *corev1.Pod) { p.Status.ContainerStatuses[0].State = ended("OOMKilled") },
			func(r *record.Pod) { r.Reason = "OOMKilled" },
		},
		"init containers": {
			func(p *corev1.Pod) {
				p.Status.InitContainerStatuses = []corev1.ContainerStatus{
					{State: ended("Completed")}, {State: waiting("ErrImagePull"), RestartCount: 1}}
				p.Status.ContainerStatuses[0].RestartCount = 1
				p.Status.ContainerStatuses[0].State = waiting("PodInitializing")
			},
			func(r *record.Pod) { r.Reason, r.Restarts = "ErrImagePull", 2 },
		},
		"the Pod's own reason first": {
			func(p *corev1.Pod) {
				p.Status.Reason = "Evicted"
				p.Status.ContainerStatuses[0].State = ended("Error")
			},
			func(r *record.Pod) { r.Reason = "Evicted" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, want := podObject("a", "uid-a"), podRecord("a", "uid-a")
			c.is(p)
			c.want(&want)
			NewWithT(t).Expect(PodOf(p)).To(Equal(want))
		})
	}
}
