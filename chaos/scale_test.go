package chaos

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestRolloutAndScaleAreTakenBack(t *testing.T) {
	for _, f := range []Fault{Rollout{Workload: web, Victims: []record.Victim{victim}}, Scale{Workload: web, Replicas: 6, Before: 3}} {
		t.Run(f.Declares().Name, func(t *testing.T) {
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

// Pods that found no node are not waited for on the way back.
func TestScaleIsTakenBackFromWhatServes(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, deployment(3))
	var declared []int32
	b.api.PrependReactor("patch", "deployments", func(a clienttest.Action) (bool, runtime.Object, error) {
		_, o, err := clienttest.ObjectReaction(b.api.Tracker())(a)
		g.Expect(err).NotTo(HaveOccurred())
		d := o.(*appsv1.Deployment)
		n := *d.Spec.Replicas
		declared = append(declared, n)
		placed := min(n, 10) // so many have room
		d.Status = appsv1.DeploymentStatus{Replicas: n, UpdatedReplicas: n, AvailableReplicas: placed, ReadyReplicas: placed}
		return true, d, b.api.Tracker().Update(appsv1.SchemeGroupVersion.WithResource("deployments"), d, "nginx")
	})
	f := Scale{Workload: web, Replicas: 20, Before: 3, Step: 6}
	g.Expect(setReplicas(b.ctx, b.Env, web, 15)).To(Succeed())
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(declared).To(Equal([]int32{15, 8, 4, 3}))
}

// One that no node takes for long ends the fault; one that waits now and then does not.
func TestScaleGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		waits  func(second int) bool
		blocks bool
	}{
		"no node takes it": {func(int) bool { return true }, true},
		"now and then":     {func(second int) bool { return second%10 != 0 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				b := newBench(t, deployment(3))
				began := time.Now()
				b.api.PrependReactor("list", "pods", func(clienttest.Action) (bool, runtime.Object, error) {
					p := podObject(victim.Name, victim.UID, "")
					if c.waits(int(time.Since(began).Seconds())) {
						p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable}}
					}
					return true, &corev1.PodList{Items: []corev1.Pod{*p}}, nil
				})
				ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
				defer cancel()
				err := Scale{Workload: web, Replicas: 6, Before: 3}.Inject(ctx, b.Env)
				g.Expect(Blocked(err) != nil).To(Equal(c.blocks), "%v", err)
				g.Expect(err).To(MatchError(ContainSubstring("of 6 replicas")))
				g.Expect(time.Since(began) < time.Minute).To(Equal(c.blocks))
				g.Expect(b.states()).To(Equal([]string{record.Injecting}), "what it means is the caller's to say")
			})
		})
	}
}
