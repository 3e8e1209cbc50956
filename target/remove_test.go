package target

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"
)

func TestRemove(t *testing.T) {
	g := NewWithT(t)
	a := fakeAPI(t, object("Namespace", "", "shop", mine), object("Service", "shop", "web", map[string]string{managedLabel: "hagate"}))
	var deleted []string
	a.client.(*dynamicfake.FakeDynamicClient).PrependReactor("delete", "*", func(action clienttesting.Action) (bool, runtime.Object, error) {
		d := action.(clienttesting.DeleteActionImpl)
		deleted = append(deleted, d.Resource.Resource+" "+string(*d.DeleteOptions.PropagationPolicy)+" "+string(*d.DeleteOptions.Preconditions.UID))
		return false, nil, nil
	})
	g.Expect(a.remove(t.Context(), []Object{namespaceShop, serviceShop})).To(Succeed())
	g.Expect(deleted).To(Equal([]string{"services Foreground web", "namespaces Background shop"}))
	g.Expect(a.labels(t, namespaceShop)).To(BeNil())
	g.Expect(a.remove(t.Context(), []Object{namespaceShop, serviceShop})).To(Succeed(), "both are gone")
}

func TestRemoveLeavesWhatIsNotHagates(t *testing.T) {
	g := NewWithT(t)
	helm := map[string]string{managedLabel: "Helm"}
	a := fakeAPI(t, object("Service", "shop", "web", helm))
	g.Expect(a.remove(t.Context(), []Object{serviceShop})).To(Succeed())
	g.Expect(a.labels(t, serviceShop)).To(Equal(helm))
}

func TestRemovePassesOverAKindThatIsGone(t *testing.T) {
	rollout := Object{APIVersion: "argoproj.io/v1alpha1", Kind: "Rollout", Namespace: "shop", Name: "web"}
	NewWithT(t).Expect(fakeAPI(t).remove(t.Context(), []Object{rollout})).To(Succeed())
}

func TestRemoveSaysWhatStays(t *testing.T) {
	a := fakeAPI(t, object("Namespace", "", "shop", mine))
	a.client.(*dynamicfake.FakeDynamicClient).PrependReactor("delete", "*", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, nil // a finalizer holds it
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	NewWithT(t).Expect(a.remove(ctx, []Object{namespaceShop})).To(And(
		MatchError(ContainSubstring("waiting until Namespace shop is gone: still there")), MatchError(context.DeadlineExceeded)))
}
