package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/record"
)

// places counts the Pods on each node that takes Pods, and on each other that has some.
func places(open []string, pods []record.Victim) map[string]int {
	on := map[string]int{}
	for _, n := range open {
		on[n] = 0
	}
	for _, v := range pods {
		on[v.Node]++
	}
	return on
}

// skew is the difference between the node with most and that with least.
func skew(on map[string]int) int {
	if len(on) == 0 {
		return 0
	}
	counts := slices.Sorted(maps.Values(on))
	return counts[len(counts)-1] - counts[0]
}

// counted is "2 on worker, 1 on worker2".
func counted(on map[string]int) record.Text {
	var list []record.Text
	for _, node := range slices.Sorted(maps.Keys(on)) {
		list = append(list, record.Say("%d on %s", on[node], node))
	}
	return record.Join(", ", list...)
}

// defaultSkew is the scheduler's own maxSkew over nodes for Pods that state none
// (kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints#internal-default-constraints).
const defaultSkew = 3

// LooksAtSkew finds that the Pods are spread evenly over the nodes that take Pods.
func (r *Run) LooksAtSkew(context.Context) error {
	pods, err := r.AllPods()
	if err != nil {
		return err
	}
	on := places(r.open(), pods)
	want := record.Say("no node has over %d Pods more than another: the scheduler's default for Pods without a topologySpreadConstraint", defaultSkew)
	return r.Found(want, record.Say("%d Pods: %s (skew %d)", len(pods), counted(on), skew(on)), skew(on), record.AtMost(defaultSkew))
}

// LooksAtJoined finds that Pods that serve are on the node that joined.
func (r *Run) LooksAtJoined(context.Context) error {
	if len(r.nodesHit) == 0 {
		return errors.New("no node was hit, so none has joined")
	}
	joined := r.nodesHit[len(r.nodesHit)-1]
	pods, err := r.AllPods()
	if err != nil {
		return err
	}
	on := places(r.open(), pods)
	return r.Found(record.Say("the node that joined serves"), record.Join("; ", record.Say("%s joined", joined), counted(on)), on[joined], record.AtLeast(1))
}

// placedWithin is how long a Pod may go without a node: where there is a
// place, the scheduler finds it in milliseconds.
const placedWithin = 5 * time.Second

// LooksAtWaits finds that every Pod of the workload that came in this scenario was given
// a node at once.
func (r *Run) LooksAtWaits(ctx context.Context) error {
	pods, err := r.destructive.CoreV1().Pods(r.target.Spec.Workload.Namespace).List(ctx, metav1.ListOptions{LabelSelector: r.selector})
	if err != nil {
		return fmt.Errorf("listing the Pods of %s: %w", r.target.Spec.Workload, err)
	}
	came := slices.DeleteFunc(pods.Items, func(p corev1.Pod) bool { return r.serving[string(p.UID)] })
	if len(came) == 0 {
		return errors.New("no Pod came, so none can have waited for a node")
	}
	longest, name := waits(came, time.Now())
	return r.Found(record.Say("no Pod waits longer than %s for a node", placedWithin),
		record.Say("the longest of %d new Pods to wait for a node was %s, for %s", len(came), name, longest.Round(time.Second)), int(math.Ceil(longest.Seconds())), record.AtMost(int(placedWithin.Seconds())))
}

// waits finds the Pod that was longest without a node, to a second.
func waits(pods []corev1.Pod, now time.Time) (longest time.Duration, name string) {
	for _, p := range pods {
		until := now
		for _, c := range p.Status.Conditions {
			if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionTrue {
				until = c.LastTransitionTime.Time
			}
		}
		if took := until.Sub(p.CreationTimestamp.Time); name == "" || took > longest {
			longest, name = took, p.Name
		}
	}
	return longest, name
}
