package gate

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
	"hagate/target"
)

func TestTrafficPlanLeavesNothingOpen(t *testing.T) {
	g := NewWithT(t)
	r := &Run{target: &target.Target{}}
	spec := &r.target.Spec
	spec.Load.Rate, spec.PodHeader = 200, "X-Pod"
	spec.Requests = []target.Request{
		{Method: "POST", Path: "/cart", Headers: map[string]string{"Accept": "*/*"}, Body: "{}", Expect: target.Answer{Status: 201}},
		{Method: "GET", Path: "/", Expect: target.Answer{Status: 200}},
	}
	g.Expect(r.trafficPlan("http://web.shop:80", "http://172.18.0.2:30080")).To(Equal(record.Plan{
		Rate: 200, PodHeader: "X-Pod", Timeout: 2 * time.Second, SlowAfter: 250 * time.Millisecond, Connection: 30,
		Requests: []record.Call{
			{Method: "POST", Path: "/cart", Header: map[string]string{"Accept": "*/*"}, Body: "{}", Status: 201},
			{Method: "GET", Path: "/", Status: 200},
		},
		Streams: []record.Stream{
			{Vantage: record.InCluster, Mode: record.Fresh, URL: "http://web.shop:80"},
			{Vantage: record.External, Mode: record.Fresh, URL: "http://172.18.0.2:30080"},
			{Vantage: record.InCluster, Mode: record.Reused, URL: "http://web.shop:80"},
			{Vantage: record.External, Mode: record.Reused, URL: "http://172.18.0.2:30080"},
		},
	}))

	spec.Load.Timeout, spec.Load.Connections = 10*time.Second, 5
	plan := r.trafficPlan("http://web.shop:80", "http://172.18.0.2:30080")
	g.Expect(plan.Timeout).To(Equal(10 * time.Second))
	g.Expect(plan.Connection).To(Equal(5))
	g.Expect(plan.SlowAfter).To(Equal(8250 * time.Millisecond))
}
