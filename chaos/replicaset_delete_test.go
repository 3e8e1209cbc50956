package chaos

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

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
