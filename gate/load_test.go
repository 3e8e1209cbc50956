package gate

import (
	"os"
	"path/filepath"
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

	spec.Load.Connections, spec.Load.ThinkTime, spec.Load.Retries = 0, 2*time.Second, 3
	plan = r.trafficPlan("http://web.shop:80", "http://172.18.0.2:30080")
	g.Expect(plan.ThinkTime).To(Equal(2 * time.Second))
	g.Expect(plan.Retries).To(Equal(3))
	g.Expect(plan.Connection).To(Equal(430), "those whose clients pause, and the usual ones beside them")
	up := raised(plan, time.Now())
	g.Expect(up.ThinkTime).To(BeZero(), "the more are sent, the more would be idle")
	g.Expect(up.Retries).To(Equal(3))
}

// RATE is held to what the rest of the target's load allows, before anything is made.
func TestOpenRefusesARateThatDoesNotFit(t *testing.T) {
	g := NewWithT(t)
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	g.Expect(os.CopyFS(dir, os.DirFS(filepath.Join("..", "target", "nginx")))).To(Succeed())
	file := filepath.Join(dir, target.FileName)
	text, err := os.ReadFile(file)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(os.WriteFile(file, append(text, "  load: {thinkTime: 2s}\n"...), 0o644)).To(Succeed())

	_, err = Open(t.Context(), Config{Target: dir, Out: out, Rate: 500}, nil)
	g.Expect(err).To(MatchError(HavePrefix("RATE=500 for " + file + ": spec.load.thinkTime: 500 requests/second of clients that pause for 2s")))
	g.Expect(out).NotTo(BeADirectory())
}
