package target

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var (
	namespaceShop = Object{APIVersion: "v1", Kind: "Namespace", Name: "shop"}
	serviceShop   = Object{APIVersion: "v1", Kind: "Service", Namespace: "shop", Name: "web"}
	mine          = map[string]string{targetLabel: "shop"}
)

func withConfig(t *testing.T) *Target {
	return good(t, edit{"service.yaml", "apiVersion", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\n---\napiVersion"})
}

func TestDeployWritesInOrderAndMarksWhatItMakes(t *testing.T) {
	g := NewWithT(t)
	a, l := fakeAPI(t), &log{}
	created, err := withConfig(t).deploy(t.Context(), a, l.creating)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(l.names).To(Equal([]string{"Namespace shop", "ConfigMap shop/conf", "StatefulSet shop/db", "Service shop/web", "Deployment shop/web"}))
	g.Expect(created).To(HaveLen(5))
	g.Expect(created[0]).To(Equal(namespaceShop))
	for _, o := range created {
		g.Expect(a.labels(t, o)).To(Equal(mine), o.String())
	}
}

func TestDeployLeavesANamespaceThatIsThere(t *testing.T) {
	g := NewWithT(t)
	a, l := fakeAPI(t, object("Namespace", "", "shop", nil)), &log{}
	_, err := good(t).deploy(t.Context(), a, l.creating)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(l.names).NotTo(ContainElement("Namespace shop"))
	g.Expect(a.labels(t, namespaceShop)).To(BeEmpty())
}

func TestDeployTakesOverWhatAnEarlierRunOfItLeft(t *testing.T) {
	g := NewWithT(t)
	a, l := fakeAPI(t, object("Service", "shop", "web", mine)), &log{}
	_, err := good(t).deploy(t.Context(), a, l.creating)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(l.names).To(ContainElement("Service shop/web"))
}

func TestDeployTouchesNothingWhereSomebodyElseDeployed(t *testing.T) {
	for _, labels := range []map[string]string{nil, {targetLabel: "other"}, {managedLabel: "Helm"}} {
		g := NewWithT(t)
		a, l := fakeAPI(t, object("Service", "shop", "web", labels)), &log{}
		created, err := good(t).deploy(t.Context(), a, l.creating)
		g.Expect(err).To(MatchError("Service shop/web is on the cluster already and not of this target's making: delete it, or put the target into another namespace"))
		g.Expect(created).To(BeEmpty())
		g.Expect(l.names).To(BeEmpty())
		g.Expect(a.labels(t, namespaceShop)).To(BeNil())
	}
}

func TestDeployRefusesWhatIsBeingDeleted(t *testing.T) {
	ns := object("Namespace", "", "shop", mine)
	ns.SetDeletionTimestamp(&metav1.Time{Time: time.Unix(1, 0)})
	_, err := good(t).deploy(t.Context(), fakeAPI(t, ns), (&log{}).creating)
	NewWithT(t).Expect(err).To(MatchError("Namespace shop is being deleted: wait until it is gone and run again"))
}

func TestDeployNamesAKindThatTheClusterDoesNotKnow(t *testing.T) {
	target := good(t, edit{"web.yaml", "apiVersion: apps/v1\nkind: StatefulSet", "apiVersion: argoproj.io/v1alpha1\nkind: Rollout"})
	_, err := target.deploy(t.Context(), fakeAPI(t), (&log{}).creating)
	NewWithT(t).Expect(err).To(MatchError("Rollout shop/db: the cluster knows no Rollout of argoproj.io/v1alpha1: install what defines it, or mend apiVersion and kind"))
}

func TestDeployStopsWhereTheJournalFails(t *testing.T) {
	g := NewWithT(t)
	a, l := fakeAPI(t), &log{fail: "Service shop/web"}
	created, err := good(t).deploy(t.Context(), a, l.creating)
	g.Expect(err).To(MatchError("the disk is full"))
	g.Expect(created).To(HaveLen(2))
	g.Expect(a.labels(t, serviceShop)).To(BeNil())
}
