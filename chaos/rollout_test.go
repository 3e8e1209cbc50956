package chaos

import (
	"testing"
	"testing/synctest"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

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
		g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(And(ContainSubstring("ErrImagePull"), ContainSubstring("not within 1m0s"))))
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
