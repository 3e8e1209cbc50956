package chaos

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// newPods has the API list a Pod of the workload's newest version beside the victim.
func (b *bench) newPods(edits ...func(*corev1.Pod)) {
	b.api.PrependReactor("list", "pods", func(clienttest.Action) (bool, runtime.Object, error) {
		o, err := b.api.Tracker().Get(appsv1.SchemeGroupVersion.WithResource("deployments"), "nginx", "nginx01")
		if err != nil {
			return true, nil, err
		}
		p := podObject("nginx01-new", "uid-new", "worker2")
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "nginx", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
		p.Annotations = o.(*appsv1.Deployment).Spec.Template.Annotations
		for _, edit := range edits {
			edit(p)
		}
		return true, &corev1.PodList{Items: []corev1.Pod{*podObject(victim.Name, victim.UID, "worker1"), *p}}, nil
	})
}

func TestRolloutLoss(t *testing.T) {
	for _, evict := range []bool{false, true} {
		f := RolloutLoss{Rollout: Rollout{Workload: web, Victims: []record.Victim{victim}}, Evict: evict}
		t.Run(f.Declares().Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				b := newBench(t, deployment(3), podObject(victim.Name, victim.UID, "worker1"))
				b.follows()
				b.newPods()
				b.NodeExec = (&fakeNode{}).exec
				refused := 0
				b.api.PrependReactor("create", "pods", func(a clienttest.Action) (bool, runtime.Object, error) {
					if a.GetSubresource() != "eviction" {
						return false, nil, nil
					}
					if refused++; refused == 1 {
						return true, nil, apierrors.NewTooManyRequests("the budget allows none", 0)
					}
					return true, nil, nil
				})
				before := now(g, b).Spec
				g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
				evidence := fmt.Sprint(b.faults[1].Evidence)
				if evict {
					g.Expect(evidence).To(ContainSubstring("was evicted at"))
					g.Expect(evidence).To(ContainSubstring("(asked 2×)"))
				} else {
					g.Expect(evidence).To(ContainSubstring("SIGKILL"))
				}
				g.Expect(evidence).To(And(ContainSubstring("Pod nginx/nginx01-new of it was there"), ContainSubstring("rolled out at")))
				g.Expect(b.states()).To(Equal([]string{record.Injecting, record.Injected}), "one fault, not two")
				g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
				g.Expect(now(g, b).Spec).To(Equal(before))
			})
		})
	}
}

// TestRolloutLossComesTooLate has the rollout take the only old Pod first: then losing it
// shows nothing.
func TestRolloutLossComesTooLate(t *testing.T) {
	for _, evict := range []bool{false, true} {
		f := RolloutLoss{Rollout: Rollout{Workload: web, Victims: []record.Victim{victim}}, Evict: evict}
		t.Run(f.Declares().Name, func(t *testing.T) {
			g := NewWithT(t)
			leaving := podObject(victim.Name, victim.UID, "worker1")
			leaving.DeletionTimestamp, leaving.Finalizers = new(metav1.Now()), []string{"hagate.dev/test"}
			b := newBench(t, deployment(3), leaving)
			b.follows()
			b.newPods()
			host := &fakeNode{}
			b.NodeExec = host.exec
			before := now(g, b).Spec
			g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ContainSubstring("asked all 1 old Pods to terminate")))
			g.Expect(b.deletes()).To(BeEmpty())
			g.Expect(host.log).NotTo(ContainElement(ContainSubstring("kill")))
			g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
			g.Expect(now(g, b).Spec).To(Equal(before))
		})
	}
}

func TestSlowRollout(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, deployment(3))
	b.follows()
	before := now(g, b).Spec
	f := Rollout{Workload: web, Slow: 10 * time.Second}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	c := now(g, b).Spec.Template.Spec.Containers[0]
	g.Expect(c.Command).To(Equal([]string{"sh", "-c", `sleep 10; exec "$0" "$@"`}))
	g.Expect(c.Args).To(Equal([]string{"nginx"}))
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(now(g, b).Spec).To(Equal(before))

	bare := deployment(3)
	bare.Spec.Template.Spec.Containers[0].Command = nil
	b = newBench(t, bare)
	g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ContainSubstring("container nginx names no command")))
	g.Expect(b.Journal.Pending()).To(BeEmpty())
}

// A budget may have an eviction wait until the rollout has ended; one that grants none then
// either is the service's.
func TestEvictionWaitsForTheRollout(t *testing.T) {
	for _, granted := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			g := NewWithT(t)
			f := RolloutLoss{Rollout: Rollout{Workload: web, Victims: []record.Victim{victim}}, Evict: true}
			b := newBench(t, deployment(3), podObject(victim.Name, victim.UID, "worker1"))
			b.follows()
			b.newPods()
			told := false
			b.api.PrependReactor("get", "pods", func(clienttest.Action) (bool, runtime.Object, error) {
				p := podObject(victim.Name, victim.UID, "worker1")
				if told {
					p.DeletionTimestamp = new(metav1.Now())
				}
				return true, p, nil
			})
			b.api.PrependReactor("create", "pods", func(a clienttest.Action) (bool, runtime.Object, error) {
				if a.GetSubresource() != "eviction" {
					return false, nil, nil
				}
				of := a.(clienttest.CreateAction).GetObject().(metav1.Object).GetName()
				if of == victim.Name || !granted {
					told = true
					return true, nil, answered(429, "Cannot evict pod as it would violate the pod's disruption budget.", budgetCause("The disruption budget web needs 3 healthy pods and has 3 currently"))
				}
				return true, nil, nil
			})
			ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
			defer cancel()
			err := f.Inject(ctx, b.Env)
			if granted {
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(fmt.Sprint(b.faults[1].Evidence)).To(ContainSubstring("Pod nginx/nginx01-new of the new version was evicted at"))
				return
			}
			g.Expect(Blocked(err)).NotTo(BeNil())
			g.Expect(err).To(MatchError(ContainSubstring("disruption budget web needs 3 healthy pods")))
		})
	}
}
