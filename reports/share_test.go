package reports

import (
	"math"
	"strings"
	"testing"
	"time"

	"hagate/record"
)

// Three Pods: one throughout, one that leaves in the middle of the second second, one
// that comes when it has left.
func TestShares(t *testing.T) {
	const fresh, reused = record.Fresh, record.Reused
	at := func(s float64) time.Time { return time.Unix(1000, 0).Add(time.Duration(s * float64(time.Second))) }
	ready := func(pods ...string) (e record.Endpoints) {
		for _, p := range pods {
			e.List = append(e.List, record.Endpoint{Pod: p, Ready: true})
		}
		return e
	}
	some := &tale{
		answers: map[int64]map[answerer]int{
			1000: {{"stays", fresh}: 50, {"leaves", fresh}: 50, {"stays", reused}: 100},
			1001: {{"stays", fresh}: 60, {"leaves", fresh}: 30, {"comes", fresh}: 10, {"stays", reused}: 100},
			1002: {{"stays", fresh}: 40, {"comes", fresh}: 60, {"stays", reused}: 100},
		},
		endpoints: []change[record.Endpoints]{{at(-5), ready("stays", "leaves")}, {at(1.5), ready("stays", "comes")}},
		pods: []*life[record.Pod]{
			{"1", []change[record.Pod]{{at(-5), record.Pod{Name: "leaves", Node: "n1"}}}},
			{"2", []change[record.Pod]{{at(-5), record.Pod{Name: "stays", Node: "n2"}}}},
			{"3", []change[record.Pod]{{at(1), record.Pod{Name: "never-ready"}}}},
			{"4", []change[record.Pod]{{at(1), record.Pod{Name: "comes"}}, {at(1.2), record.Pod{Name: "comes", Node: "n3"}}}},
		},
	}
	want := []share{
		{"leaves", "n1", part{80, 80. / 300, 75. / 300}, part{0, 0, 75. / 300}},
		{"stays", "n2", part{150, 150. / 300, 150. / 300}, part{300, 1, 150. / 300}},
		{"comes", "n3", part{70, 70. / 300, 75. / 300}, part{0, 0, 75. / 300}},
	}
	got := some.shares()
	if len(got) != len(want) {
		t.Fatalf("%+v, want %+v", got, want)
	}
	near := func(a, b part) bool {
		return a.N == b.N && math.Abs(a.Seen-b.Seen) < 1e-9 && math.Abs(a.Even-b.Even) < 1e-9
	}
	for i, w := range want {
		if g := got[i]; g.Pod != w.Pod || g.Node != w.Node || !near(g.Fresh, w.Fresh) || !near(g.Reused, w.Reused) {
			t.Errorf("%+v, want %+v", g, w)
		}
	}
	if bar := string(got[0].Fresh.bar(nil)); !strings.Contains(bar, `aria-label="26.7 %, even would be 25.0 %"`) {
		t.Error(bar)
	}
	if got := new(tale).shares(); got != nil {
		t.Errorf("nobody answered: %+v", got)
	}
}
