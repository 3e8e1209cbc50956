package gate

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/cluster"
	"hagate/record"
	"hagate/target"
)

// Every need that is not met is said, and recorded; where all are, nothing is.
func TestSkipSaysAllThatIsLacking(t *testing.T) {
	g := NewWithT(t)
	w, err := record.Create(filepath.Join(t.TempDir(), record.FileName))
	g.Expect(err).NotTo(HaveOccurred())
	var skipped []record.Skipped
	var problems []string
	w.Observe(func(e record.Entry) {
		if e.Skipped != nil {
			skipped = append(skipped, *e.Skipped)
		} else {
			problems = append(problems, e.Problem.What.String())
		}
	})
	r := &Run{target: &target.Target{}, cluster: &cluster.Cluster{}, record: w}
	r.target.Spec.Workload.Kind = "StatefulSet"
	r.traffic.Timeout = 2 * time.Second

	unknown := func(context.Context, *Run) (record.Text, error) { return record.Text{}, errors.New("forbidden") }
	why, err := r.Skip(context.Background(), Scenario{Name: "all", Needs: []Need{A("Deployment"), Nodes, Configured, Data, Patience(2 * time.Second), Liveness, unknown}})
	g.Expect(err).NotTo(HaveOccurred())
	for _, lack := range []string{"a Deployment", "access to the nodes", "spec.config", "spec.data", "up to 2 s", "liveness probe"} {
		g.Expect(why).To(ContainSubstring(lack))
	}
	g.Expect(skipped).To(ConsistOf(record.Skipped{Name: "all", Why: why}))

	r.target.Spec.Config.ConfigMap, r.target.Spec.Data.Path = "web", "/data"
	why, err = r.Skip(context.Background(), Scenario{Name: "none", Needs: []Need{A("StatefulSet"), Configured, Data, Patience(time.Second)}})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(why).To(BeZero())
	g.Expect(skipped).To(HaveLen(1))

	_, err = r.Skip(context.Background(), Scenario{Name: "unknown", Needs: []Need{Configured, unknown}})
	g.Expect(err).To(MatchError("looking at what unknown needs: forbidden"))
	g.Expect(problems).To(ConsistOf("looking at what unknown needs: forbidden"))
}

// Zones are needed of the nodes that take Pods, and not of the one that carries the load.
func TestZones(t *testing.T) {
	st := newRig(t)
	for name, c := range map[string]struct {
		zones [3]string
		met   bool
	}{
		"two":               {[3]string{"x", "x", "y"}, true},
		"one":               {[3]string{"x", "x", "x"}, false},
		"none":              {[3]string{}, false},
		"one, and no label": {[3]string{"x", "x", ""}, true},
	} {
		g := NewWithT(t)
		for i, z := range c.zones {
			st.shop.nodes[i].Zone = z
		}
		why, err := Zones(t.Context(), st.Run)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(why.IsZero()).To(Equal(c.met), name)
	}
	g := NewWithT(t)
	for i, z := range []string{"x", "x", "y"} {
		st.shop.nodes[i].Zone = z
	}
	st.avoid = []string{"c"}
	g.Expect(Zones(t.Context(), st.Run)).To(ContainSubstring("x has all the nodes that take Pods, y carries the control plane, the load or its path"))
	st.avoid = nil
	zone, nodes, _, err := st.PickZone()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect([]any{zone, nodes, st.MostInZone()}).To(Equal([]any{"x", []string{"a", "b"}, 2}))
	st.shop.pods = nil
	g.Expect(st.MostInZone()).To(Equal(3), "nobody serves: the whole of it")
	g.Expect(Zones(t.Context(), st.Run)).To(BeZero(), "that is for the scenario to find")
}

// A budget may cover other Pods as well, and those may stay in the place of the workload's.
func TestProtected(t *testing.T) {
	g := NewWithT(t)
	for want, p := range map[int]record.PDB{
		2: {DesiredHealthy: 3, CurrentHealthy: 4},
		3: {DesiredHealthy: 3, CurrentHealthy: 2},
		1: {DesiredHealthy: 1, CurrentHealthy: 5},
	} {
		least, _ := protected([]record.PDB{p}, 3)
		g.Expect(least).To(Equal(want), "%+v", p)
	}
}
