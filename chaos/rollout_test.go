package chaos

import (
	"testing"
	"testing/synctest"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/onsi/gomega"
)

func TestUnfinished(t *testing.T) {
	for want, edit := range map[string]func(*appsv1.Deployment){
		"": func(*appsv1.Deployment) {},
		"its newest version has not been looked at yet":                       func(d *appsv1.Deployment) { d.Generation = 2 },
		"of 3 replicas 4 exist, 3 are of the newest version, 3 are available": func(d *appsv1.Deployment) { d.Status.Replicas = 4 },
		"of 3 replicas 3 exist, 1 are of the newest version, 3 are available": func(d *appsv1.Deployment) { d.Status.UpdatedReplicas = 1 },
		"of 3 replicas 3 exist, 3 are of the newest version, 2 are available": func(d *appsv1.Deployment) { d.Status.AvailableReplicas = 2 },
	} {
		d := deployment(3)
		edit(d)
		NewWithT(t).Expect(unfinished(d)).To(Equal(want))
	}
}

func TestBrokenRolloutWaitsForAPodOfItsVersion(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, deployment(3))
	b.follows()
	b.newPods()
	for crashes, command := range map[bool][]string{false: {"sleep", "3600"}, true: {"false"}} {
		b.faults = nil
		f := BrokenRollout{Workload: web, Selector: "app=nginx", Crashes: crashes}
		g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
		g.Expect(b.faults[1].Evidence).To(ConsistOf(ContainSubstring("nginx/nginx01-new")))
		g.Expect(b.faults[0].Returns).To(BeTrue())
		g.Expect(now(g, b).Spec.Template.Spec.Containers[0].Command).To(Equal(command))
		g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
		g.Expect(now(g, b).Spec).To(Equal(deployment(3).Spec))
	}
}

// An image without the command is no broken version: nothing of it has run.
func TestBrokenRolloutOfAnImageWithoutTheCommand(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, deployment(3))
	b.follows()
	b.newPods(func(p *corev1.Pod) {
		// not by the client, which this is a reaction of
		o, err := b.api.Tracker().Get(appsv1.SchemeGroupVersion.WithResource("deployments"), "nginx", "nginx01")
		g.Expect(err).NotTo(HaveOccurred())
		if o.(*appsv1.Deployment).Spec.Template.Spec.Containers[0].Image != "agent:1" {
			p.Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
			p.Status.ContainerStatuses[0].LastTerminationState = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "StartError", Message: "exec: sleep: not found", ExitCode: 128}}
		}
	})
	f := BrokenRollout{Workload: web, Selector: "app=nginx", Agent: "agent:1"}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	c := now(g, b).Spec.Template.Spec.Containers[0]
	g.Expect(c.Image).To(Equal("agent:1"))
	g.Expect(c.Command).To(Equal([]string{"/agent", "idle", "1h"}))
	g.Expect(b.faults[1].Evidence).To(ConsistOf(And(ContainSubstring("load agent's image"), ContainSubstring("nginx/nginx01-new of it had run"))))
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(now(g, b).Spec).To(Equal(deployment(3).Spec))
}

func TestRan(t *testing.T) {
	g := NewWithT(t)
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	terminated := func(reason string, code int32) corev1.ContainerState {
		return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: reason, ExitCode: code}}
	}
	waiting := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "PodInitializing"}}
	of := func(init []corev1.ContainerStatus, own ...corev1.ContainerStatus) bool {
		return ran(corev1.Pod{Status: corev1.PodStatus{InitContainerStatuses: init, ContainerStatuses: own}})
	}
	g.Expect(of(nil)).To(BeFalse(), "no status yet")
	g.Expect(of(nil, corev1.ContainerStatus{State: running})).To(BeTrue())
	g.Expect(of(nil, corev1.ContainerStatus{State: running}, corev1.ContainerStatus{State: waiting})).To(BeFalse(), "one has not run")
	g.Expect(of(nil, corev1.ContainerStatus{State: terminated("Error", 1)})).To(BeTrue())
	g.Expect(of(nil, corev1.ContainerStatus{State: waiting, LastTerminationState: terminated("Completed", 0)})).To(BeTrue())
	g.Expect(of(nil, corev1.ContainerStatus{State: waiting, LastTerminationState: terminated("StartError", 128)})).To(BeFalse())
	g.Expect(of([]corev1.ContainerStatus{{State: running}}, corev1.ContainerStatus{State: waiting})).To(BeFalse(), "init containers are at it")
	g.Expect(of([]corev1.ContainerStatus{{State: terminated("Completed", 0)}}, corev1.ContainerStatus{State: waiting})).To(BeFalse())
	g.Expect(of([]corev1.ContainerStatus{{State: terminated("Error", 1)}}, corev1.ContainerStatus{State: waiting})).To(BeTrue(), "it says no before the rest may run")
}

