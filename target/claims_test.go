package target

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

var began = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// set is a StatefulSet whose Pods want a volume each.
func set(labels map[string]string) *unstructured.Unstructured {
	u := object("StatefulSet", "shop", "db", labels)
	u.SetAPIVersion("apps/v1")
	u.SetCreationTimestamp(metav1.NewTime(began))
	unstructured.SetNestedSlice(u.Object, []any{map[string]any{"metadata": map[string]any{"name": "data"}}}, "spec", "volumeClaimTemplates")
	return u
}

func claim(name string, created time.Time) *unstructured.Unstructured {
	u := object("PersistentVolumeClaim", "shop", name, nil)
	u.SetCreationTimestamp(metav1.NewTime(created))
	return u
}

// What a StatefulSet made goes with it, and nothing that was there before or is another's.
func TestRemoveTakesTheClaimsOfAStatefulSet(t *testing.T) {
	g := NewWithT(t)
	a := fakeAPI(t, set(mine), claim("data-db-0", began), claim("data-db-1", began.Add(time.Second)), claim("data-db-2", began.Add(-time.Second)),
		claim("data-db-main", began), claim("data-db-cache-0", began), claim("logs-db-0", began))
	g.Expect(a.remove(t.Context(), []Object{{"apps/v1", "StatefulSet", "shop", "db"}})).To(Succeed())
	left, err := a.client.Resource(claimResource).Namespace("shop").List(t.Context(), metav1.ListOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	var names []string
	for _, c := range left.Items {
		names = append(names, c.GetName())
	}
	g.Expect(names).To(ConsistOf("data-db-2", "data-db-main", "data-db-cache-0", "logs-db-0"))
}

// Somebody else's data is not to be written to, nor deleted in the end.
func TestPlaceKeepsOutOfVolumesThatAreThere(t *testing.T) {
	g := NewWithT(t)
	l := &log{}
	_, err := fakeAPI(t, claim("data-db-1", began)).place(t.Context(), []*unstructured.Unstructured{set(nil)}, "shop", l.creating)
	g.Expect(err).To(MatchError("PersistentVolumeClaim shop/data-db-1 is on the cluster already, and StatefulSet db would write to its volume: delete it, or put the target into another namespace"))
	g.Expect(l.names).To(BeEmpty())

	_, err = fakeAPI(t, claim("data-web-1", began)).place(t.Context(), []*unstructured.Unstructured{set(nil)}, "shop", l.creating)
	g.Expect(err).NotTo(HaveOccurred(), "it is another StatefulSet's")
	_, err = fakeAPI(t, set(map[string]string{targetLabel: "shop"}), claim("data-db-1", began)).place(t.Context(), []*unstructured.Unstructured{set(nil)}, "shop", l.creating)
	g.Expect(err).NotTo(HaveOccurred(), "an earlier run of the same target left both")
}
