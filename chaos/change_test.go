package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

var web = Object{"Deployment", "nginx", "nginx01"}

// deployment is rolled out with n replicas.
func deployment(n int32) *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: "nginx01", UID: "d"},
		Spec: appsv1.DeploymentSpec{Replicas: &n, Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{
			{Name: "nginx", Image: "nginx:1", Command: []string{"nginx"}, Lifecycle: &corev1.Lifecycle{}}}}}},
		Status: appsv1.DeploymentStatus{Replicas: n, UpdatedReplicas: n, AvailableReplicas: n, ReadyReplicas: n},
	}
}

func now(g Gomega, b *bench) *appsv1.Deployment {
	d, err := b.api.AppsV1().Deployments("nginx").Get(b.ctx, "nginx01", metav1.GetOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	return d
}

// follows has the API's status do at once what a spec declares.
func (b *bench) follows() {
	b.api.PrependReactor("patch", "deployments", func(a clienttest.Action) (bool, runtime.Object, error) {
		_, o, err := clienttest.ObjectReaction(b.api.Tracker())(a)
		if err != nil {
			return true, nil, err
		}
		d := o.(*appsv1.Deployment)
		n := *d.Spec.Replicas
		d.Status = appsv1.DeploymentStatus{Replicas: n, UpdatedReplicas: n, AvailableReplicas: n, ReadyReplicas: n}
		return true, d, b.api.Tracker().Update(appsv1.SchemeGroupVersion.WithResource("deployments"), d, "nginx")
	})
}

func TestChangesArePutBackWhole(t *testing.T) {
	broken := func(t *corev1.PodTemplateSpec) error {
		t.Annotations = map[string]string{versionAnnotation: "2"}
		t.Spec.Containers[0].Command, t.Spec.Containers[0].Lifecycle = []string{"sleep", "1"}, nil
		return nil
	}
	for name, undo := range map[string]func(*bench) error{
		"by the run":     func(b *bench) error { return putBack(b.ctx, b.Env, web) },
		"by a later one": func(b *bench) error { return b.Journal.Undo(b.ctx, Undoers(Reach{Client: b.api})) },
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t, deployment(3))
			before := now(g, b).Spec
			g.Expect(editTemplate(b.ctx, b.Env, web, broken)).To(Succeed())
			g.Expect(now(g, b).Spec.Template.Spec.Containers[0].Command).To(Equal([]string{"sleep", "1"}))
			g.Expect(now(g, b).Spec.Template.Spec.Containers[0].Image).To(Equal("nginx:1"), "what was not edited stays")
			g.Expect(setReplicas(b.ctx, b.Env, web, 6)).To(Succeed())
			g.Expect(*now(g, b).Spec.Replicas).To(BeEquivalentTo(6))
			g.Expect(b.Journal.Pending()).To(HaveLen(2))

			g.Expect(undo(b)).To(Succeed())
			g.Expect(now(g, b).Spec).To(Equal(before))
			g.Expect(b.Journal.Pending()).To(BeEmpty())
		})
	}
}

func TestChangeIsNotMadeThatCannotBeUndone(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, deployment(3))
	b.Journal.Close()
	g.Expect(setReplicas(b.ctx, b.Env, web, 6)).To(MatchError(ContainSubstring("writing the journal before changing Deployment nginx/nginx01")))
	g.Expect(b.wrote()).To(BeFalse())
}

func TestUndoOfAChangeOfWhatIsGone(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, deployment(3))
	g.Expect(setReplicas(b.ctx, b.Env, web, 6)).To(Succeed())
	g.Expect(b.api.AppsV1().Deployments("nginx").Delete(b.ctx, "nginx01", metav1.DeleteOptions{})).To(Succeed())
	g.Expect(b.Journal.Undo(b.ctx, Undoers(Reach{Client: b.api}))).To(Succeed())
	g.Expect(b.Journal.Pending()).To(BeEmpty())
}

func TestRolloutAndScaleAreTakenBack(t *testing.T) {
	for _, f := range []Fault{Rollout{Workload: web, Victims: []record.Victim{victim}}, Scale{Workload: web, Replicas: 6, Before: 3}} {
		t.Run(f.Name(), func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t, deployment(3))
			b.follows()
			before := now(g, b).Spec
			g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
			g.Expect(now(g, b).Spec).NotTo(Equal(before))
			g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
			g.Expect(now(g, b).Spec).To(Equal(before))
			g.Expect(b.states()).To(Equal([]string{record.Injecting, record.Injected, record.Reverting, record.Reverted}))
			g.Expect(b.faults[1].Evidence).To(HaveLen(1))
		})
	}
}

