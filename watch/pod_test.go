package watch

import (
	"strings"
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
	b.replicaSet(replicaSetObject("rs", "Deployment", "nginx01"))
	b.pod(p)
	g.Expect(states(b.news())).To(Equal([]any{want}))

	p.ResourceVersion, p.Annotations = "2", map[string]string{"seen": "again"}
	b.pod(p)
	g.Expect(b.news()).To(BeEmpty(), "nothing that a record tells has changed")

	p.Labels, p.OwnerReferences = nil, nil
	p.Status.Conditions[0].Status = corev1.ConditionFalse
	want.Ready, want.Owner = false, ""
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
	g.Expect(states(b.news())).To(Equal([]any{podRecord("x", "uid-x")}), "it was made the workload's")
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
	ended := func(reason string, code int32) corev1.ContainerState {
		return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: reason, ExitCode: code}}
	}
	at := time.Date(2026, 1, 1, 0, 0, 30, 0, time.UTC)
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
			func(p *corev1.Pod) { p.Status.ContainerStatuses[0].State = ended("OOMKilled", 137) },
			func(r *record.Pod) {
				r.Reason, r.Exits = "OOMKilled", []record.Exit{{Container: "nginx", Code: 137, Reason: "OOMKilled"}}
			},
		},
		"init containers": {
			func(p *corev1.Pod) {
				p.Status.InitContainerStatuses = []corev1.ContainerStatus{
					{Name: "migrate", State: ended("Completed", 0)}, {State: waiting("ErrImagePull"), RestartCount: 1}}
				p.Status.ContainerStatuses[0].RestartCount = 1
				p.Status.ContainerStatuses[0].State = waiting("PodInitializing")
			},
			func(r *record.Pod) {
				r.Reason, r.Restarts = "ErrImagePull", 2
				r.Exits = []record.Exit{{Container: "migrate", Reason: "Completed"}}
			},
		},
		"the Pod's own reason first": {
			func(p *corev1.Pod) {
				p.Status.Reason, p.Status.Message = "Evicted", "The node was low on resource: memory."
				p.Status.ContainerStatuses[0].State = ended("Error", 1)
			},
			func(r *record.Pod) {
				r.Reason, r.Message = "Evicted", "The node was low on resource: memory."
				r.Exits = []record.Exit{{Container: "nginx", Code: 1, Reason: "Error"}}
			},
		},
		"started again": {
			func(p *corev1.Pod) {
				p.Status.ContainerStatuses[0].LastTerminationState = ended("Error", 143)
				p.Status.ContainerStatuses[0].LastTerminationState.Terminated.FinishedAt = metav1.Time{Time: at}
			},
			func(r *record.Pod) {
				r.Exits = []record.Exit{{Container: "nginx", Code: 143, Reason: "Error", At: at}}
			},
		},
		"ended again": {
			func(p *corev1.Pod) {
				p.Status.ContainerStatuses[0].LastTerminationState = ended("Error", 143)
				p.Status.ContainerStatuses[0].State = ended("OOMKilled", 137)
			},
			func(r *record.Pod) {
				r.Reason, r.Exits = "OOMKilled", []record.Exit{{Container: "nginx", Code: 137, Reason: "OOMKilled"}}
			},
		},
		"not placed": {
			func(p *corev1.Pod) {
				p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: corev1.PodScheduled, Status: corev1.ConditionFalse,
					Reason: "Unschedulable", Message: "0/3 nodes are available: 3 Insufficient cpu."})
			},
			func(r *record.Pod) { r.Message = "0/3 nodes are available: 3 Insufficient cpu." },
		},
		"an init container that has not begun": {
			func(p *corev1.Pod) {
				p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: corev1.PodInitialized, Status: corev1.ConditionFalse,
					Reason: "ContainersNotInitialized", Message: "containers with incomplete status: [wait]"})
			},
			func(*record.Pod) {},
		},
		"an init container that has not ended": {
			func(p *corev1.Pod) {
				p.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "wait", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
				p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: corev1.PodInitialized, Status: corev1.ConditionFalse,
					Reason: "ContainersNotInitialized", Message: "containers with incomplete status: [wait]"})
			},
			func(r *record.Pod) { r.Message = "containers with incomplete status: [wait]" },
		},
		"a readiness gate that nobody has opened": {
			func(p *corev1.Pod) {
				p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse,
					Reason: "ReadinessGatesNotReady", Message: `corresponding condition of pod readiness gate "example.org/lb" does not exist.`}}
			},
			func(r *record.Pod) {
				r.Ready, r.Message = false, `corresponding condition of pod readiness gate "example.org/lb" does not exist.`
			},
		},
		"an image that is not there, said at length": {
			func(p *corev1.Pod) {
				p.Status.ContainerStatuses[0].State = waiting("ImagePullBackOff")
				p.Status.ContainerStatuses[0].State.Waiting.Message = strings.Repeat("é", maxMessage+1)
			},
			func(r *record.Pod) {
				r.Reason, r.Message = "ImagePullBackOff", strings.Repeat("é", maxMessage-1)+"…"
			},
		},
		"a ReplicaSet's no more": {
			func(p *corev1.Pod) { p.OwnerReferences = nil },
			func(r *record.Pod) { r.Owner = "" },
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

func TestWhosePodsAre(t *testing.T) {
	labelled := map[string]string{"app": "nginx", "job": "report"}
	for name, c := range map[string]struct {
		kind   string
		labels map[string]string
		owners []metav1.OwnerReference
		own    bool
		stray  bool
	}{
		"the workload's":                        {"Deployment", app, owned("ReplicaSet", "nginx01-rs", "rs"), true, false},
		"of a ReplicaSet not seen yet":          {"Deployment", app, owned("ReplicaSet", "nginx01-2", "rs-2"), true, false},
		"another's, behind the Service":         {"Deployment", labelled, owned("Job", "report", "job"), false, true},
		"another Deployment's":                  {"Deployment", labelled, owned("ReplicaSet", "another-rs", "rs-x"), false, true},
		"nobody's":                              {"Deployment", app, nil, false, true},
		"another's, and not behind the Service": {"Deployment", map[string]string{"job": "report"}, owned("Job", "report", "job"), false, false},
		"the set's":                             {"StatefulSet", app, owned("StatefulSet", "nginx01", "set"), true, false},
		"another set's":                         {"StatefulSet", app, owned("StatefulSet", "another", "set-x"), false, true},
		"a ReplicaSet's, for a set":             {"StatefulSet", app, owned("ReplicaSet", "nginx01-rs", "rs"), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			spec := spec
			spec.WorkloadKind = c.kind
			b := newBench(t, spec)
			b.service(serviceObject(asItIs))
			b.replicaSet(replicaSetObject("rs", "Deployment", "nginx01"))
			b.replicaSet(replicaSetObject("rs-x", "Deployment", "another"))
			b.news()
			p := podObject("a", "uid-a")
			p.Labels, p.OwnerReferences = c.labels, c.owners
			want := PodOf(p)
			want.Stray = c.stray
			own, strays := []record.Pod{}, []record.Pod{}
			b.pod(p)
			switch {
			case c.own:
				own = []record.Pod{want}
			case c.stray:
				strays = []record.Pod{want}
			}
			g.Expect(append([]record.Pod{}, b.Pods()...)).To(Equal(own))
			g.Expect(append([]record.Pod{}, b.Strays()...)).To(Equal(strays))
			b.event(eventObject("Pod", "a", "uid-a"))
			b.podGone(p)
			if !c.own && !c.stray {
				g.Expect(b.news()).To(BeEmpty())
				return
			}
			last := want
			last.Gone = true
			g.Expect(states(b.news())).To(Equal([]any{want, eventRecord("Pod/a", 1), last}))
		})
	}
}

