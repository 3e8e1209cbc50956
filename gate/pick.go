package gate

import (
	"slices"
	"time"

	"hagate/chaos"
	"hagate/record"
)

// PickPod chooses a Pod that serves: one whose containers have not been started again in
// this run, since the kubelet holds the next start back; and one that served before the
// scenario's first fault, while there is any.
func (r *Run) PickPod() (pod record.Victim, err error) {
	old := func(p record.Pod) bool { return r.serving[p.UID] }
	fresh := func(p record.Pod) bool { return r.startedAgain(p) == 0 }
	both := func(p record.Pod) bool { return old(p) && fresh(p) }
	serves := func(record.Pod) bool { return true }
	for _, fit := range []func(record.Pod) bool{both, old, fresh, serves} {
		pods := slices.DeleteFunc(r.watch.Pods(), func(p record.Pod) bool { return !fit(p) })
		if pod, err = chaos.PickPod(pods, r.watch.Endpoints()); err == nil {
			return pod, nil
		}
	}
	return pod, err
}

// startedAgain is how often containers of a Pod were started again in this run.
func (r *Run) startedAgain(p record.Pod) int { return p.Restarts - r.restarts[p.UID] }

// CrashLoopDelay is how long the kubelet may hold back the next start of a container of the Pod
// that PickPod chooses.
func (r *Run) CrashLoopDelay() time.Duration {
	v, err := r.PickPod()
	if err != nil {
		return 0 // that nobody serves is for the scenario to find
	}
	for _, p := range r.watch.Pods() {
		if p.UID == v.UID {
			return backOff(r.startedAgain(p))
		}
	}
	return 0
}

// backOff is the kubelet's, for a container that was started again so often: 10 s, twice
// as long each time, and 5 min at most
// (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy).
func backOff(again int) time.Duration {
	if again <= 0 {
		return 0
	}
	return min(10*time.Second<<min(again-1, 5), 5*time.Minute)
}

// PickNode chooses the node that serves most, never one that carries load, and one
// that the scenario has hit before only where no other serves.
func (r *Run) PickNode() (string, []record.Victim, error) {
	pods, eps, nodes := r.watch.Pods(), r.watch.Endpoints(), r.watch.Nodes()
	if node, victims, err := chaos.PickNode(pods, eps, nodes, slices.Concat(r.avoid, r.nodesHit)); err == nil {
		return node, victims, nil
	}
	return chaos.PickNode(pods, eps, nodes, r.avoid)
}

// PickZone chooses the zone that serves most, never one with a node that carries load, and
// returns its nodes.
func (r *Run) PickZone() (zone string, nodes []string, pods []record.Victim, err error) {
	return chaos.PickZone(r.watch.Pods(), r.watch.Endpoints(), r.watch.Nodes(), r.avoid)
}

// MostInZone is the number of Pods that serve in the zone that PickZone chooses.
func (r *Run) MostInZone() int {
	_, _, victims, err := r.PickZone()
	if err != nil {
		return r.replicas
	}
	return len(victims)
}

// AllPods are all that serve.
func (r *Run) AllPods() ([]record.Victim, error) {
	return chaos.AllPods(r.watch.Pods(), r.watch.Endpoints())
}

// MostOnNode is the largest number of Pods that serve on one node that faults may hit.
func (r *Run) MostOnNode() int {
	_, victims, err := r.PickNode()
	if err != nil {
		return r.replicas
	}
	return len(victims)
}

// Home is the node that carries the load and its path, one of the control plane where
// there is any.
func (r *Run) Home() string { return r.avoid[0] }