func TestScaleGoesInSteps(t *testing.T) {
	for _, c := range []struct {
		f        Scale
		up, down []int
	}{
		{Scale{Before: 3, Replicas: 6}, []int{6}, []int{4}},
		{Scale{Before: 3, Replicas: 4}, []int{4}, nil},
		{Scale{Before: 3, Replicas: 20, Step: 6}, []int{9, 15, 20}, []int{14, 8, 4}},
		{Scale{Before: 3, Replicas: 9, Step: 6}, []int{9}, []int{4}},
		{Scale{Before: 3, Replicas: 4, Step: 6}, []int{4}, nil},
	} {
		g := NewWithT(t)
		g.Expect(c.f.up()).To(Equal(c.up))
		g.Expect(c.f.down()).To(Equal(c.down))
	}
}

func TestScaleIsTakenBackFromWhereItCameTo(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, deployment(3))
	b.follows()
	f := Scale{Workload: web, Replicas: 20, Before: 3, Step: 6}
	g.Expect(f.shrink(b.ctx, b.Env)).To(Succeed())
	g.Expect(b.wrote()).To(BeFalse(), "nothing was declared")

	var declared []int32
	b.api.PrependReactor("patch", "deployments", func(a clienttest.Action) (bool, runtime.Object, error) {
		var patch appsv1.Deployment
		g.Expect(json.Unmarshal(a.(clienttest.PatchAction).GetPatch(), &patch)).To(Succeed())
		declared = append(declared, *patch.Spec.Replicas)
		return false, nil, nil
	})
	g.Expect(f.declare(b.ctx, b.Env, 9)).To(Succeed())
	g.Expect(f.declare(b.ctx, b.Env, 15)).To(Succeed())
	g.Expect(b.Journal.Pending()).To(HaveLen(1), "as it was before")
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(declared).To(Equal([]int32{9, 15, 14, 8, 4, 3}), "never up again")
	g.Expect(b.Journal.Pending()).To(BeEmpty())
}

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

func TestConfigChangesArePutBack(t *testing.T) {
	config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: "conf"}, Data: map[string]string{"a.conf": "a", "b.conf": "b"}}
	o := Object{"ConfigMap", "nginx", "conf"}
	for _, f := range []Fault{
		ConfigChange{Workload: web, Config: o, Key: "a.conf", Comment: "# new"},
		BrokenConfig{Workload: web, Config: o, Key: "a.conf"},
	} {
		t.Run(f.Name(), func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t, deployment(3), config.DeepCopy())
			b.follows()
			b.newPods()
			data := func() map[string]string {
				c, err := b.api.CoreV1().ConfigMaps("nginx").Get(b.ctx, "conf", metav1.GetOptions{})
				g.Expect(err).NotTo(HaveOccurred())
				return c.Data
			}
			g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
			g.Expect(data()["a.conf"]).NotTo(Equal("a"))
			g.Expect(data()["b.conf"]).To(Equal("b"))
			g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
			g.Expect(data()).To(Equal(config.Data))
			g.Expect(now(g, b).Spec).To(Equal(deployment(3).Spec))
		})
	}
	g := NewWithT(t)
	b := newBench(t, deployment(3), config.DeepCopy())
	g.Expect(ConfigChange{Workload: web, Config: o, Key: "c.conf"}.Inject(b.ctx, b.Env)).To(MatchError(ContainSubstring(`it has no key "c.conf"`)))
	g.Expect(b.Journal.Pending()).To(BeEmpty())
}

