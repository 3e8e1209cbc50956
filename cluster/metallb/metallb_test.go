package metallb

import (
	"net/netip"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	clientset "k8s.io/client-go/kubernetes/fake"

	"hagate/cluster/images"
)

// manifest is that of the pinned version.
func manifest(t *testing.T) []byte {
	t.Helper()
	m, err := images.ReadMetalLB()
	if err != nil {
		t.Fatal(err)
	}
	return m.Manifest
}

func TestObjects(t *testing.T) {
	g := NewWithT(t)
	objects, err := Objects(manifest(t))
	g.Expect(err).NotTo(HaveOccurred())
	count := map[string]int{}
	for _, o := range objects {
		count[o.GetKind()]++
		if o.GetKind() == "DaemonSet" {
			g.Expect(o.GetNamespace() + "/" + o.GetName()).To(Equal(Namespace + "/" + Speaker))
			class, _, _ := unstructured.NestedString(o.Object, "spec", "template", "spec", "priorityClassName")
			g.Expect(class).To(Equal("system-node-critical"))
		}
		if o.GetKind() == "Deployment" {
			selector, _, _ := unstructured.NestedStringMap(o.Object, "spec", "template", "spec", "nodeSelector")
			g.Expect(selector).To(Equal(map[string]string{"kubernetes.io/os": "linux", controlPlane: ""}))
			g.Expect(o.GetNamespace() + "/" + o.GetName()).To(Equal(Namespace + "/" + Controller))
		}
	}
	g.Expect(objects[0].GetKind()).To(Equal("Namespace"), "the others live in it")
	g.Expect(count).To(And(HaveKeyWithValue("CustomResourceDefinition", 8), HaveKeyWithValue("Deployment", 1), HaveKeyWithValue("DaemonSet", 1)))
}

func TestObjectsErrors(t *testing.T) {
	g := NewWithT(t)
	_, err := Objects([]byte("kind: Namespace\n"))
	g.Expect(err).To(MatchError("MetalLB's manifest has no Deployment controller or no DaemonSet speaker"))
	_, err = Objects([]byte("kind: [\n"))
	g.Expect(err).To(MatchError(ContainSubstring("reading MetalLB's manifest")))
}

func TestAddresses(t *testing.T) {
	g := NewWithT(t)
	objects := Addresses([]netip.Addr{netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("192.0.2.6")}, []string{"control-plane"})
	g.Expect(objects).To(HaveLen(2))
	g.Expect(objects[0].Object["spec"]).To(Equal(map[string]any{"addresses": []any{"192.0.2.7/32", "192.0.2.6/32"}}))
	g.Expect(objects[1].Object["spec"]).To(HaveKeyWithValue("nodeSelectors", []any{map[string]any{"matchExpressions": []any{
		map[string]any{"key": "kubernetes.io/hostname", "operator": "NotIn", "values": []any{"control-plane"}}}}}))
}

func status(name, service, node string) *unstructured.Unstructured {
	o := object("ServiceL2Status", name, nil)
	o.SetLabels(map[string]string{"metallb.io/service-namespace": "shop", "metallb.io/service-name": service, "metallb.io/node": node})
	return o
}

func TestAnnouncers(t *testing.T) {
	g := NewWithT(t)
	kinds := map[schema.GroupVersionResource]string{{Group: "metallb.io", Version: "v1beta1", Resource: "servicel2statuses"}: "ServiceL2StatusList"}
	client := fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), kinds,
		status("l2-a", "web", "worker2"), status("l2-b", "web", "worker"), status("l2-c", "other", "worker3"), status("l2-d", "web", "worker"))
	g.Expect(Announcers(t.Context(), client, "shop", "web")).To(Equal([]string{"worker", "worker2"}))
	g.Expect(Announcers(t.Context(), client, "shop", "none")).To(BeEmpty())
	g.Expect(Announcers(t.Context(), client, metav1.NamespaceDefault, "web")).To(BeEmpty())
}

func TestLastAnnouncer(t *testing.T) {
	g := NewWithT(t)
	event := func(name, message string, second int64) runtime.Object {
		return &corev1.Event{
			ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: name}, Reason: "nodeAssigned",
			InvolvedObject: corev1.ObjectReference{Kind: "Service", Name: "web"},
			Message:        message, LastTimestamp: metav1.Unix(second, 0),
		}
	}
	none, err := LastAnnouncer(t.Context(), clientset.NewClientset(), "nginx", "web")
	g.Expect(none, err).To(BeEmpty())

	node, err := LastAnnouncer(t.Context(), clientset.NewClientset(
		event("a", `announcing from node "worker" with protocol "layer2"`, 9),
		event("b", `announcing from node "worker2" with protocol "layer2"`, 20),
		event("c", `announcing from node "worker3" with protocol "layer2"`, 10),
		event("d", `something else`, 30),
	), "nginx", "web")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(node).To(Equal("worker2"))
}

func FuzzAnnouncing(f *testing.F) {
	f.Add(`announcing from node "worker" with protocol "layer2"`)
	f.Add(`announcing from node "`)
	f.Fuzz(func(t *testing.T, message string) {
		if node := announcing(message); strings.Contains(node, `"`) || !strings.Contains(message, node) {
			t.Errorf("%q of %q", node, message)
		}
	})
}
