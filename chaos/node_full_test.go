package chaos

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestNodeFull(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, podObject(victim.Name, victim.UID, "worker1"))
	filler := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "hagate-1", Name: "filler"}, Spec: corev1.PodSpec{Containers: []corev1.Container{
		{Name: "agent", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1800m")}}}}}}
	f := NodeFull{"worker1", victim, filler, resource.MustParse("1850m")}
	b.api.PrependReactor("create", "pods", func(a clienttest.Action) (bool, runtime.Object, error) {
		g.Expect(b.Journal.Pending()).To(HaveLen(1))
		p := a.(clienttest.CreateAction).GetObject().(*corev1.Pod).DeepCopy()
		p.Status.Phase = corev1.PodRunning
		return true, p, b.api.Tracker().Create(pods, p, p.Namespace)
	})
	inAll, deleted := "", false
	b.api.PrependReactor("delete", "pods", func(clienttest.Action) (bool, runtime.Object, error) {
		deleted = true
		return false, nil, nil
	})
	b.api.PrependReactor("patch", "pods", func(a clienttest.Action) (bool, runtime.Object, error) {
		g.Expect(a.GetSubresource()).To(Equal("resize"))
		g.Expect(deleted).To(BeFalse(), "the room is asked for before it is free")
		inAll = string(a.(clienttest.PatchAction).GetPatch())
		return true, filler, nil
	})
	there := func() bool {
		_, err := b.api.Tracker().Get(pods, "hagate-1", "filler")
		return !apierrors.IsNotFound(err)
	}

	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(inAll).To(MatchJSON(`{"spec":{"containers":[{"name":"agent","resources":{"requests":{"cpu":"1850m"}}}]}}`))
	g.Expect(b.faults[1].Evidence).To(ConsistOf(And(ContainSubstring("1800m"), ContainSubstring("1850m in all")), ContainSubstring("had left the API")))
	g.Expect(b.faults[1].Victims).To(Equal([]record.Victim{victim}))
	g.Expect(there()).To(BeTrue())
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(there()).To(BeFalse())
	g.Expect(b.Journal.Pending()).To(BeEmpty())

	deleted = false
	g.Expect(b.api.Tracker().Create(pods, podObject(victim.Name, victim.UID, "worker1"), "nginx")).To(Succeed())
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(b.Journal.Undo(b.ctx, Undoers(Reach{Client: b.api}))).To(Succeed())
	g.Expect(there()).To(BeFalse())
}

func TestFillerThatIsGoneIsSuccess(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t)
	g.Expect(removeFiller(b.ctx, b.api, map[string]string{"namespace": "hagate-1", "name": "filler"})).To(Succeed())
}
