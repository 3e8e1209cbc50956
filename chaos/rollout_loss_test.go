package chaos

import (
	"strings"
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
				evidence := strings.Join(b.faults[1].Evidence, "\n")
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
			g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ContainSubstring("told all 1 old Pods to go")))
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
