package chaos

import (
	"cmp"
	"errors"
	"fmt"
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
