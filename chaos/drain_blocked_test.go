package chaos

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	. "github.com/onsi/gomega"

	"hagate/record"
)

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
		g.Expect(fmt.Sprint(b.faults[1].Evidence)).To(And(ContainSubstring("allowed no eviction"), ContainSubstring("was still waiting"), ContainSubstring("was evicted at")))
		g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
		g.Expect(cordoned(g, b, "worker1")).To(BeFalse())
		spec, err := b.api.PolicyV1().PodDisruptionBudgets("nginx").Get(b.ctx, "web", metav1.GetOptions{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(*spec.Spec.MinAvailable).To(Equal(two))
	})
}
