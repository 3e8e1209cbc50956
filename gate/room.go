package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	resourcehelper "k8s.io/component-helpers/resource"

	"hagate/chaos"
	"hagate/load"
	"hagate/record"
)

// room is what a node can allocate, and what the Pods that are bound to it request, as
// the scheduler counts.
type room struct {
	node      string
	can       corev1.ResourceList
	requested corev1.ResourceList
	pods      int64
}

// roomsOf adds up the Pods on each of names, in that order.
func roomsOf(names []string, nodes []corev1.Node, pods []corev1.Pod) (rooms []room) {
	for _, name := range names {
		i := slices.IndexFunc(nodes, func(n corev1.Node) bool { return n.Name == name })
		if i < 0 {
			continue
		}
		r := room{node: name, can: nodes[i].Status.Allocatable, requested: corev1.ResourceList{}}
		for _, p := range pods {
			if p.Spec.NodeName != name || p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
				continue
			}
			r.pods++
			for kind, n := range requests(p) {
				sum := r.requested[kind]
				sum.Add(n)
				r.requested[kind] = sum
			}
		}
		rooms = append(rooms, r)
	}
	return rooms
}

func requests(p corev1.Pod) corev1.ResourceList {
	return resourcehelper.PodRequests(&p, resourcehelper.PodResourcesOptions{UseStatusResources: true})
}

// left is what of a resource nobody has requested yet.
func (r room) left(kind corev1.ResourceName) resource.Quantity {
	left := r.can[kind].DeepCopy()
	left.Sub(r.requested[kind])
	return left
}

// fits is how many more Pods that request each there is room for.
func (r room) fits(each corev1.ResourceList) int {
	can := r.can[corev1.ResourcePods]
	most := can.Value() - r.pods
	for kind, n := range each {
		if left := r.left(kind); !n.IsZero() {
			most = min(most, left.MilliValue()/n.MilliValue())
		}
	}
	return int(max(0, most))
}

func (r room) says() record.Text {
	cpu, memory, most := r.requested[corev1.ResourceCPU], r.requested[corev1.ResourceMemory], r.can[corev1.ResourcePods]
	canCPU, canMemory := r.can[corev1.ResourceCPU], r.can[corev1.ResourceMemory]
	return record.Say("%s: %d of %s Pods, CPU %s of %s, memory %d of %d Mi", r.node, r.pods, most.String(), cpu.String(), canCPU.String(), memory.Value()>>20, canMemory.Value()>>20)
}

// over are the resources of which more is requested than there is.
func (r room) over() (list []corev1.ResourceName) {
	for _, kind := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		if left := r.left(kind); left.Sign() < 0 {
			list = append(list, kind)
		}
	}
	return list
}

// roomWait bounds what is asked of the API before a fault.
const roomWait = 10 * time.Second

// rooms looks at the nodes that Pods may be put on and that faults may hit, sorted by
// name, and at all Pods.
func (r *Run) rooms() ([]room, []corev1.Pod, error) {
	ctx, cancel := context.WithTimeout(context.Background(), roomWait)
	defer cancel()
	nodes, err := r.destructive.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, nil, fmt.Errorf("listing nodes: %w", err)
	}
	pods, err := r.destructive.CoreV1().Pods("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, nil, fmt.Errorf("listing Pods: %w", err)
	}
	return roomsOf(r.open(), nodes.Items, pods.Items), pods.Items, nil
}

// open names the nodes that take Pods and carry no load, sorted.
func (r *Run) open() (names []string) {
	for _, n := range r.watch.Nodes() {
		if n.Ready && !n.Unschedulable && !n.Gone && !slices.Contains(r.avoid, n.Name) {
			names = append(names, n.Name)
		}
	}
	slices.Sort(names)
	return names
}

// AtMost is the number of replicas up to most for which the nodes have room by what
// they request, the declared ones included. It is 0 where that is not known.
func (r *Run) AtMost(most int) int {
	rooms, pods, err := r.rooms()
	v, none := r.PickPod()
	i := slices.IndexFunc(pods, func(p corev1.Pod) bool { return string(p.UID) == v.UID })
	if cmp.Or(err, none) != nil || i < 0 {
		return 0
	}
	n := r.replicas
	for _, room := range rooms {
		n += room.fits(requests(pods[i]))
	}
	return min(n, most)
}

// FullNode is the fault that fills the node that serves most, and deletes a Pod that
// serves on it.
func (r *Run) FullNode() (chaos.Fault, error) {
	node, victims, err := r.PickNode()
	if err != nil {
		return nil, err
	}
	rooms, pods, err := r.rooms()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(rooms, func(room room) bool { return room.node == node })
	j := slices.IndexFunc(pods, func(p corev1.Pod) bool { return string(p.UID) == victims[0].UID })
	if i < 0 || j < 0 {
		return nil, fmt.Errorf("node %s or its Pod %s has gone", node, victims[0].Name)
	}
	own := requests(pods[j])[corev1.ResourceCPU]
	if own.IsZero() {
		return nil, errors.New("the Pods request no CPU, so no node is ever full for them")
	}
	left := rooms[i].left(corev1.ResourceCPU)
	all := left.DeepCopy()
	all.Add(own)
	return chaos.NodeFull{Node: node, Victim: victims[0], All: all,
		Filler: filler(load.PodManifest(r.namespace(), "filler", r.AgentImage(), ""), node, left)}, nil
}

// filler has pod ask for cpu on the node and nowhere else.
func filler(pod *corev1.Pod, node string, cpu resource.Quantity) *corev1.Pod {
	pod.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
		NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchFields: []corev1.NodeSelectorRequirement{
			{Key: metav1.ObjectNameField, Operator: corev1.NodeSelectorOpIn, Values: []string{node}}}}}}}}
	pod.Spec.Containers[0].Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: cpu}
	return pod
}

// LooksAtRoom finds that every Pod of the workload is placed by what it requests: it
// requests CPU and memory, and no node is asked for more than it can allocate.
func (r *Run) LooksAtRoom(context.Context) error {
	want := record.Say("every container requests CPU and memory, and no node's requests exceed its allocatable resources")
	rooms, pods, err := r.rooms()
	if err != nil {
		return err
	}
	serve, err := r.AllPods()
	if err != nil {
		return err
	}
	own := map[string]bool{}
	for _, v := range serve {
		own[v.UID] = true
	}
	wrong := blind(slices.DeleteFunc(pods, func(p corev1.Pod) bool { return !own[string(p.UID)] }))
	var got []record.Text
	for _, room := range rooms {
		got = append(got, room.says())
		for _, kind := range room.over() {
			wrong = append(wrong, record.Say("more than allocatable: %s of %s", kind, room.node))
		}
	}
	return r.Found(want, record.Join("; ", append(wrong, got...)...), len(wrong), record.AtMost(0))
}

// blind names the containers of pods that leave the scheduler in the dark.
func blind(pods []corev1.Pod) (list []record.Text) {
	seen := map[string]bool{}
	for _, p := range pods {
		for _, c := range p.Spec.Containers {
			for _, kind := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
				n := requests(corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{c}, Resources: p.Spec.Resources}})[kind]
				text := record.Say("container %s requests no %s", c.Name, kind)
				if n.IsZero() && !seen[text.String()] {
					seen[text.String()] = true
					list = append(list, text)
				}
			}
		}
	}
	return list
}
