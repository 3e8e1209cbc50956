package gate

import (
	"context"

	"hagate/record"
)

// spans is how many nodes and zones have a Pod that serves.
type spans struct{ nodes, zones int }

func (r *Run) spans() spans {
	zone := map[string]string{}
	for _, n := range r.watch.Nodes() {
		zone[n.Name] = n.Zone
	}
	nodes, zones := map[string]bool{}, map[string]bool{}
	for _, e := range r.watch.Endpoints().List {
		if e.Ready && e.Node != "" {
			nodes[e.Node], zones[zone[e.Node]] = true, true
		}
	}
	return spans{len(nodes), len(zones)}
}

// spreadAgain has the Pods replaced before s where what was done before has left all of them
// on one node, or in the one zone that s takes, as they were not when the run began:
// Kubernetes does not move Pods that run, and the next loss would take all of them. No load
// is sent meanwhile, so what fails is held against nobody.
func (r *Run) spreadAgain(ctx context.Context, s Scenario) error {
	now := r.spans()
	if r.spread.nodes == 0 {
		r.spread = now
	}
	var on record.Text
	switch {
	case !r.restored(): // which is looked at before the fault
		return nil
	case now.nodes == 1 && r.spread.nodes > 1:
		on = record.Say("one node")
	case s.Zone && now.zones == 1 && r.spread.zones > 1:
		on = record.Say("one zone")
	default:
		return nil
	}
	if err := r.setting(record.Say("Pods replaced"), record.Say("before %s", s.Name), record.Say("all ran on %s since an earlier scenario, and Kubernetes does not move running Pods; without load", on)); err != nil {
		return err
	}
	r.warmed = false // the first baseline was of other Pods
	if err := r.stopLoad(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	return r.replacePods(ctx)
}
