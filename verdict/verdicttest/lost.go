package verdicttest

import (
	"slices"

	"hagate/record"
)

// unplanned has the scene owe what a sudden loss does: some failures, and no more.
func (s *scene) unplanned(failed int) {
	s.start.Planned = false
	s.start.SLO.MinServesOn, s.start.SLO.MinReady, s.start.SLO.MaxClosedInFlight = 0, 0, 100
	s.start.SLO.MaxFailed, s.start.SLO.MaxOutage, s.start.SLO.MaxBlackout = failed, 10e9, 3e9
}

// moved has the phase begin at another time.
func (s *scene) moved(phase string, to float64) {
	s.edit(func(_ float64, e *record.Entry) {
		if e.Phase != nil && e.Phase.Name == phase {
			e.Time = s.time(to)
		}
	})
}

// timesOut has the requests due from from to to time out that would go to the Pod with an
// index, or to all where that is below 0.
func (s *scene) timesOut(from, to float64, index int) func(int, float64) string {
	s.detail = func(_ float64, r *record.Request) {
		r.Error = "wait for response: no end within the timeout"
		if r.Reused && index >= 0 {
			r.Pod = s.old[index].name
		}
	}
	return func(_ int, at float64) string {
		if nth := int(at*100+0.5) % 100; at >= from && at < to && (index < 0 || nth%3 == index) {
			return record.ClassTimeout
		}
		return ""
	}
}

// hung is a scene in which a Pod stops answering at 8.26 s and goes on at 16 s. Clients are
// sent to it for as long as stays says; all the while where that is 0.
func hung(stays float64, failed int, template func(*record.Template)) *scene {
	s := newScene("pod-freeze", "A Pod may hang: it leaves rotation before its budget is spent, and comes back when it answers again.", Began)
	s.sound(template, nil)
	s.unplanned(failed)
	p := s.old[1]
	for at, state := range map[float64]string{injectAt: record.Injecting, 8.4: record.Injected, 16: record.Reverting, 16.2: record.Reverted} {
		s.fault(at, podFreeze, state, []string{"its processes were stopped"}, victim(p))
	}
	s.moved(record.Recovery, 16.3)
	s.moved(record.Settled, 17.2)
	to := 16.0
	if stays > 0 {
		to = injectAt + stays
		s.pod(to-0.1, p, starting)
		s.endpoints(to, s.old[0], s.old[2])
		s.workload(to, 2)
		s.pod(16.9, p, running)
		s.endpoints(17, s.old...)
		s.workload(17, 3)
	}
	s.load(s.timesOut(8.3, to, 1))
	return s
}

// hungAmongOthers has the failures come from Pods that nothing was done to.
func hungAmongOthers() *scene {
	s := hung(4.5, 50, nil)
	s.edit(func(_ float64, e *record.Entry) {
		if e.Request != nil && e.Request.Pod != "" {
			e.Request.Pod = s.old[0].name
		}
	})
	return s
}

// alone has the workload have no Pod but the one with an index.
func (s *scene) alone(index int) *scene {
	p := s.old[index]
	s.start.Replicas = 1
	s.items = slices.DeleteFunc(s.items, func(i item) bool {
		e := i.entry
		return e.Pod != nil && e.Pod.UID != p.uid && slices.ContainsFunc(s.old, func(o pod) bool { return o.uid == e.Pod.UID }) || e.PDB != nil || e.Second != nil || e.Request != nil
	})
	s.edit(func(_ float64, e *record.Entry) {
		if e.Endpoints != nil {
			e.Endpoints.List = slices.DeleteFunc(e.Endpoints.List, func(of record.Endpoint) bool {
				return of.UID != p.uid && slices.ContainsFunc(s.old, func(o pod) bool { return o.uid == of.UID })
			})
		}
		if w := e.Workload; w != nil {
			*w = record.Workload{Replicas: 1, Current: 1, Updated: 1, Ready: w.Ready - 2, Available: w.Available - 2}
		}
	})
	s.old = []pod{p}
	return s
}

// theOnlyOneHangs is hung with no other Pod.
func theOnlyOneHangs() *scene {
	s := hung(4.5, 50, nil).alone(1)
	s.load(s.timesOut(8.3, 16.9, -1))
	return s
}

// theOnlyOneGoes is a Pod deleted with no other Pod.
func theOnlyOneGoes() *scene {
	s := deleting()
	s.sound(nil, nil)
	s.deletePod(s.old[1], s.fresh[0])
	s.alone(1).load(fails(record.ClassRefused, faultAt, backAt+0.01, 1))
	return s
}

