package target

import (
	"context"
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"
)

func owned(u *unstructured.Unstructured, apiVersion, kind, owner string) *unstructured.Unstructured {
	yes := true
	u.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: apiVersion, Kind: kind, Name: owner, UID: types.UID(owner), Controller: &yes}})
	return u
}

func terminating(u *unstructured.Unstructured) *unstructured.Unstructured {
	now := metav1.Now()
	u.SetDeletionTimestamp(&now)
	return u
}

func app(u *unstructured.Unstructured) *unstructured.Unstructured {
	u.SetAPIVersion("apps/v1")
	return u
}

// deletions notes what is asked of a's cluster, and does it.
func deletions(a *api) *[]string {
	var list []string
	a.client.(*dynamicfake.FakeDynamicClient).PrependReactor("delete", "*", func(action clienttesting.Action) (bool, runtime.Object, error) {
		d := action.(clienttesting.DeleteActionImpl)
		what := d.Resource.Resource + " " + d.Name
		if g := d.DeleteOptions.GracePeriodSeconds; g != nil {
			what += fmt.Sprintf(" grace %d, uid %s", *g, *d.DeleteOptions.Preconditions.UID)
		}
		list = append(list, what)
		return false, nil, nil
	})
	return &list
}

func TestBeginRemoval(t *testing.T) {
	g := NewWithT(t)
	web := Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "web"}
	a := fakeAPI(t, object("Namespace", "", "shop", mine), app(object("Deployment", "shop", "web", mine)),
		owned(app(object("ReplicaSet", "shop", "web-1", nil)), "apps/v1", "Deployment", "web"),
		owned(terminating(object("Pod", "shop", "web-1-a", nil)), "apps/v1", "ReplicaSet", "web-1"),
		owned(terminating(object("Pod", "shop", "web-1-b", nil)), "apps/v1", "ReplicaSet", "web-1"),
		object("Pod", "shop", "client", nil),
	)
	asked := deletions(a)
	a.beginRemoval(t.Context(), []Object{namespaceShop, web})
	g.Expect(*asked).To(Equal([]string{"deployments web", "pods web-1-a grace 1, uid web-1-a", "pods web-1-b grace 1, uid web-1-b",
		"pods client grace 1, uid client", "namespaces shop"}))
}

func TestBeginRemovalWhereTheNamespaceIsSomebodyElses(t *testing.T) {
	g := NewWithT(t)
	web := Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "web"}
	a := fakeAPI(t, object("Namespace", "", "shop", nil), app(object("Deployment", "shop", "web", mine)),
		terminating(object("Pod", "shop", "somebody-elses", nil)),
	)
	asked := deletions(a)
	a.beginRemoval(t.Context(), []Object{namespaceShop, web})
	g.Expect(*asked).To(Equal([]string{"deployments web"}))
}

func TestHurryLeavesPodsThatNobodyDeleted(t *testing.T) {
	a := fakeAPI(t, owned(object("Pod", "shop", "web-0", nil), "apps/v1", "StatefulSet", "web"))
	asked := deletions(a)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	a.hurry(ctx, &doomed{object: Object{APIVersion: "apps/v1", Kind: "StatefulSet", Namespace: "shop", Name: "web"}, uid: "web"})
	NewWithT(t).Expect(*asked).To(BeEmpty())
}
