package gate

import (
	"testing"

	. "github.com/onsi/gomega"

	"hagate/record"
	"hagate/target"
)

func TestTurn(t *testing.T) {
	before := record.Plan{Streams: []record.Stream{
		{Vantage: record.InCluster, Mode: record.Fresh, URL: "http://web.shop:80"},
		{Vantage: record.External, Mode: record.Fresh, URL: "http://172.18.0.2:30080"},
	}}
	for name, c := range map[string]struct {
		b         balanced
		url, node string
	}{
		"Cluster":                {balanced{policy: PolicyCluster, address: "172.18.255.7", node: "worker"}, "http://172.18.255.7:80", ""},
		"Local":                  {balanced{policy: PolicyLocal, address: "172.18.255.7", node: "worker"}, "http://172.18.255.7:80", "worker"},
		"Local, and nobody says": {balanced{policy: PolicyLocal, address: "lb.example.com"}, "http://lb.example.com:80", ""},
		"IPv6":                   {balanced{policy: PolicyCluster, address: "fc00::7"}, "http://[fc00::7]:80", ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			after := c.b.turn(before, 80)
			g.Expect(after.Streams[0]).To(Equal(before.Streams[0]), "those inside go to the Service as ever")
			g.Expect(after.Streams[1]).To(Equal(record.Stream{Vantage: record.External, Mode: record.Fresh, URL: c.url, Node: c.node}))
			g.Expect(before.Streams[1].URL).To(Equal("http://172.18.0.2:30080"), "other scenarios' traffic stays as it was")
		})
	}
}

func TestOnlyOn(t *testing.T) {
	at := map[string]string{"a": "worker", "b": "worker2", "c": "worker"}
	for name, c := range map[string]struct {
		answered []string
		ok       bool
		got      string
	}{
		"its own":      {[]string{"a", "c"}, true, "a, c did"},
		"another's":    {[]string{"a", "b"}, false, "so did b on node worker2"},
		"one not seen": {[]string{"a", "x"}, false, "so did x on node unknown"},
		"nobody":       {nil, false, "no Pod did"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			wrong, got := onlyOn("worker", c.answered, at)
			g.Expect(wrong == 0).To(Equal(c.ok))
			g.Expect(got.String()).To(Equal(c.got))
		})
	}
}

func TestNobodyAnnounces(t *testing.T) {
	g := NewWithT(t)
	r := &Run{}
	_, _, err := r.Announcer()
	g.Expect(err).To(MatchError("the service has no load balancer's address"))
	r.balanced = &balanced{address: "lb.example.com", made: []target.Object{{Name: "web-lb"}}}
	_, _, err = r.Announcer()
	g.Expect(err).To(MatchError("nothing says which node announces the load balancer's address"))
	g.Expect(r.OnAnnouncer()).To(Equal(1))
}
