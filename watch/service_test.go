package watch

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestTheServiceIsFollowed(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	b.slice(sliceObject("s", "nginx-svc", endpoint("a", "10.0.0.1")))
	b.news()
	b.service(serviceObject(asItIs))
	b.service(serviceObject(func(s *corev1.Service) { s.ResourceVersion = "2" }))
	b.service(serviceObject(func(s *corev1.Service) { s.Name = "another" }))
	g.Expect(states(b.news())).To(Equal([]any{serviceRecord()}))

	b.service(serviceObject(func(s *corev1.Service) { s.Spec.Ports[1].Name = "web" }))
	nowhere := endpointRecord("a", "10.0.0.1")
	nowhere.NoPort, nowhere.Ready, nowhere.Serving = true, false, false
	g.Expect(states(b.news())).To(Equal([]any{endpoints(nowhere)}), "it leads to a port of another name")

	b.serviceGone(serviceObject(func(s *corev1.Service) { s.Name = "another" }))
	b.serviceGone(serviceObject(asItIs))
	b.service(serviceObject(asItIs))
	g.Expect(states(b.news())).To(Equal([]any{serviceRecord(), endpoints(endpointRecord("a", "10.0.0.1"))}))
}

func TestServiceOf(t *testing.T) {
	for name, c := range map[string]struct {
		is   func(*corev1.Service)
		want func(*record.Service)
	}{
		"as it is": {asItIs[*corev1.Service], asItIs[*record.Service]},
		"headless": {func(s *corev1.Service) { s.Spec.ClusterIP = "None" }, func(r *record.Service) { r.Headless = true }},
		"not ready published": {
			func(s *corev1.Service) { s.Spec.PublishNotReadyAddresses = true },
			func(r *record.Service) { r.PublishNotReady = true },
		},
		"a number": {
			func(s *corev1.Service) { s.Spec.Ports[1].TargetPort = intstr.FromInt32(8080) },
			func(r *record.Service) { r.TargetPort = "8080" },
		},
		"nothing but the port": {
			func(s *corev1.Service) { s.Spec.Ports[1].TargetPort = intstr.IntOrString{} },
			func(r *record.Service) { r.TargetPort = "80" },
		},
		"the number by UDP alone": {
			func(s *corev1.Service) { s.Spec.Ports[1].Protocol = corev1.ProtocolUDP },
			func(r *record.Service) { r.TargetPort = "" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := serviceRecord()
			c.want(&want)
			NewWithT(t).Expect(serviceOf(serviceObject(c.is), 80)).To(Equal(want))
		})
	}
}