func TestStraysAreBehindTheServiceAndNoEndpointsOfTheWorkload(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	worker := podObject("w", "uid-w")
	worker.Labels, worker.OwnerReferences = map[string]string{"app": "shop"}, owned("ReplicaSet", "worker-rs", "rs-w")
	b.pod(worker)
	b.pod(podObject("a", "uid-a"))
	b.slice(sliceObject("s", "nginx-svc", endpoint("a", "10.0.0.1"), endpoint("w", "10.0.0.2")))
	g.Expect(b.news()).To(HaveLen(2), "a, and both endpoints")

	b.service(serviceObject(func(s *corev1.Service) { s.Spec.Selector = map[string]string{"app": "shop"} }))
	g.Expect(b.news()).To(HaveLen(2), "the Service, and the worker that it selects")
	g.Expect(b.Strays()).To(HaveLen(1))
	g.Expect(b.Endpoints()).To(Equal(endpoints(endpointRecord("a", "10.0.0.1"))))

	b.replicaSet(replicaSetObject("rs", "Deployment", "another"))
	g.Expect(b.Pods()).To(BeEmpty(), "a is another's, as is known now")
	b.replicaSet(replicaSetObject("rs-w", "Deployment", "nginx01"))
	g.Expect(b.Pods()).To(HaveLen(1), "the workload has adopted it")
}
