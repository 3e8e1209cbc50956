package target

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/fake"
)

var secondShop = Object{APIVersion: "v1", Kind: "Service", Namespace: "shop", Name: "web-hagate"}

func service(kind corev1.ServiceType, nodePort int32, policy corev1.ServiceExternalTrafficPolicy) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"},
		Spec: corev1.ServiceSpec{
			Type: kind, ExternalTrafficPolicy: policy, Selector: map[string]string{"app": "web"},
			PublishNotReadyAddresses: true, SessionAffinity: corev1.ServiceAffinityClientIP,
			Ports: []corev1.ServicePort{{Name: "metrics", Port: 9090}, {Name: "http", Port: 80, TargetPort: intstr.FromString("http"), NodePort: nodePort}},
		},
	}
}

func TestNodePortIsTheServicesOwn(t *testing.T) {
	for _, kind := range []corev1.ServiceType{corev1.ServiceTypeNodePort, corev1.ServiceTypeLoadBalancer} {
		g := NewWithT(t)
		l := &log{}
		s := service(kind, 31000, corev1.ServiceExternalTrafficPolicyCluster)
		g.Expect(good(t).nodePort(t.Context(), fake.NewClientset(s), fakeAPI(t), l.creating)).To(Equal(31000))
		g.Expect(l.names).To(BeEmpty())
	}
}

func TestNodePortMakesASecondService(t *testing.T) {
	for name, s := range map[string]*corev1.Service{
		"ClusterIP":                     service(corev1.ServiceTypeClusterIP, 0, ""),
		"LoadBalancer without a port":   service(corev1.ServiceTypeLoadBalancer, 0, corev1.ServiceExternalTrafficPolicyCluster),
		"a node serves its own Pods":    service(corev1.ServiceTypeNodePort, 31000, corev1.ServiceExternalTrafficPolicyLocal),
		"a LoadBalancer of that policy": service(corev1.ServiceTypeLoadBalancer, 31000, corev1.ServiceExternalTrafficPolicyLocal),
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			a, l := fakeAPI(t), &log{}
			g.Expect(good(t).nodePort(t.Context(), fake.NewClientset(s), a, l.creating)).To(Equal(30080))
			g.Expect(l.names).To(Equal([]string{"Service shop/web-hagate"}))
			g.Expect(a.labels(t, secondShop)).To(Equal(mine))
		})
	}
}

func TestSecondServiceTreatsPodsAsTheFirstDoes(t *testing.T) {
	g := NewWithT(t)
	s := service(corev1.ServiceTypeNodePort, 31000, corev1.ServiceExternalTrafficPolicyLocal)
	port, _ := tcpPort(s, 80)
	body, err := second(s, port)
	g.Expect(err).NotTo(HaveOccurred())
	var made corev1.Service
	g.Expect(manifest{Unstructured: body}.into(&made)).To(Succeed())
	g.Expect(made.Spec).To(Equal(corev1.ServiceSpec{
		Type: corev1.ServiceTypeNodePort, Selector: map[string]string{"app": "web"},
		Ports:                    []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromString("http")}},
		PublishNotReadyAddresses: true, SessionAffinity: corev1.ServiceAffinityClientIP,
	}))
}

func TestNodePortErrors(t *testing.T) {
	g := NewWithT(t)
	_, err := good(t).nodePort(t.Context(), fake.NewClientset(), fakeAPI(t), (&log{}).creating)
	g.Expect(err).To(MatchError(ContainSubstring("reading Service shop/web")))

	s := service(corev1.ServiceTypeClusterIP, 0, "")
	foreign := fakeAPI(t, object("Service", "shop", "web-hagate", nil))
	_, err = good(t).nodePort(t.Context(), fake.NewClientset(s), foreign, (&log{}).creating)
	g.Expect(err).To(MatchError(ContainSubstring("Service shop/web-hagate is on the cluster already")))

	s.Spec.Ports = s.Spec.Ports[:1]
	_, err = good(t).nodePort(t.Context(), fake.NewClientset(s), fakeAPI(t), (&log{}).creating)
	g.Expect(err).To(MatchError("Service shop/web has no TCP port 80"))
}

// The longest name that a Service may have leaves room for what is made beside it.
func TestBesideFits(t *testing.T) {
	g := NewWithT(t)
	g.Expect(Beside("web")).To(Equal("web-hagate"))
	long := strings.Repeat("a", 62)
	g.Expect(Beside(long + "b")).To(HaveLen(besideMost))
	g.Expect(Beside(long + "b")).NotTo(Equal(Beside(long + "c")))
	g.Expect(Beside(strings.Repeat("a", 43) + "--------------------")).NotTo(ContainSubstring("--"))
}
