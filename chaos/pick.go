package chaos

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hagate/record"
)

// PickPod chooses the first, by name, of the Pods that serve: ready, not terminating,
// and behind the Service by an endpoint that is both. Its error says what there is.
func PickPod(pods []record.Pod, eps record.Endpoints) (record.Victim, error) {
	serve, err := AllPods(pods, eps)
	if err != nil {
		return record.Victim{}, err
	}
	return serve[0], nil
}

// AllPods are all that serve, sorted by name. Its error says what there is.
func AllPods(pods []record.Pod, eps record.Endpoints) ([]record.Victim, error) {
	serve := serving(pods, eps)
	if len(serve) == 0 {
		return nil, fmt.Errorf("no Pod serves: %s", census(pods, eps))
	}
	return serve, nil
}

// PickNode chooses the node that carries most of the Pods that serve, the first by
// name of equals, and returns them as its victims, sorted by name. The node is ready
// and schedulable and none of avoid. Its error says what speaks against each node.
func PickNode(pods []record.Pod, eps record.Endpoints, nodes []record.Node, avoid []string) (string, []record.Victim, error) {
	on := map[string][]record.Victim{}
	for _, v := range serving(pods, eps) {
		on[v.Node] = append(on[v.Node], v)
	}
	nodes = slices.SortedFunc(slices.Values(nodes), func(a, b record.Node) int { return cmp.Compare(a.Name, b.Name) })
	var best string
	var against []string
	for _, n := range nodes {
		if why := unfit(n, avoid, len(on[n.Name])); why != "" {
			against = append(against, n.Name+" "+why)
		} else if len(on[n.Name]) > len(on[best]) {
			best = n.Name
		}
	}
	switch {
	case best != "":
		return best, on[best], nil
	case len(against) == 0:
		return "", nil, errors.New("no node to hit: there is none")
	}
	return "", nil, fmt.Errorf("no node to hit: %s (%s)", strings.Join(against, ", "), census(pods, eps))
}

// controlPlaneTaint is that of a node which is the control plane's.
const controlPlaneTaint = "node-role.kubernetes.io/control-plane"

// PickZone chooses the zone that carries most of the Pods that serve, the first by name of
// equals, and returns its nodes and those Pods, sorted by name. None of its nodes is one of
// avoid or the control plane's, and some node elsewhere takes Pods. Its error says what speaks against each zone.
func PickZone(pods []record.Pod, eps record.Endpoints, nodes []record.Node, avoid []string) (zone string, on []string, victims []record.Victim, err error) {
	zones := map[string][]string{}
	taking := map[string]bool{} // by name: takes Pods, and no fault is to spare it
	spared := slices.Clone(avoid)
	for _, n := range nodes {
		if n.Zone != "" && !n.Gone {
			zones[n.Zone] = append(zones[n.Zone], n.Name)
		}
		if slices.ContainsFunc(n.Taints, func(t string) bool { return strings.HasPrefix(t, controlPlaneTaint) }) {
			spared = append(spared, n.Name)
		}
		taking[n.Name] = unfit(n, spared, 1) == ""
	}
	var against []string
	for _, z := range slices.Sorted(maps.Keys(zones)) {
		there := serving(pods, eps)
		there = slices.DeleteFunc(there, func(v record.Victim) bool { return !slices.Contains(zones[z], v.Node) })
		elsewhere := slices.ContainsFunc(nodes, func(n record.Node) bool { return taking[n.Name] && n.Zone != z })
		switch {
		case slices.ContainsFunc(zones[z], func(n string) bool { return slices.Contains(spared, n) }):
			against = append(against, z+" carries the control plane, the load or its path")
		case !elsewhere:
			against = append(against, z+" has all the nodes that take Pods")
		case len(there) == 0:
			against = append(against, z+" carries no Pod that serves")
		case len(there) > len(victims):
			zone, on, victims = z, slices.Sorted(slices.Values(zones[z])), there
		}
	}
	switch {
	case zone != "":
		return zone, on, victims, nil
	case len(zones) == 0:
		return "", nil, nil, errors.New("no zone to hit: no node has the label topology.kubernetes.io/zone")
	}
	return "", nil, nil, fmt.Errorf("no zone to hit: %s", strings.Join(against, ", "))
}

// unfit says why a node is not to be hit, or nothing.
func unfit(n record.Node, avoid []string, serve int) string {
	switch {
	case n.Gone:
		return "is gone"
	case slices.Contains(avoid, n.Name):
		return "carries the load or its path"
	case !n.Ready:
		return "is not ready"
	case n.Unschedulable:
		return "is cordoned"
	case serve == 0:
		return "carries no Pod that serves"
	}
	return ""
}

// serving are the Pods that serve, sorted by name.
func serving(pods []record.Pod, eps record.Endpoints) (list []record.Victim) {
	open := map[string]bool{}
	for _, e := range eps.List {
		if e.Ready && !e.Terminating && e.UID != "" {
			open[e.UID] = true
		}
	}
	for _, p := range pods {
		if p.Ready && p.Terminating == nil && !p.Gone && open[p.UID] {
			list = append(list, record.Victim{Kind: "Pod", Namespace: p.Namespace, Name: p.Name, UID: p.UID, Node: p.Node})
		}
	}
	slices.SortFunc(list, func(a, b record.Victim) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

func census(pods []record.Pod, eps record.Endpoints) string {
	there, ready, terminating := 0, 0, 0
	for _, p := range pods {
		if p.Gone {
			continue
		}
		there++
		if p.Ready {
			ready++
		}
		if p.Terminating != nil {
			terminating++
		}
	}
	return fmt.Sprintf("%d Pods, %d ready, %d terminating; %d endpoints, %d ready", there, ready, terminating, len(eps.List), eps.Ready())
}