func TestPodRelabel(t *testing.T) {
	g := NewWithT(t)
	pod := podObject(victim.Name, victim.UID, "worker1")
	pod.Labels = map[string]string{"app": "nginx", "tier": "web", "note": "mine"}
	b := newBench(t, deployment(3), pod)
	f := PodRelabel{victim, web, "app=nginx,tier=web"}
	labels := func() map[string]string {
		p, err := b.api.CoreV1().Pods("nginx").Get(b.ctx, victim.Name, metav1.GetOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		return p.Labels
	}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(labels()).To(Equal(map[string]string{"app": "nginx-inspected", "tier": "web-inspected", "note": "mine"}))
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(labels()).To(Equal(map[string]string{"app": "nginx", "tier": "web", "note": "mine"}))
	g.Expect(b.Journal.Pending()).To(BeEmpty())
}

func TestReplicaSetDelete(t *testing.T) {
	set := func(owner string) *appsv1.ReplicaSet {
		return &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: "nginx01", UID: "rs", OwnerReferences: []metav1.OwnerReference{
			{Kind: "Deployment", Name: owner, Controller: new(true)}}}}
	}
	f := ReplicaSetDelete{web, []record.Victim{victim}}

	g := NewWithT(t)
	b := newBench(t, podObject(victim.Name, victim.UID, "worker1"), set("nginx01"))
	b.api.PrependReactor("delete", "replicasets", func(clienttest.Action) (bool, runtime.Object, error) {
		return false, nil, b.api.Tracker().Delete(pods, "nginx", victim.Name)
	})
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	options := b.deletes()[0].DeleteOptions
	g.Expect(*options.PropagationPolicy).To(Equal(metav1.DeletePropagationBackground))
	g.Expect(*options.Preconditions.UID).To(Equal(types.UID("rs")))

	b = newBench(t, podObject(victim.Name, victim.UID, "worker1"), set("another"))
	g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ContainSubstring("somebody else's")))
	g.Expect(b.deletes()).To(BeEmpty())
}

func TestPodFreeze(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t)
	host := &fakeNode{}
	b.NodeExec = host.exec
	f := PodFreeze{victim}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(host.log).To(ContainElement(`worker1: sh -c kill -STOP "$@" sh 4001 4002`))
	g.Expect(b.Journal.Pending()).To(HaveLen(1))
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(host.log[len(host.log)-1]).To(Equal(`worker1: sh -c kill -CONT "$@" sh 4001 4002`))
	g.Expect(b.Journal.Pending()).To(BeEmpty())

	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	host.noneRuns = true // the Pod has gone meanwhile
	g.Expect(b.Journal.Undo(b.ctx, Undoers(Reach{NodeExec: host.exec}))).To(Succeed())
	g.Expect(b.Journal.Pending()).To(BeEmpty())

	b.NodeExec = nil
	g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
}

