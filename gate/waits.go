package gate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hagate/record"
)

// How often it is looked whether what a run waits for is there.
const (
	pollOwn = 20 * time.Millisecond  // what it knows itself
	pollAPI = 300 * time.Millisecond // what the API or a node has to be asked for: that takes cores of the machine
)

// wait polls until ok, which asks nobody, the context ends or atMost has passed, and says
// whether ok.
func (r *Run) wait(ctx context.Context, atMost time.Duration, ok func() bool) bool {
	return poll(ctx, pollOwn, atMost, ok)
}

// waitAsking is wait for an ok that asks the API or a node.
func (r *Run) waitAsking(ctx context.Context, atMost time.Duration, ok func() bool) bool {
	return poll(ctx, pollAPI, atMost, ok)
}

func poll(ctx context.Context, every, atMost time.Duration, ok func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if ok() {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

// pause waits for as long, or until the context ends.
func (r *Run) pause(ctx context.Context, long time.Duration) {
	r.wait(ctx, long, func() bool { return false })
}

// waitClean waits until every stream has had n clean seconds since, and every Pod of pods
// has answered meanwhile on every vantage that reaches it, and until lacks, where it is
// given, finds nothing in the same moment. It returns what was missing at the end of the
// wait, or nothing.
func (r *Run) waitClean(ctx context.Context, n int, since time.Time, atMost time.Duration, pods func() []record.Endpoint, lacks func() record.Text) record.Text {
	var why record.Text
	done := r.wait(ctx, atMost, func() bool {
		var ok bool
		if ok, why = r.live.clean(r.plan, n, since); !ok {
			return false
		}
		if lacks != nil {
			if why = lacks(); !why.IsZero() {
				return false
			}
		}
		if r.plan.PodHeader == "" {
			return true
		}
		if missing := r.live.unserved(r.plan, pods(), since); len(missing) > 0 {
			why = record.Say("ready but never answered: %s", list(missing))
			return false
		}
		return true
	})
	if done {
		return record.Text{}
	}
	return why
}

// restored says whether the declared replica count is ready, available and behind
// the Service, with no victim among them.
func (r *Run) restored() bool {
	w := r.watch.Workload()
	if w.Stale || w.Replicas != r.declared || w.Current != r.declared || w.Updated != r.declared || w.Ready != r.declared || w.Available != r.declared {
		return false
	}
	eps := r.watch.Endpoints()
	for _, e := range eps.List {
		if e.Ready && r.victims[e.UID] {
			return false
		}
	}
	return eps.Ready() == r.declared
}

// missing says what is not as it is to be before a fault: replicas of the service, or a
// node that was there when the run began and is no longer ready for Pods. What an earlier
// scenario left behind would be held against the service.
func (r *Run) missing() record.Text {
	if n := lostNode(r.watch.Nodes(), r.nodes); n != "" {
		return record.Say("node %s is no longer ready or schedulable", n)
	}
	if w := r.watch.Workload(); !r.restored() {
		return record.Say("of %d replicas %d exist, %d are of the newest version, %d are ready, %d available, %d ready endpoints of the Service",
			r.declared, w.Current, w.Updated, w.Ready, w.Available, r.watch.Endpoints().Ready())
	}
	return record.Text{}
}

// lostNode names a node that took Pods and does no longer. One that is gone is the business of
// whoever scales the cluster.
func lostNode(nodes []record.Node, took map[string]bool) string {
	for _, n := range nodes {
		if took[n.Name] && !n.Gone && !takesPods(n) {
			return n.Name
		}
	}
	return ""
}

func takesPods(n record.Node) bool { return n.Ready && !n.Unschedulable }

// waitEnds waits for the workload's Pods that are on their way out, which ending counts, also
// for those that are ready no more: they may have clients on kept-alive connections. Each has
// atMost from when the one before it went: a node ends few at a time.
func (r *Run) waitEnds(ctx context.Context, atMost time.Duration, ending func() int) error {
	for left := ending(); left > 0; left = min(left, ending()) {
		if r.wait(ctx, atMost, func() bool { return ending() < left }) {
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("%d Pods are still terminating after %s without progress, so the effect on clients was not observed", ending(), atMost)
	}
	return nil
}

// ending counts the Pods of the workload that were told to go and are still there.
func (r *Run) ending() (n int) {
	for _, p := range r.watch.Pods() {
		if p.Terminating != nil {
			n++
		}
	}
	return n
}

// servingPods are the Service's ready endpoints.
func (r *Run) servingPods() []record.Endpoint {
	return slices.DeleteFunc(slices.Clone(r.watch.Endpoints().List), func(e record.Endpoint) bool { return !e.Ready })
}
