package watch

import (
	"errors"
	"testing"
	"testing/synctest"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// api is a fake API whose changes the watch has seen when they return.
type api struct {
	g Gomega
	*fake.Clientset
}

func newAPI(g Gomega, objects ...runtime.Object) api { return api{g, fake.NewClientset(objects...)} }

func (a api) add(o runtime.Object) {
	a.g.Expect(a.Tracker().Add(o)).To(Succeed())
	synctest.Wait()
}

func (a api) change(resource string, o runtime.Object) {
	m, err := meta.Accessor(o)
	a.g.Expect(err).NotTo(HaveOccurred())
	a.g.Expect(a.Tracker().Update(corev1.SchemeGroupVersion.WithResource(resource), o, m.GetNamespace())).To(Succeed())
	synctest.Wait()
}

func (a api) remove(resource, namespace, name string) {
	a.g.Expect(a.Tracker().Delete(corev1.SchemeGroupVersion.WithResource(resource), namespace, name)).To(Succeed())
	synctest.Wait()
}

func TestStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		r := newRecord(t)
		api := newAPI(g, deploymentObject(), serviceObject(asItIs), replicaSetObject("rs", "Deployment", "nginx01"), podObject("a", "uid-a"), nodeObject("worker1"), budget(app),
			sliceObject("s", "nginx-svc", endpoint("a", "10.0.0.1")), eventObject("Pod", "a", "uid-a"))
		w, err := Start(t.Context(), api, spec, r.out)
		g.Expect(err).NotTo(HaveOccurred())
		defer w.Stop()
		synctest.Wait()
		node, a := record.Node{Name: "worker1", Ready: true}, podRecord("a", "uid-a")
		g.Expect(states(r.news())).To(Equal([]any{
			node, a, record.PDB{Name: "nginx-pdb", DesiredHealthy: 2, CurrentHealthy: 3, Allowed: 1},
			serviceRecord(), templateRecord(),
			endpoints(endpointRecord("a", "10.0.0.1")),
			record.Workload{Replicas: 3, Current: 4, Ready: 3, Updated: 2, Available: 1},
		}), "the state once, and no Event from before")

		api.change("pods", podObject("a", "uid-a"))
		g.Expect(r.news()).To(BeEmpty())

		cordoned := nodeObject("worker1")
		cordoned.Spec.Unschedulable = true
		node.Unschedulable = true
		api.change("nodes", cordoned)
		g.Expect(states(r.news())).To(Equal([]any{node}))

		api.remove("pods", "nginx", "a")
		a.Gone = true
		g.Expect(states(r.news())).To(Equal([]any{a}))

		ofNode := eventObject("Node", "worker1", "worker1")
		ofNode.Namespace, ofNode.InvolvedObject.Namespace = metav1.NamespaceDefault, ""
		api.add(ofNode)
		g.Expect(states(r.news())).To(Equal([]any{eventRecord("Node/worker1", 1)}))

		w.Stop()
		api.add(podObject("b", "uid-b"))
		g.Expect(r.news()).To(BeEmpty(), "the watch has ended")
	})
}

func TestAPodThatTookAnothersNameIsAnotherPod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		r := newRecord(t)
		ofSet := func(uid string) *corev1.Pod {
			p := podObject("nginx01-0", uid)
			p.OwnerReferences = owned("StatefulSet", "nginx01", "set")
			return p
		}
		api := newAPI(g, statefulSetObject(), ofSet("uid-before"))
		spec := spec
		spec.WorkloadKind = "StatefulSet"
		w, err := Start(t.Context(), api, spec, r.out)
		g.Expect(err).NotTo(HaveOccurred())
		defer w.Stop()
		synctest.Wait()
		r.news()

		before, now := podRecord("nginx01-0", "uid-before"), podRecord("nginx01-0", "uid-now")
		before.Owner, now.Owner = "StatefulSet/nginx01", "StatefulSet/nginx01"
		before.Gone = true
		api.change("pods", ofSet("uid-now"))
		g.Expect(states(r.news())).To(Equal([]any{before, now}))
	})
}

// Two feeds of the same Events would not keep each other's pace, and old counts would
// be news.
func TestEventsOfTheDefaultNamespaceAreFollowedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		d := deploymentObject()
		d.Namespace = metav1.NamespaceDefault
		api := newAPI(g, d)
		spec := spec
		spec.Namespace = metav1.NamespaceDefault
		w, err := Start(t.Context(), api, spec, newRecord(t).out)
		g.Expect(err).NotTo(HaveOccurred())
		defer w.Stop()
		synctest.Wait()
		feeds := 0
		for _, a := range api.Actions() {
			if a.Matches("list", "events") {
				feeds++
			}
		}
		g.Expect(feeds).To(Equal(1))
	})
}

func TestStartThatCannotWatch(t *testing.T) {
	unknown := spec
	unknown.WorkloadKind = "DaemonSet"
	malformed := spec
	malformed.Selector = "app in"
	for name, c := range map[string]struct {
		spec    Spec
		objects []runtime.Object
		refuse  string // resource
		want    []string
	}{
		"no workload":         {spec: spec, want: []string{"watching Deployment nginx/nginx01", "not found"}},
		"unknown kind":        {spec: unknown, want: []string{"want a Deployment or a StatefulSet"}},
		"malformed selector":  {spec: malformed, want: []string{"reading the selector"}},
		"a list is forbidden": {spec, []runtime.Object{deploymentObject()}, "poddisruptionbudgets", []string{"not within 30s: no PodDisruptionBudgets: ", "forbidden"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				r := newRecord(t)
				api := newAPI(g, c.objects...)
				if c.refuse != "" {
					api.PrependReactor("list", c.refuse, func(clienttest.Action) (bool, runtime.Object, error) {
						return true, nil, errors.New("forbidden")
					})
				}
				_, err := Start(t.Context(), api, c.spec, r.out)
				for _, want := range c.want {
					g.Expect(err).To(MatchError(ContainSubstring(want)))
				}
				g.Expect(r.news()).To(BeEmpty())
			})
		})
	}
}
