package verdicttest

import "hagate/record"

func (s *scene) pod(at float64, p pod, life lifePhase) {
	e := record.Pod{Namespace: "nginx", Name: p.name, UID: p.uid, Node: p.node, IP: p.ip, Phase: "Running", Ready: true, Started: true}
	switch life {
	case pending:
		e.Phase, e.Ready, e.Started, e.Node, e.IP = "Pending", false, false, "", ""
	case starting:
		e.Ready = false
	case terminating, gone:
		since := s.time(injectAt)
		e.Terminating, e.Grace, e.Gone = &since, s.grace, life == gone
		e.Ready = life == terminating
	}
	s.at(at, record.Entry{Pod: &e})
}

// answers is what p answers on its own address from at on.
func (s *scene) answers(at float64, p pod, status int) {
	a := record.Answer{UID: p.uid, Address: p.ip + ":8080", Status: status}
	if status == 0 {
		a.Error = "connection refused"
	}
	s.at(at, record.Entry{Clock: record.InCluster, Answer: &a})
}

func (s *scene) endpoints(at float64, ready ...pod) {
	e := record.Endpoints{Service: "nginx/nginx-svc"}
	for _, p := range ready {
		e.List = append(e.List, record.Endpoint{Pod: p.name, UID: p.uid, IP: p.ip, Node: p.node, Ready: true, Serving: true})
	}
	s.at(at, record.Entry{Endpoints: &e})
}

func (s *scene) workload(at float64, ready int) {
	s.at(at, record.Entry{Workload: &record.Workload{Replicas: 3, Current: 3, Ready: ready, Updated: 3, Available: ready}})
}

func (s *scene) pdb(at float64, healthy int) {
	s.at(at, record.Entry{PDB: &record.PDB{Name: "nginx01", DesiredHealthy: 2, CurrentHealthy: healthy, Allowed: healthy - 2}})
}

// The faults of the scenes, as they declare themselves.
var (
	podDelete = record.Fault{Name: "pod-delete", Effect: record.Effect{Kind: record.PodsReplaced}}
	podKill   = record.Fault{Name: "pod-kill", Effect: record.Effect{Kind: record.PodsKilled}}
	podFreeze = record.Fault{Name: "pod-freeze", Effect: record.Effect{Kind: record.PodsHeld}, Returns: true}
	nodeDrain = record.Fault{Name: "node-drain", Effect: record.Effect{Kind: record.NodesDrained, Evicts: true}}
	nodeDown  = record.Fault{Name: "node-down", Effect: record.Effect{Kind: record.NodesNotReady}}
	apiDown   = record.Fault{Name: "kube-apiserver-down", Effect: record.Effect{Kind: record.ComponentAway, Away: "kube-apiserver"}, Returns: true}
	dnsKill   = record.Fault{Name: "dns-kill", Effect: record.Effect{Kind: record.ComponentAway, Away: record.DNS}}
)

func (s *scene) fault(at float64, of record.Fault, state string, evidence []string, victims ...record.Victim) {
	of.State, of.Victims = state, victims
	for _, e := range evidence {
		of.Evidence = append(of.Evidence, record.Words(e))
	}
	s.at(at, record.Entry{Fault: &of})
}

func victim(p pod) record.Victim {
	return record.Victim{Kind: "Pod", Namespace: "nginx", Name: p.name, UID: p.uid, Node: p.node}
}

// replace is what the cluster shows while next takes the place of lost.
func (s *scene) replace(lost, next pod) {
	var stay []pod
	for _, p := range s.old {
		if p != lost {
			stay = append(stay, p)
		}
	}
	s.pod(8.31, next, pending)
	s.endpoints(8.8, stay...)
	s.workload(8.4, 2)
	s.pdb(8.4, 2)
	s.pod(9.5, next, starting)
	s.at(9.6, record.Entry{Event: &record.Event{Type: "Normal", Reason: "Started", Object: "Pod/" + next.name, Message: "Started container nginx", Count: 1}})
	s.pod(12.4, next, running)
	s.workload(12.45, 3)
	s.pdb(12.5, 3)
	s.endpoints(backAt, append(stay, next)...)
}

func (s *scene) deletePod(lost, next pod) {
	s.fault(injectAt, podDelete, record.Injecting, nil, victim(lost))
	s.pod(8.3, lost, terminating)
	s.fault(8.35, podDelete, record.Injected, []string{"Pod " + lost.name + " is terminating"}, victim(lost))
	s.answers(13.32, lost, 0)
	s.pod(goneAt, lost, gone)
	s.fault(14.5, podDelete, record.Reverted, nil, victim(lost))
	s.replace(lost, next)
}

func (s *scene) killPod(lost, next pod) {
	s.fault(injectAt, podKill, record.Injecting, nil, victim(lost))
	s.pod(8.3, lost, gone)
	s.fault(8.35, podKill, record.Injected, []string{"2 processes killed with SIGKILL", "Pod " + lost.name + " is gone"}, victim(lost))
	s.fault(14.5, podKill, record.Reverted, nil, victim(lost))
	s.replace(lost, next)
}

func (s *scene) drain(lost, next pod) {
	node := record.Victim{Kind: "Node", Name: lost.node, UID: "node-" + lost.node}
	s.fault(injectAt, nodeDrain, record.Injecting, nil, node, victim(lost))
	s.at(8.28, record.Entry{Node: &record.Node{Name: lost.node, Ready: true, Unschedulable: true, Taints: []string{"node.kubernetes.io/unschedulable:NoSchedule"}}})
	s.pod(8.3, lost, terminating)
	s.answers(8.35, lost, 0)
	s.pod(goneAt, lost, gone)
	s.fault(14.35, nodeDrain, record.Injected, []string{"node " + lost.node + " is cordoned", "Pod " + lost.name + " was evicted"}, node, victim(lost))
	s.at(14.45, record.Entry{Node: &record.Node{Name: lost.node, Ready: true}})
	s.fault(14.5, nodeDrain, record.Reverted, nil, node, victim(lost))
	s.replace(lost, next)
}
