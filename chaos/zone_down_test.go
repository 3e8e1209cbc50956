package chaos

import (
	"context"
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"

	. "github.com/onsi/gomega"

	"hagate/record"
)

var _ = kind(ZoneDown{})

// All nodes of the zone go down together, and all are powered on before any is waited for.
// What could not be powered on is in the journal, and the others are on.
func TestZoneDown(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, nodeObject("a1", false), nodeObject("a2", false))
	var log []string
	var stuck error
	b.Power = func(_ context.Context, node string, on bool) error {
		status, what := corev1.ConditionUnknown, "off "
		if on {
			if stuck != nil && node == "a1" {
				return stuck
			}
			status, what = corev1.ConditionTrue, "on "
		}
		log = append(log, what+node)
		n := nodeObject(node, false)
		n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status}}
		return b.api.Tracker().Update(corev1.SchemeGroupVersion.WithResource("nodes"), n, "")
	}
	f := ZoneDown{Zone: "a", Nodes: []string{"a1", "a2"}, Victims: []record.Victim{victim}}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(log).To(Equal([]string{"off a1", "off a2", "on a1", "on a2"}))
	g.Expect(b.Journal.Pending()).To(BeEmpty())
	var hit []string
	for _, v := range b.faults[0].Victims {
		hit = append(hit, v.Kind+" "+v.Name)
	}
	g.Expect(hit).To(ConsistOf("Node a1", "Node a2", "Pod "+victim.Name))

	log, stuck = nil, errors.New("the engine is away")
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(f.Revert(b.ctx, b.Env)).To(MatchError(stuck), "a1 is not waited for")
	g.Expect(log).To(Equal([]string{"off a1", "off a2", "on a2"}))
	g.Expect(b.Journal.Pending()).To(HaveLen(1))

	f.Nodes = []string{"a1", "gone"}
	g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ContainSubstring("powering zone a off: node gone")))
}
