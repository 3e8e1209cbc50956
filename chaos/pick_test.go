package chaos

import (
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// replicas are Pods that serve: the nodes they are on, in the order of their names.
func replicas(on ...string) (pods []record.Pod, eps record.Endpoints) {
	for i, node := range on {
		name := string(rune('a' + i))
		pods = append(pods, record.Pod{Namespace: "nginx", Name: name, UID: "uid-" + name, Node: node, Phase: "Running", Ready: true})
		eps.List = append(eps.List, record.Endpoint{Pod: name, UID: "uid-" + name, Node: node, Ready: true, Serving: true})
	}
	return pods, eps
}

func TestPickPodTakesTheFirstThatServes(t *testing.T) {
	now := time.Now()
	for name, spoil := range map[string]func(*record.Pod, *record.Endpoint){
		"not ready":            func(p *record.Pod, _ *record.Endpoint) { p.Ready = false },
		"terminating":          func(p *record.Pod, _ *record.Endpoint) { p.Terminating = &now },
		"gone":                 func(p *record.Pod, _ *record.Endpoint) { p.Gone = true },
		"endpoint not ready":   func(_ *record.Pod, e *record.Endpoint) { e.Ready = false },
		"endpoint terminating": func(_ *record.Pod, e *record.Endpoint) { e.Terminating = true },
		"another's endpoint":   func(_ *record.Pod, e *record.Endpoint) { e.UID = "uid-before" },
		"no Pod's endpoint":    func(p *record.Pod, e *record.Endpoint) { p.UID, e.UID = "", "" },
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			pods, eps := replicas("worker1", "worker2", "worker1")
			slices.Reverse(pods)
			v, err := PickPod(pods, eps)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(v).To(Equal(record.Victim{Kind: "Pod", Namespace: "nginx", Name: "a", UID: "uid-a", Node: "worker1"}))

			spoil(&pods[2], &eps.List[0])
			v, err = PickPod(pods, eps)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(v.Name).To(Equal("b"))
		})
	}
}

func TestPickPodSaysWhatThereIs(t *testing.T) {
	g := NewWithT(t)
	pods, eps := replicas("worker1", "worker2")
	pods[0].Ready, eps.List[1].Ready = false, false
	_, err := PickPod(pods, eps)
	g.Expect(err).To(MatchError("no Pod serves: 2 Pods, 1 ready, 0 terminating; 2 endpoints, 1 ready"))
}

func nodes(names ...string) (list []record.Node) {
	for _, n := range names {
		list = append(list, record.Node{Name: n, Ready: true})
	}
	return list
}

func TestPickNode(t *testing.T) {
	open := nodes("worker3", "worker2", "worker1")
	with := func(change func(*record.Node)) []record.Node {
		list := slices.Clone(open)
		change(&list[1])
		return list
	}
	for name, c := range map[string]struct {
		on    []string
		nodes []record.Node
		avoid []string
		want  string
	}{
		"serves most":     {[]string{"worker1", "worker2", "worker2"}, open, nil, "worker2"},
		"first of equals": {[]string{"worker3", "worker2"}, open, nil, "worker2"},
		"avoided":         {[]string{"worker1", "worker2", "worker2"}, open, []string{"worker2"}, "worker1"},
		"not ready":       {[]string{"worker1", "worker2", "worker2"}, with(func(n *record.Node) { n.Ready = false }), nil, "worker1"},
		"cordoned":        {[]string{"worker1", "worker2", "worker2"}, with(func(n *record.Node) { n.Unschedulable = true }), nil, "worker1"},
		"gone":            {[]string{"worker1", "worker2", "worker2"}, with(func(n *record.Node) { n.Gone = true }), nil, "worker1"},
		"not known":       {[]string{"worker9", "worker9", "worker1"}, open, nil, "worker1"},
		"alone":           {[]string{"worker3"}, open, nil, "worker3"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			pods, eps := replicas(c.on...)
			node, victims, err := PickNode(pods, eps, c.nodes, c.avoid)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(node).To(Equal(c.want))
			var want []record.Victim
			for _, p := range pods {
				if p.Node == c.want {
					want = append(want, record.Victim{Kind: "Pod", Namespace: p.Namespace, Name: p.Name, UID: p.UID, Node: p.Node})
				}
			}
			g.Expect(victims).To(Equal(want))
		})
	}
}

func TestPickNodeCountsThePodsThatServe(t *testing.T) {
	g := NewWithT(t)
	pods, eps := replicas("worker1", "worker2", "worker2")
	pods[1].Ready, eps.List[2].Ready = false, false
	node, victims, err := PickNode(pods, eps, nodes("worker1", "worker2"), nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(node).To(Equal("worker1"))
	g.Expect(victims).To(HaveLen(1))
}

func TestPickNodeSaysWhatSpeaksAgainstEach(t *testing.T) {
	g := NewWithT(t)
	pods, eps := replicas("control-plane", "worker1")
	list := nodes("control-plane", "worker1", "worker2")
	list[1].Unschedulable = true
	_, _, err := PickNode(pods, eps, list, []string{"control-plane"})
	g.Expect(err).To(MatchError(And(
		ContainSubstring("control-plane carries the load"),
		ContainSubstring("worker1 is cordoned"),
		ContainSubstring("worker2 carries no Pod that serves"))))

	_, _, err = PickNode(pods, eps, nil, nil)
	g.Expect(err).To(HaveOccurred())
}

func TestPickZone(t *testing.T) {
	pods, eps := replicas("a1", "a2", "b1")
	in := func(zones ...string) (list []record.Node) {
		for i, n := range nodes("a1", "a2", "b1") {
			n.Zone = zones[i]
			list = append(list, n)
		}
		return list
	}
	cordoned, tainted := in("a", "a", "b"), in("a", "a", "b")
	tainted[0].Taints = []string{"node-role.kubernetes.io/control-plane:NoSchedule"}
	cordoned[2].Unschedulable = true
	for name, c := range map[string]struct {
		nodes []record.Node
		avoid []string
		zone  string
		on    []string
		err   string
	}{
		"most":                {nodes: in("a", "a", "b"), zone: "a", on: []string{"a1", "a2"}},
		"the other has load":  {nodes: in("a", "a", "b"), avoid: []string{"a1"}, zone: "b", on: []string{"b1"}},
		"the first of equals": {nodes: in("c", "b", "a"), zone: "a", on: []string{"b1"}},
		"control plane in it": {nodes: tainted, zone: "b", on: []string{"b1"}},
		"no zones":            {nodes: in("", "", ""), err: "no zone to hit: no node has the label topology.kubernetes.io/zone"},
		"one zone":            {nodes: in("a", "a", "a"), err: "no zone to hit: a has all the nodes that take Pods"},
		"no room elsewhere":   {nodes: cordoned, zone: "b", on: []string{"b1"}},
		"nobody elsewhere":    {nodes: in("", "", "b"), avoid: []string{"b1"}, err: "no zone to hit: b carries the control plane, the load or its path"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			zone, on, victims, err := PickZone(pods, eps, c.nodes, c.avoid)
			if c.err != "" {
				g.Expect(err).To(MatchError(c.err))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(zone).To(Equal(c.zone))
			g.Expect(on).To(Equal(c.on))
			g.Expect(victims).To(HaveLen(len(c.on)))
		})
	}
}
