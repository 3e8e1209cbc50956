package target

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func TestLoadBalancer(t *testing.T) {
	for name, c := range map[string]struct {
		ingress []corev1.LoadBalancerIngress
		want    string // empty: none came
	}{
		"an address":  {[]corev1.LoadBalancerIngress{{IP: "192.0.2.7"}}, "192.0.2.7"},
		"a host":      {[]corev1.LoadBalancerIngress{{Hostname: "lb.example.com"}}, "lb.example.com"},
		"none so far": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			given := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-lb"}}
			given.Status.LoadBalancer.Ingress = c.ingress
			a, l := fakeAPI(t), &log{}
			made, address, err := good(t).loadBalancer(t.Context(), fake.NewClientset(service(corev1.ServiceTypeClusterIP, 0, ""), given), a, "web-lb", "Local", 300*time.Millisecond, l.creating)
			if c.want == "" {
				g.Expect(err).To(MatchError(ErrNoAddress))
			} else {
				g.Expect(err).NotTo(HaveOccurred())
			}
			g.Expect(address).To(Equal(c.want))
			g.Expect(made).To(Equal(Object{APIVersion: "v1", Kind: "Service", Namespace: "shop", Name: "web-lb"}))
			g.Expect(l.names).To(Equal([]string{"Service shop/web-lb"}))
			g.Expect(a.labels(t, made)).To(Equal(mine))

			client, err := a.resource(&made)
			g.Expect(err).NotTo(HaveOccurred())
			live, err := client.Get(t.Context(), made.Name, metav1.GetOptions{})
			g.Expect(err).NotTo(HaveOccurred())
			var s corev1.Service
			g.Expect(manifest{Unstructured: live}.into(&s)).To(Succeed())
			g.Expect(s.Spec.Type).To(Equal(corev1.ServiceTypeLoadBalancer))
			g.Expect(s.Spec.ExternalTrafficPolicy).To(Equal(corev1.ServiceExternalTrafficPolicyLocal))
			g.Expect(s.Spec.Selector).To(Equal(map[string]string{"app": "web"}))
		})
	}
}

func TestLoadBalancerErrors(t *testing.T) {
	g := NewWithT(t)
	_, _, err := good(t).loadBalancer(t.Context(), fake.NewClientset(), fakeAPI(t), "web-lb", "Local", time.Second, (&log{}).creating)
	g.Expect(err).To(MatchError(ContainSubstring("reading Service shop/web")))

	s := service(corev1.ServiceTypeClusterIP, 0, "")
	foreign := fakeAPI(t, object("Service", "shop", "web-lb", nil))
	_, _, err = good(t).loadBalancer(t.Context(), fake.NewClientset(s), foreign, "web-lb", "Local", time.Second, (&log{}).creating)
	g.Expect(err).To(MatchError(ContainSubstring("Service shop/web-lb is on the cluster already")))

	full := &log{fail: "Service shop/web-lb"}
	a := fakeAPI(t)
	_, _, err = good(t).loadBalancer(t.Context(), fake.NewClientset(s), a, "web-lb", "Local", time.Second, full.creating)
	g.Expect(err).To(MatchError("the disk is full"))
	g.Expect(a.labels(t, Object{APIVersion: "v1", Kind: "Service", Namespace: "shop", Name: "web-lb"})).To(BeNil())
}