func TestPodCrash(t *testing.T) {
	g := NewWithT(t)
	pod := podObject(victim.Name, victim.UID, "worker1")
	status := func(restarts int32) {
		p := pod.DeepCopy()
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{RestartCount: restarts, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
		pod = p
	}
	status(2)
	b := newBench(t, pod)
	host := &fakeNode{}
	b.NodeExec = func(ctx context.Context, node string, args ...string) ([]byte, error) {
		out, err := host.exec(ctx, node, args...)
		if strings.Contains(strings.Join(args, " "), "kill -KILL") {
			status(3)
			return out, b.api.Tracker().Update(pods, pod, "nginx")
		}
		return out, err
	}
	f := PodCrash{victim}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(host.log).To(ContainElement(`worker1: sh -c kill -KILL "$@" sh 4001 4002`))
	g.Expect(b.faults[1].Evidence).To(ConsistOf(ContainSubstring("started it again")))
	g.Expect(b.deletes()).To(BeEmpty())
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	b.NodeExec = nil
	g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
}

func TestPodLiveness(t *testing.T) {
	g := NewWithT(t)
	pod := podObject(victim.Name, victim.UID, "worker1")
	status := func(restarts int32) {
		p := pod.DeepCopy()
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{RestartCount: restarts, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
		pod = p
	}
	status(2)
	b := newBench(t, pod)
	host := &fakeNode{}
	b.NodeExec = func(ctx context.Context, node string, args ...string) ([]byte, error) {
		out, err := host.exec(ctx, node, args...)
		if strings.Contains(strings.Join(args, " "), "kill -STOP") {
			g.Expect(b.Journal.Pending()).To(HaveLen(1))
			status(3)
			return out, b.api.Tracker().Update(pods, pod, "nginx")
		}
		return out, err
	}
	f := PodLiveness{victim}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(b.faults[0].Returns).To(BeTrue())
	g.Expect(b.faults[1].Evidence).To(ConsistOf(And(ContainSubstring("got SIGSTOP"), ContainSubstring("started it again"))))
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(host.log[len(host.log)-1]).To(ContainSubstring("kill -CONT"), "for what no liveness probe covers")
	g.Expect(b.Journal.Pending()).To(BeEmpty())
	b.NodeExec = nil
	g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
}

func TestNodeReboot(t *testing.T) {
	for _, c := range []struct {
		how    string
		after  func(*bench, *corev1.Pod) error
		proven string
	}{
		{"in place", func(b *bench, p *corev1.Pod) error {
			p.Status.ContainerStatuses[0].RestartCount++
			return b.api.Tracker().Update(pods, p, "nginx")
		}, "nginx/nginx01-a (uid uid-a) had been started again"},
		{"replaced", func(b *bench, p *corev1.Pod) error {
			return b.api.Tracker().Delete(pods, "nginx", p.Name)
		}, "nginx/nginx01-a (uid uid-a) had been given up"},
	} {
		t.Run(c.how, func(t *testing.T) {
			g := NewWithT(t)
			pod := podObject(victim.Name, victim.UID, "worker1")
			pod.Status.ContainerStatuses = []corev1.ContainerStatus{{RestartCount: 2, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
			host := nodeObject("worker1", false)
			host.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
			b := newBench(t, pod, host)
			var log []bool
			b.Power = func(_ context.Context, _ string, on bool) error {
				g.Expect(b.Journal.Pending()).To(HaveLen(1))
				log = append(log, on)
				if on {
					return c.after(b, pod.DeepCopy())
				}
				return nil
			}
			f := NodeReboot{"worker1", []record.Victim{victim}}
			g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
			g.Expect(log).To(Equal([]bool{false, true}))
			g.Expect(b.Journal.Pending()).To(BeEmpty())
			g.Expect(b.faults[0].Returns).To(BeTrue())
			g.Expect(b.faults[1].Evidence).To(ConsistOf(ContainSubstring("was powered off"), ContainSubstring(c.proven)))
			g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
			g.Expect(log).To(HaveLen(2))
		})
	}
}

func TestNodeJoin(t *testing.T) {
	start := func(g *WithT) (*bench, NodeJoin, *[]string) {
		old := nodeObject("worker1", false)
		old.Labels = map[string]string{"disk": "ssd"}
		old.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
		b := newBench(t, old, deployment(3))
		b.follows()
		b.evicting(nil)
		var log []string
		b.NodeExec = func(_ context.Context, _ string, args ...string) ([]byte, error) {
			log = append(log, strings.Join(args, " "))
			if args[1] == "start" {
				fresh := nodeObject("worker1", false)
				fresh.UID = "uid-fresh"
				fresh.Status.Conditions = old.Status.Conditions
				g.Expect(b.api.Tracker().Create(corev1.SchemeGroupVersion.WithResource("nodes"), fresh, "")).To(Succeed())
			}
			return nil, nil
		}
		return b, NodeJoin{Node: "worker1", Victims: []record.Victim{victim}, Scale: Scale{Workload: web, Replicas: 6, Before: 3}}, &log
	}
	joined := func(g Gomega, b *bench) {
		n, err := b.api.CoreV1().Nodes().Get(b.ctx, "worker1", metav1.GetOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(string(n.UID)).To(Equal("uid-fresh"))
		g.Expect(n.Labels).To(HaveKeyWithValue("disk", "ssd"), "what was written on the old one is on the new one")
		g.Expect(b.Journal.Pending()).To(BeEmpty())
		g.Expect(*now(g, b).Spec.Replicas).To(BeEquivalentTo(3))
	}
	t.Run("to its end", func(t *testing.T) {
		g := NewWithT(t)
		b, f, log := start(g)
		g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
		g.Expect(*log).To(Equal([]string{"systemctl stop kubelet", "systemctl start kubelet"}))
		g.Expect(*now(g, b).Spec.Replicas).To(BeEquivalentTo(6))
		g.Expect(b.faults[1].Replicas).To(Equal(6))
		g.Expect(b.faults[1].Evidence).To(HaveLen(4), "cordoned, left, joined, scaled")
		g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
		joined(g, b)
	})
	t.Run("cut short when the node has left", func(t *testing.T) {
		g := NewWithT(t)
		b, f, log := start(g)
		old, err := b.api.CoreV1().Nodes().Get(b.ctx, "worker1", metav1.GetOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		_, err = cordon(b.ctx, b.Env, old)
		g.Expect(err).NotTo(HaveOccurred())
		_, err = f.leave(b.ctx, b.Env, old)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(*log).To(Equal([]string{"systemctl stop kubelet"}))
		g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
		joined(g, b)
	})
}

func TestNodeDown(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, nodeObject("worker1", false))
	nodes := corev1.SchemeGroupVersion.WithResource("nodes")
	var log []bool
	refused := errors.New("the engine is away")
	var err error
	b.Power = func(_ context.Context, node string, on bool) error {
		g.Expect(node).To(Equal("worker1"))
		log = append(log, on)
		if err != nil {
			return err
		}
		n := nodeObject("worker1", false)
		status := corev1.ConditionUnknown
		if on {
			status = corev1.ConditionTrue
		}
		n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status}}
		return b.api.Tracker().Update(nodes, n, "")
	}
	f := NodeDown{"worker1", []record.Victim{victim}}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(log).To(Equal([]bool{false, true}))
	g.Expect(b.Journal.Pending()).To(BeEmpty())

	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	err = refused
	undo := Undoers(Reach{Power: b.Power})
	g.Expect(b.Journal.Undo(b.ctx, undo)).To(MatchError(refused))
	g.Expect(b.Journal.Pending()).To(HaveLen(1))
	err = nil
	g.Expect(b.Journal.Undo(b.ctx, undo)).To(Succeed())
	g.Expect(b.Journal.Pending()).To(BeEmpty())

	b.Power = nil
	g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
}

func TestCommandsOnNodesAreTakenBack(t *testing.T) {
	for _, c := range []struct {
		fault    Fault
		do, undo string
	}{
		{ComponentDown{"worker1", "etcd"}, "mv /etc/kubernetes/manifests/etcd.yaml /etc/kubernetes/hagate-etcd.yaml",
			`sh -c if [ -e "$1" ]; then mv "$1" "$2"; fi sh /etc/kubernetes/hagate-etcd.yaml /etc/kubernetes/manifests/etcd.yaml`},
		{UnitDown{Node: "worker1", Unit: "kubelet"}, "systemctl stop kubelet", "systemctl start kubelet"},
		{NodeCut{Node: "worker1"}, `sh -c echo "$1" | nft -f - sh ` + cutRules,
			"sh -c if nft list table inet hagate >/dev/null 2>&1; then nft delete table inet hagate; fi"},
	} {
		t.Run(c.fault.Name(), func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t, nodeObject("worker1", false))
			var log []string
			b.NodeExec = func(_ context.Context, node string, args ...string) ([]byte, error) {
				line := strings.Join(args, " ")
				if !strings.HasPrefix(line, "crictl") {
					log = append(log, line)
				}
				return nil, nil
			}
			g.Expect(c.fault.Inject(b.ctx, b.Env)).To(Succeed())
			g.Expect(log).To(Equal([]string{c.do}))
			g.Expect(b.Journal.Pending()).To(HaveLen(1))
			g.Expect(b.Journal.Undo(b.ctx, Undoers(Reach{}))).To(MatchError(ErrOutOfReach))
			g.Expect(b.Journal.Undo(b.ctx, Undoers(Reach{NodeExec: b.NodeExec}))).To(Succeed())
			g.Expect(log).To(Equal([]string{c.do, c.undo}))
			g.Expect(b.Journal.Pending()).To(BeEmpty())

			b.NodeExec = nil
			g.Expect(c.fault.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
		})
	}
}

func TestBlockedDrainPutsTheBudgetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		two := intstr.FromInt32(2)
		budget := &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: "web"}, Spec: policyv1.PodDisruptionBudgetSpec{MinAvailable: &two}}
		b := newBench(t, nodeObject("worker1", false), podObject(victim.Name, victim.UID, "worker1"), budget)
		b.evicting(func() error {
			now, err := b.api.Tracker().Get(policyv1.SchemeGroupVersion.WithResource("poddisruptionbudgets"), "nginx", "web")
			if err == nil && now.(*policyv1.PodDisruptionBudget).Spec.MinAvailable.String() == "100%" {
				return apierrors.NewTooManyRequests("the budget allows none", 0)
			}
			return err
		})
		f := BlockedDrain{NodeDrain{"worker1", []record.Victim{victim}}, "web", 50 * time.Millisecond}
		g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
		g.Expect(strings.Join(b.faults[1].Evidence, "\n")).To(And(ContainSubstring("allowed no eviction"), ContainSubstring("still waited"), ContainSubstring("was evicted at")))
		g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
		g.Expect(cordoned(g, b, "worker1")).To(BeFalse())
		spec, err := b.api.PolicyV1().PodDisruptionBudgets("nginx").Get(b.ctx, "web", metav1.GetOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(*spec.Spec.MinAvailable).To(Equal(two))
	})
}