// A StatefulSet waits for good for a Pod that does not become ready, also when it has been
// rolled back.
func TestStatefulSetIsFreed(t *testing.T) {
	g := NewWithT(t)
	set := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: "nginx01"},
		Spec: appsv1.StatefulSetSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "nginx"}}}}
	pod := func(name, version string, ready corev1.ConditionStatus) *corev1.Pod {
		p := podObject(name, "uid-"+name, "worker1")
		p.Labels = map[string]string{"app": "nginx"}
		if version != "" {
			p.Annotations = map[string]string{versionAnnotation: version}
		}
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: ready}}
		return p
	}
	b := newBench(t, set, pod("own", "", corev1.ConditionFalse), pod("stuck", "2", corev1.ConditionFalse), pod("serves", "2", corev1.ConditionTrue))
	o := Object{"StatefulSet", "nginx", "nginx01"}
	g.Expect(editTemplate(b.ctx, b.Env, o, func(t *corev1.PodTemplateSpec) error {
		t.Annotations = map[string]string{versionAnnotation: "2"}
		return nil
	})).To(Succeed())
	g.Expect(putBack(b.ctx, b.Env, o)).To(Succeed())
	g.Expect(b.deletes()).To(HaveLen(1))
	g.Expect(b.deletes()[0].Name).To(Equal("stuck"))
	g.Expect(b.deletes()[0].DeleteOptions.Preconditions.UID).To(HaveValue(BeEquivalentTo("uid-stuck")))
}

func TestWrongRollout(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, deployment(3))
	b.follows()
	b.newPods()
	f := WrongRollout{Workload: web, Selector: "app=nginx", Container: "nginx", Image: "agent:1", Command: []string{"/agent", "fail", "8080"}}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(b.faults[1].Evidence).To(ConsistOf(And(ContainSubstring("answers every request with 500"), ContainSubstring("nginx/nginx01-new"))))
	c := now(g, b).Spec.Template.Spec.Containers[0]
	g.Expect(c.Image).To(Equal("agent:1"))
	g.Expect(c.Command).To(Equal(f.Command))
	g.Expect(c.Lifecycle).To(BeNil())
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(now(g, b).Spec).To(Equal(deployment(3).Spec))

	f.Container = "another"
	g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ContainSubstring("there is no container another")))
}

// What cannot run answers nothing: that is the harness's failure, and it says why.
func TestWrongRolloutThatDoesNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		b := newBench(t, deployment(3))
		b.follows()
		b.newPods(func(p *corev1.Pod) {
			p.Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull"}}
		})
		f := WrongRollout{Workload: web, Selector: "app=nginx", Container: "nginx", Image: "agent:1"}
		g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(And(ContainSubstring("ErrImagePull"), ContainSubstring("not within 2m0s"))))
	})
}

func TestAsNobody(t *testing.T) {
	g := NewWithT(t)
	yes, no, one := true, false, int64(1)
	user := func(pod *corev1.PodSecurityContext, own *corev1.SecurityContext) *int64 {
		c := corev1.Container{SecurityContext: own}
		asNobody(pod, &c)
		if c.SecurityContext == nil {
			return nil
		}
		return c.SecurityContext.RunAsUser
	}
	g.Expect(user(nil, nil)).To(BeNil())
	g.Expect(user(&corev1.PodSecurityContext{RunAsNonRoot: &yes}, nil)).To(HaveValue(BeEquivalentTo(nobody)))
	g.Expect(user(nil, &corev1.SecurityContext{RunAsNonRoot: &yes})).To(HaveValue(BeEquivalentTo(nobody)))
	g.Expect(user(&corev1.PodSecurityContext{RunAsNonRoot: &yes}, &corev1.SecurityContext{RunAsNonRoot: &no})).To(BeNil())
	g.Expect(user(&corev1.PodSecurityContext{RunAsNonRoot: &yes, RunAsUser: &one}, nil)).To(BeNil())
	g.Expect(user(&corev1.PodSecurityContext{RunAsNonRoot: &yes}, &corev1.SecurityContext{RunAsUser: &one})).To(HaveValue(BeEquivalentTo(1)))
}