// down is a scene in which nodes lose their power at 8.26 s, which the cluster notices at
// 12 s, and which are back at 14 s. Pods elsewhere take the place of those on them at
// 13.5 s, where replaced says so.
func down(failed int, replaced bool, prepare func(*scene), nodes ...string) *scene {
	s := newScene("node-down", "A node may lose its power: the loss stays in its budget, and its Pods come back on other nodes.", Began)
	s.sound(nil, nil)
	s.unplanned(failed)
	if prepare != nil {
		prepare(s)
	}
	var victims []record.Victim
	var there, stay []pod
	for _, n := range nodes {
		victims = append(victims, record.Victim{Kind: "Node", Name: n, UID: "node-" + n})
		s.node(12, n, false)
		s.node(14.2, n, true)
	}
	for _, p := range s.old {
		if slices.Contains(nodes, p.node) {
			there, victims = append(there, p), append(victims, victim(p))
		} else {
			stay = append(stay, p)
		}
	}
	for at, state := range map[float64]string{injectAt: record.Injecting, 12.1: record.Injected, 14: record.Reverting, 14.4: record.Reverted} {
		s.fault(at, nodeDown, state, []string{"the power is off"}, victims...)
	}
	s.moved(record.Recovery, 12.2)
	s.endpoints(12.05, stay...)
	s.workload(12.05, len(stay))
	back, next := 14.35, s.old
	if replaced {
		back, next = 13.5, append(slices.Clone(stay), s.fresh[:len(there)]...)
	}
	for i, p := range there {
		s.pod(12.05, p, starting)
		if !replaced {
			s.pod(14.3, p, running)
			continue
		}
		s.pod(12.4, p, terminating)
		s.pod(goneAt, p, gone)
		s.pod(12.5, s.fresh[i], pending)
		s.pod(13.4, s.fresh[i], running)
	}
	s.endpoints(back, next...)
	s.workload(back, 3)
	return s
}

func (s *scene) node(at float64, name string, ready bool) {
	s.at(at, record.Entry{Node: &record.Node{Name: name, Ready: ready}})
}

// nodeLost has a budget that is spent before the cluster notices.
func nodeLost() *scene {
	s := down(50, true, nil, "worker3")
	s.load(s.timesOut(8.3, 12.1, 2))
	return s
}

// nodeKept has a Pod wait on its node until that is back.
func nodeKept() *scene {
	s := down(500, false, func(s *scene) {
		s.edit(func(_ float64, e *record.Entry) {
			if e.Template != nil {
				e.Template.LostFor = 300
			}
		})
	}, "worker3")
	s.load(s.timesOut(8.3, 12.1, 2))
	return s
}

// oneNodeLost has all Pods be on the node.
func oneNodeLost() *scene {
	s := down(1000, true, func(s *scene) { s.on("worker3") }, "worker3")
	s.load(s.timesOut(8.3, 13.5, -1))
	return s
}

// oneZoneLost has all Pods be in the zone.
func oneZoneLost() *scene {
	nodes := []string{"worker1", "worker2", "worker3"}
	s := down(1000, true, func(s *scene) {
		for i := range s.fresh {
			s.fresh[i].node = "worker4"
		}
	}, nodes...)
	s.edit(func(_ float64, e *record.Entry) {
		if e.Node != nil {
			e.Node.Zone = "a"
		}
	})
	s.load(s.timesOut(8.3, 13.5, -1))
	return s
}

// oneNodeDrained has all Pods be on the node that is drained, and no budget keep any.
func oneNodeDrained() *scene {
	s := newScene("node-drain", "A node may be drained for maintenance: no request fails, and its Pods come back on other nodes.", Began)
	s.sound(nil, nil)
	s.on("worker3")
	s.drain(s.old[2], s.fresh[1])
	s.items = slices.DeleteFunc(s.items, func(i item) bool { return i.entry.PDB != nil })
	for _, p := range s.old[:2] {
		s.pod(8.31, p, terminating)
		s.pod(goneAt, p, gone)
	}
	for _, p := range s.fresh {
		s.pod(12.4, p, running)
	}
	s.without(8.5, 12)
	s.edit(func(at float64, e *record.Entry) {
		if e.Answer != nil && at > 8 {
			e.Time = s.time(13.3)
		}
		if e.Endpoints != nil && at > 12 {
			for i, p := range s.fresh {
				e.Endpoints.List[i] = record.Endpoint{Pod: p.name, UID: p.uid, IP: p.ip, Node: p.node, Ready: true, Serving: true}
			}
		}
	})
	s.load(fails(record.ClassRefused, 8.9, backAt, 2))
	return s
}

// on has every Pod be on the node from the beginning.
func (s *scene) on(node string) {
	for i := range s.old {
		s.old[i].node = node
	}
	s.edit(func(_ float64, e *record.Entry) {
		if e.Pod != nil {
			e.Pod.Node = node
		}
		if e.Endpoints != nil {
			for i := range e.Endpoints.List {
				e.Endpoints.List[i].Node = node
			}
		}
	})
}
