package watch

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func endpoints(list ...record.Endpoint) record.Endpoints {
	return record.Endpoints{Service: "nginx/nginx-svc", List: append([]record.Endpoint{}, list...)}
}

func TestSlicesOfAServiceAreOneView(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	c := endpointRecord("c", "10.0.0.3")
	a := endpointRecord("a", "10.0.0.1")

	b.slice(sliceObject("s1", "nginx-svc", endpoint("c", "10.0.0.3")))
	g.Expect(states(b.news())).To(Equal([]any{endpoints(c)}))
	b.slice(sliceObject("s2", "nginx-svc", endpoint("a", "10.0.0.1")))
	g.Expect(states(b.news())).To(Equal([]any{endpoints(a, c)}))
	b.slice(sliceObject("s3", "another", endpoint("x", "10.0.0.9")))
	b.sliceGone(sliceObject("s3", "another"))
	g.Expect(b.news()).To(BeEmpty(), "another Service's")
	b.sliceGone(sliceObject("s1", "nginx-svc"))
	g.Expect(states(b.news())).To(Equal([]any{endpoints(a)}))
	b.sliceGone(sliceObject("s2", "nginx-svc"))
	g.Expect(states(b.news())).To(Equal([]any{endpoints()}))
}

func TestEndpointsThatDoNotChangeAreNoNews(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	s := sliceObject("s1", "nginx-svc", endpoint("a", "10.0.0.1"), endpoint("b", "10.0.0.2"))
	b.slice(s)
	g.Expect(b.news()).To(HaveLen(1))

	again := sliceObject("s1", "nginx-svc", endpoint("b", "10.0.0.2"), endpoint("a", "10.0.0.1"))
	again.ResourceVersion = "2"
	b.slice(again)
	b.slice(sliceObject("s2", "nginx-svc", endpoint("b", "10.0.0.2")))
	b.slice(sliceObject("s1", "nginx-svc", endpoint("a", "10.0.0.1")))
	g.Expect(b.news()).To(BeEmpty(), "b was moved to another slice")
}

func TestASliceThatIsGivenToAnotherServiceLeaves(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	b.slice(sliceObject("s", "nginx-svc", endpoint("a", "10.0.0.1")))
	b.news()
	b.slice(sliceObject("s", "another", endpoint("a", "10.0.0.1")))
	g.Expect(states(b.news())).To(Equal([]any{endpoints()}))
}

func TestAPodInSeveralSlicesIsOneEndpoint(t *testing.T) {
	leaving := func(e discoveryv1.Endpoint) discoveryv1.Endpoint {
		e.Conditions = discoveryv1.EndpointConditions{Ready: new(false), Serving: new(true), Terminating: new(true)}
		return e
	}
	broken := func(e discoveryv1.Endpoint) discoveryv1.Endpoint {
		e.Conditions = discoveryv1.EndpointConditions{Ready: new(false), Serving: new(false)}
		return e
	}
	e := endpoint("a", "10.0.0.1")
	want := func(ready, serving, terminating bool) record.Endpoint {
		r := endpointRecord("a", "10.0.0.1")
		r.Ready, r.Serving, r.Terminating = ready, serving, terminating
		return r
	}
	for name, c := range map[string]struct {
		one, other discoveryv1.Endpoint
		want       record.Endpoint
	}{
		"ready in both":       {e, e, want(true, true, false)},
		"ready in one":        {broken(e), e, want(true, true, false)},
		"serves in one":       {broken(e), leaving(e), want(false, true, false)},
		"terminating in one":  {leaving(e), e, want(true, true, false)},
		"terminating in both": {leaving(e), leaving(e), want(false, true, true)},
	} {
		t.Run(name, func(t *testing.T) {
			for _, both := range [][]discoveryv1.Endpoint{{c.one, c.other}, {c.other, c.one}} {
				b := newBench(t, spec)
				b.slice(sliceObject("s1", "nginx-svc", both[0]))
				b.slice(sliceObject("s2", "nginx-svc", both[1]))
				NewWithT(t).Expect(b.Endpoints()).To(Equal(endpoints(c.want)))
			}
		})
	}
}

func TestOfTwoAddressFamiliesTheFirstIsNamed(t *testing.T) {
	b := newBench(t, spec)
	v6 := sliceObject("a-v6", "nginx-svc", endpoint("a", "fd00::1"))
	v6.AddressType = discoveryv1.AddressTypeIPv6
	b.slice(v6)
	b.slice(sliceObject("b-v4", "nginx-svc", endpoint("a", "10.0.0.1")))
	NewWithT(t).Expect(b.Endpoints()).To(Equal(endpoints(endpointRecord("a", "10.0.0.1"))))
}

func TestEndpointOf(t *testing.T) {
	conditions := func(ready, serving, terminating *bool) discoveryv1.Endpoint {
		return discoveryv1.Endpoint{Conditions: discoveryv1.EndpointConditions{Ready: ready, Serving: serving, Terminating: terminating}}
	}
	service := endpoint("a", "10.0.0.1")
	service.TargetRef.Kind = "Service"
	for name, c := range map[string]struct {
		of   discoveryv1.Endpoint
		want record.Endpoint
	}{
		"a Pod's":                  {endpoint("a", "10.0.0.1"), endpointRecord("a", "10.0.0.1")},
		"no Pod's":                 {service, record.Endpoint{IP: "10.0.0.1", Node: "worker1", Ready: true, Serving: true}},
		"no condition":             {conditions(nil, nil, nil), record.Endpoint{Ready: true, Serving: true}},
		"serving follows ready":    {conditions(new(false), nil, nil), record.Endpoint{}},
		"terminating, yet serving": {conditions(new(false), new(true), new(true)), record.Endpoint{Serving: true, Terminating: true}},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(endpointOf(c.of)).To(Equal(c.want)) })
	}
}

func TestEndpointsWithoutAPodAreToldApartByAddress(t *testing.T) {
	b := newBench(t, spec)
	one, other := endpoint("", "10.0.0.2"), endpoint("", "10.0.0.1")
	one.TargetRef, other.TargetRef = nil, nil
	b.slice(sliceObject("s", "nginx-svc", one, other))
	NewWithT(t).Expect(b.Endpoints()).To(Equal(endpoints(
		record.Endpoint{IP: "10.0.0.1", Node: "worker1", Ready: true, Serving: true},
		record.Endpoint{IP: "10.0.0.2", Node: "worker1", Ready: true, Serving: true})))
}

func TestAnAddressWithoutTheServicesPortIsNoEndpoint(t *testing.T) {
	port := func(name string, number int32) discoveryv1.EndpointPort {
		return discoveryv1.EndpointPort{Name: &name, Port: &number}
	}
	there := endpointRecord("a", "10.0.0.1")
	nowhere := there
	nowhere.NoPort, nowhere.Ready, nowhere.Serving = true, false, false
	unnamed := func(s *corev1.Service) { s.Spec.Ports = []corev1.ServicePort{{Port: 80}} }
	for name, c := range map[string]struct {
		service func(*corev1.Service) // nil: it is not known
		ports   []discoveryv1.EndpointPort
		want    record.Endpoint
	}{
		"the port":                         {asItIs[*corev1.Service], []discoveryv1.EndpointPort{port("http", 8080)}, there},
		"among others":                     {asItIs[*corev1.Service], []discoveryv1.EndpointPort{port("metrics", 9), port("http", 8080)}, there},
		"others alone":                     {asItIs[*corev1.Service], []discoveryv1.EndpointPort{port("metrics", 9)}, nowhere},
		"none":                             {asItIs[*corev1.Service], nil, nowhere},
		"the port without a number":        {asItIs[*corev1.Service], []discoveryv1.EndpointPort{{Name: new("http")}}, nowhere},
		"the only one, without a name":     {unnamed, []discoveryv1.EndpointPort{{Port: new(int32(8080))}}, there},
		"the only one, with an empty name": {unnamed, []discoveryv1.EndpointPort{port("", 8080)}, there},
		"none of the only one":             {unnamed, nil, nowhere},
		"headless: a name leads to any":    {func(s *corev1.Service) { s.Spec.ClusterIP = corev1.ClusterIPNone }, nil, there},
		"any, of a Service not known":      {nil, []discoveryv1.EndpointPort{port("other", 8080)}, there},
		"none, of a Service not known":     {nil, nil, nowhere},
		"none, though addresses that are not ready are published": {func(s *corev1.Service) { s.Spec.PublishNotReadyAddresses = true }, nil, nowhere},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, spec)
			if c.service != nil {
				b.service(serviceObject(c.service))
			}
			s := sliceObject("s", "nginx-svc", endpoint("a", "10.0.0.1"))
			s.Ports = c.ports
			b.slice(s)
			NewWithT(t).Expect(b.Endpoints()).To(Equal(endpoints(c.want)))
		})
	}
}

func TestAPodIsAnEndpointWhereOneOfItsSlicesHasThePort(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	without := sliceObject("s1", "nginx-svc", endpoint("a", "10.0.0.1"))
	without.Ports = nil
	b.slice(without)
	b.slice(sliceObject("s2", "nginx-svc", endpoint("a", "10.0.0.1")))
	g.Expect(b.Endpoints()).To(Equal(endpoints(endpointRecord("a", "10.0.0.1"))))
}

func TestNamesAreNoEndpoints(t *testing.T) {
	b := newBench(t, spec)
	names := sliceObject("s", "nginx-svc", endpoint("a", "db.example.org"))
	names.AddressType = discoveryv1.AddressTypeFQDN
	b.slice(names)
	NewWithT(t).Expect(b.Endpoints()).To(Equal(endpoints()))
}
