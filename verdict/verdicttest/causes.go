package verdicttest

import (
	"slices"
	"time"

	"hagate/record"
)

// Cause is a scenario that fails for one cause, or is near to that and passes.
type Cause struct {
	Name    string
	Cause   string // id of the one that has to come first; none where the scenario passes
	Entries []record.Entry
}

// Causes are scenarios with the same service, broken in one place each.
func Causes() []Cause {
	var all []Cause
	for _, c := range []struct {
		name, cause string
		scene       func() *scene
	}{
		{"no preStop hook", "stops-while-routed", func() *scene { return stopsAtOnce(0) }},
		{"a preStop hook that is too short", "stops-while-routed", func() *scene { return stopsAtOnce(0.2) }},
		{"a Pod that stops at once, which no client met", "stops-while-routed", deafUnseen},
		{"a shell that hands no signal on", "killed-at-grace-end", func() *scene {
			return killedLate(5, func(t *record.Template) { t.Containers[0].Shell = true; t.Containers[0].PreStopSleep = 2 })
		}},
		{"a hook that takes the whole grace", "killed-at-grace-end", func() *scene {
			return killedLate(4, func(t *record.Template) {
				c := &t.Containers[0]
				c.PreStop, c.PreStopSleep, c.Shell = "exec", 8, true // the kubelet leaves it 2 s more
			})
		}},
		{"a shutdown that takes longer than the grace", "killed-at-grace-end", func() *scene {
			return killedLate(5, func(t *record.Template) { t.Containers[0].PreStopSleep = 2 })
		}},
		{"a server that ends at once when told to stop", "cuts-off", cutsOff},
		{"503 once told to go", "answers-5xx-on-term", rejectsOnTerm},
		{"a container beside the server that stops first", "answers-5xx-on-term", stopsFirst},
		{"ready before everything is loaded", "ready-before-it-serves", readyTooSoon},
		{"no readiness probe", "no-readiness-probe", probeless},
		{"publishNotReadyAddresses", "publishes-not-ready", publishing},
		{"an image that is not there", "image-not-pulled", func() *scene {
			return notComing(func(p *record.Pod) {
				p.Node, p.Reason, p.Message = "worker1", "ImagePullBackOff", `Back-off pulling image "nginx:1.92"`
			})
		}},
		{"a container that ends at once", "crash-loop", func() *scene {
			return notComing(func(p *record.Pod) {
				p.Node, p.Phase, p.Reason, p.Message, p.Restarts = "worker1", "Running", "CrashLoopBackOff", "back-off 40s restarting failed container=nginx", 3
				p.Exits = []record.Exit{{Container: "nginx", Code: 1, Reason: "Error", At: Began.Add(18 * time.Second)}}
			})
		}},
		{"a readiness probe that never passes", "never-ready", neverReady},
		{"a readiness gate that nobody opens", "never-ready", func() *scene {
			return notComing(func(p *record.Pod) {
				p.Node, p.Phase, p.Started = "worker1", "Running", true
				p.Message = `corresponding condition of pod readiness gate "example.org/lb" does not exist.`
			})
		}},
		{"an init container that waits for what is gone", "waits-at-start", func() *scene {
			return notComing(func(p *record.Pod) {
				p.Node, p.Message = "worker1", "containers with incomplete status: [wait-for-seed]"
			})
		}},
		{"readiness that fails under load", "readiness-fails-under-load", flapping},
		{"Pods that fall silent by themselves", "fails-by-itself", silent},
		{"liveness that kills under load", "liveness-kills", livenessKills},
		{"killed for its memory", "oom-killed", outOfMemory},
		{"a CPU limit that is used up", "cpu-throttled", throttled},
		{"evicted by the kubelet", "evicted", evictedPod},
		{"preempted by the scheduler", "preempted", preemptedPod},
		{"a rollout that takes all Pods", "nobody-left", rolloutOfAll},
		{"one replica", "nobody-left", theOnlyOneGoes},
		{"one replica that hangs", "nobody-left", theOnlyOneHangs},
		{"all Pods on one node, which is lost", "all-in-one-zone", oneNodeLost},
		{"all Pods in one zone, which is lost", "all-in-one-zone", oneZoneLost},
		{"all Pods on one node, and nothing is done", "all-in-one-zone", crowded},
		{"all Pods on one node, which is drained without a budget", "no-budget", oneNodeDrained},
		{"a readiness probe that is slow to notice", "noticed-late", func() *scene {
			return hung(4.5, 50, func(t *record.Template) { p := t.Containers[0].Readiness; p.Period, p.Failures = 2, 2 })
		}},
		{"a readiness probe that asks no server", "noticed-late", func() *scene {
			return hung(0, 50, func(t *record.Template) { p := t.Containers[0].Readiness; p.Asks, p.Failures = "a command", 1 })
		}},
		{"no readiness probe, and a Pod that hangs", "no-readiness-probe", func() *scene {
			return hung(0, 50, func(t *record.Template) { t.Containers[0].Readiness = nil })
		}},
		{"a Pod that hangs, and a budget for it", "", func() *scene { return hung(1.2, 50, nil) }},
		{"a Pod that hangs, and others that do not answer", "depends-on-neighbour", hungAmongOthers},
		{"a node that is lost, and a budget that is spent before", "noticed-late", nodeLost},
		{"a Pod that stays on a lost node", "noticed-late", nodeKept},
		{"a required anti-affinity without a node to spare", "unschedulable", func() *scene {
			return notComing(func(p *record.Pod) {
				p.Message = "0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 node(s) didn't match pod anti-affinity rules."
			})
		}},
		{"a volume that is bound elsewhere", "unschedulable", func() *scene {
			return notComing(func(p *record.Pod) {
				p.Message = "0/4 nodes are available: 4 node(s) had volume node affinity conflict."
			})
		}},
		{"a quota without room for the surge", "quota-exceeded", quota},
		{"a webhook that refuses new Pods", "admission-denied", func() *scene {
			return denied(`Error creating: admission webhook "policy.example.com" denied the request: image is not signed`)
		}},
		{"a budget that allows nothing", "blocked-by-budget", blockedDrain},
		{"a budget that selects a Job's Pods as well", "blocked-by-budget", func() *scene {
			return refused(429, "Cannot evict pod as it would violate the pod's disruption budget. The disruption budget nginx01 does not allow evicting pods currently because it failed sync: jobs.batch does not implement the scale subresource", "PodDisruptionBudget nginx/nginx01")
		}},
		{"two budgets on one Pod", "budgets-overlap", twoBudgets},
		{"no budget", "no-budget", budgetless},
		{"a job's Pods behind the Service", "stray-endpoints", strays},
		{"an upstream's address that is kept", "stale-address", staleUpstream},
		{"too few Pods left for the load", "too-few-left", tooFew},
		{"another service that the fault took along", "depends-on-neighbour", neighbour},
		{"idle timeouts that are the same", "idle-timeout-race", idleRace},
		{"internalTrafficPolicy Local", "internal-traffic-policy", func() *scene { return localPolicy(record.InCluster) }},
		{"externalTrafficPolicy Local", "external-traffic-policy", func() *scene { return localPolicy(record.External) }},
		{"it asks the API server", "depends-on-control-plane", asksAPI},
		{"it looks names up for every request", "depends-on-dns", asksDNS},
		{"slow until warm", "slow-after-start", coldStart},
		{"a ready Pod that answers nobody", "answers-nobody", deaf},
		{"errors though nothing is done", "fails-by-itself", byItself},
		{"connections hung up on though nothing is done", "fails-by-itself", hangsUp},
		{"answers that no cause gives", "unexplained", unknown},
	} {
		all = append(all, Cause{c.name, c.cause, c.scene().entries()})
	}
	return all
}

// deaf has one Pod of three answer nobody, with nothing done to it.
func deaf() *scene {
	s := calm()
	s.sound(func(t *record.Template) { t.Containers[0].Readiness.Asks = "GET /healthz on port http" }, nil)
	s.load(fails(record.ClassTimeout, 2, 14, 3))
	s.edit(func(_ float64, e *record.Entry) {
		if e.Second != nil {
			delete(e.Second.Pods, s.old[0].name)
		}
	})
	return s
}

// byItself has one request in fifty answered with 500, with nothing done.
func byItself() *scene {
	s := calm()
	s.sound(nil, nil)
	s.detail = func(at float64, r *record.Request) {
		r.Pod, r.Status, r.Error = s.old[int(at)%3].name, 500, "answered 500"
	}
	s.load(fails(record.ClassStatus5, 2, 14, 50))
	return s
}

// hangsUp has one connection in fifty hung up on, with nothing done.
func hangsUp() *scene {
	s := calm()
	s.sound(nil, nil)
	s.load(fails(record.ClassReset, 2, 14, 50))
	return s
}

// sound is what the service is where nothing is broken.
func (s *scene) sound(template func(*record.Template), service func(*record.Service)) {
	t := record.Template{Replicas: 3, Strategy: "RollingUpdate", MaxSurge: "1", MaxUnavailable: "0", Grace: s.grace, Spread: true, Containers: []record.Container{{
		Name: "nginx", Image: "nginx:1.29", PreStop: "sleep", PreStopSleep: 5,
		Readiness: &record.Probe{Asks: "GET / on port http", Period: 1, Timeout: 1, Failures: 3, Successes: 1},
		Liveness:  &record.Probe{Asks: "GET / on port http", Period: 10, Timeout: 1, Failures: 3, Successes: 1},
		Limits:    record.Amounts{Memory: "64Mi"},
	}}}
	if template != nil {
		template(&t)
	}
	v := record.Service{Name: "nginx/nginx-svc", Type: "ClusterIP", Port: 80, TargetPort: "http", InternalPolicy: "Cluster"}
	if service != nil {
		service(&v)
	}
	s.at(0.03, record.Entry{Template: &t})
	s.at(0.03, record.Entry{Service: &v})
}

func deleting() *scene {
	return newScene("pod-delete", "A Pod may be deleted at any time: no request fails, and a new Pod takes its place.", Began)
}

// calm is a scene in which nothing is done to the service.
func calm() *scene {
	s := newQuiet("steady", "Left alone, the service answers every request.")
	s.phase(0.1, record.Baseline)
	s.phase(8, record.Settled)
	s.phase(doneAt, record.Done)
	return s
}

// fails has every nth of the requests due from from to to fail, on the streams with one of
// the indices, or all where there are none.
func fails(class string, from, to float64, nth int, streams ...int) func(int, float64) string {
	return func(stream int, at float64) string {
		if at < from || at >= to || int(at*100+0.5)%nth != 0 || len(streams) > 0 && !slices.Contains(streams, stream) {
			return ""
		}
		return class
	}
}

// edit changes the entries that were made so far.
func (s *scene) edit(change func(at float64, e *record.Entry)) {
	for i := range s.items {
		e := &s.items[i].entry
		change(e.Time.Sub(s.began).Seconds(), e)
	}
}

func (s *scene) event(at float64, kind, reason, object, message string) {
	s.at(at, record.Entry{Clock: record.ClockAPIServer, Event: &record.Event{Type: kind, Reason: reason, Object: object, Message: message, Count: 1}})
}

func stopsAtOnce(hook float64) *scene {
	s := newScene("node-drain", "A node may be drained for maintenance: no request fails, and its Pods come back on other nodes.", Began)
	s.sound(func(t *record.Template) {
		t.Containers[0].PreStopSleep = hook
		if hook == 0 {
			t.Containers[0].PreStop = ""
		}
	}, nil)
	s.drain(s.old[2], s.fresh[1])
	s.load(fails(record.ClassRefused, 8.36+hook, 8.85, 3, 0, 1))
	return s
}

// deafUnseen stops too soon for what is owed, and no client met it.
func deafUnseen() *scene {
	s := deleting()
	s.sound(func(t *record.Template) { t.Containers[0].PreStop, t.Containers[0].PreStopSleep = "", 0 }, nil)
	s.deletePod(s.old[1], s.fresh[0])
	s.edit(func(at float64, e *record.Entry) {
		if e.Answer != nil && at > 13 {
			e.Time = s.time(8.5)
		}
	})
	s.load(nil)
	return s
}

func killedLate(grace int, template func(*record.Template)) *scene {
	s := deleting()
	s.grace = grace
	s.sound(template, nil)
	s.deletePod(s.old[1], s.fresh[0])
	s.edit(func(_ float64, e *record.Entry) {
		if e.Pod != nil && e.Pod.Gone {
			e.Pod.Exits = []record.Exit{{Container: "nginx", Code: 137, Reason: "Error", At: s.time(13.35)}}
		}
	})
	s.detail = func(_ float64, r *record.Request) {
		r.Pod, r.Error = s.old[1].name, "wait for response: connection closed by the server"
	}
	s.load(fails(record.ClassReset, 12.9, 13.35, 5, 2, 3))
	return s
}

func cutsOff() *scene {
	s := killedLate(30, func(t *record.Template) { t.Containers[0].PreStopSleep = 5 })
	s.edit(func(_ float64, e *record.Entry) {
		if e.Pod != nil && e.Pod.Gone {
			e.Pod.Exits[0].Code, e.Pod.Exits[0].Reason = 0, "Completed"
		}
	})
	return s
}

func rejectsOnTerm() *scene {
	s := deleting()
	s.sound(func(t *record.Template) { t.Containers[0].PreStop, t.Containers[0].PreStopSleep = "", 0 }, nil)
	s.deletePod(s.old[1], s.fresh[0])
	s.answers(8.32, s.old[1], 503)
	s.detail = func(_ float64, r *record.Request) {
		r.Pod, r.Status, r.Error = s.old[1].name, 503, "answered 503"
	}
	s.load(fails(record.ClassStatus5, 8.35, 9.2, 3))
	return s
}

// tooFew has two Pods turn some requests down while the third is away.
func tooFew() *scene {
	s := deleting()
	s.sound(nil, nil)
	s.deletePod(s.old[1], s.fresh[0])
	s.answers(13.3, s.old[1], 0)
	n := 0
	s.detail = func(_ float64, r *record.Request) {
		n++
		r.Pod, r.Status, r.Error = s.old[n%2*2].name, 503, "answered 503"
	}
	s.load(fails(record.ClassStatus5, 8.9, backAt, 10))
	return s
}

// stopsFirst has the server ask a container beside it that has no preStop hook.
func stopsFirst() *scene {
	s := rejectsOnTerm()
	s.edit(func(_ float64, e *record.Entry) {
		if e.Template != nil {
			serves := e.Template.Containers[0]
			serves.Ports, serves.PreStop, serves.PreStopSleep = []record.Port{{Name: "http", Number: 8080}}, "sleep", 5
			app := record.Container{Name: "app", Image: "app:1", Readiness: serves.Readiness, Ports: []record.Port{{Number: 9000}}}
			e.Template.Containers = []record.Container{app, serves}
		}
		if e.Answer != nil && e.Answer.Status == 503 {
			e.Answer.Status = 502
		}
	})
	return s
}

func readyTooSoon() *scene {
	s := deleting()
	s.sound(func(t *record.Template) { t.Containers[0].Readiness.Asks = "GET /healthz on port http" }, nil)
	s.deletePod(s.old[1], s.fresh[0])
	s.detail = func(_ float64, r *record.Request) {
		r.Pod, r.Status, r.Error = s.fresh[0].name, 503, "answered 503"
	}
	s.load(fails(record.ClassStatus5, backAt+0.1, 16, 3))
	return s
}

func probeless() *scene {
	s := deleting()
	s.sound(func(t *record.Template) { t.Containers[0].Readiness = nil }, nil)
	s.deletePod(s.old[1], s.fresh[0])
	s.load(fails(record.ClassRefused, backAt+0.05, 13.2, 3, 0, 1))
	return s
}

func publishing() *scene {
	s := deleting()
	s.sound(nil, func(v *record.Service) { v.PublishNotReady = true })
	s.deletePod(s.old[1], s.fresh[0])
	all := slices.Concat(s.old, s.fresh[:1])
	s.edit(func(at float64, e *record.Entry) {
		if e.Endpoints != nil && at > 8 { // all of them stay until they have gone
			e.Endpoints.List = nil
			for _, p := range all {
				e.Endpoints.List = append(e.Endpoints.List, record.Endpoint{Pod: p.name, UID: p.uid, IP: p.ip, Node: p.node, Ready: true, Serving: true})
			}
		}
	})
	s.endpoints(goneAt, s.old[0], s.old[2], s.fresh[0])
	s.load(func(stream int, at float64) string {
		if c := fails(record.ClassRefused, 9.4, 12.3, 4, 0, 1)(stream, at); c != "" {
			return c
		}
		return fails(record.ClassRefused, 13.4, 14.4, 4, 0, 1)(stream, at)
	})
	return s
}

// notComing has a Pod deleted, and the one that is to take its place be as pod says.
func notComing(pod func(*record.Pod)) *scene {
	s := deleting()
	s.sound(func(t *record.Template) { t.Apart = []string{"kubernetes.io/hostname"} }, nil)
	s.deletePod(s.old[1], s.fresh[0])
	s.notComing(pod)
	s.load(nil)
	return s
}

func (s *scene) notComing(pod func(*record.Pod)) {
	s.never = true
	s.items = slices.DeleteFunc(s.items, func(i item) bool {
		at := i.entry.Time.Sub(s.began).Seconds()
		return at > 9 && (i.entry.Endpoints != nil || i.entry.Workload != nil || i.entry.PDB != nil) ||
			i.entry.Pod != nil && i.entry.Pod.UID == s.fresh[0].uid && at > 9
	})
	if pod == nil {
		s.items = slices.DeleteFunc(s.items, func(i item) bool { return i.entry.Pod != nil && i.entry.Pod.UID == s.fresh[0].uid })
		return
	}
	e := record.Pod{Namespace: "nginx", Name: s.fresh[0].name, UID: s.fresh[0].uid, Phase: "Pending"}
	pod(&e)
	s.at(10, record.Entry{Pod: &e})
}

func neverReady() *scene {
	s := notComing(func(p *record.Pod) { p.Node, p.Phase, p.Started = "worker1", "Running", true })
	s.event(15, "Warning", "Unhealthy", "Pod/"+s.fresh[0].name, "Readiness probe failed: HTTP probe failed with statuscode: 500")
	return s
}

func flapping() *scene {
	s := calm()
	s.sound(nil, nil)
	for i, p := range s.old[:2] {
		s.event(10+float64(i), "Warning", "Unhealthy", "Pod/"+p.name, "Readiness probe failed: context deadline exceeded")
	}
	s.endpoints(10.2, s.old[1], s.old[2])
	s.endpoints(11.2, s.old[2])
	s.endpoints(14, s.old...)
	s.detail = func(_ float64, r *record.Request) { r.Error = "wait for response: no end within the timeout" }
	s.heavy = 8.5
	s.load(fails(record.ClassTimeout, 10.5, 14, 3))
	return s
}

// silent has a Pod after the other take requests and answer none for a while.
func silent() *scene {
	s := flapping()
	s.heavy = 0
	s.items = slices.DeleteFunc(s.items, func(i item) bool { return i.entry.Second != nil || i.entry.Request != nil })
	s.load(fails(record.ClassTimeout, 10.5, 14, 3))
	return s
}

func livenessKills() *scene {
	s := calm()
	s.sound(nil, nil)
	s.event(10, "Normal", "Killing", "Pod/"+s.old[0].name, "Container nginx failed liveness probe, will be restarted")
	again := record.Pod{Namespace: "nginx", Name: s.old[0].name, UID: s.old[0].uid, Node: s.old[0].node, IP: s.old[0].ip, Phase: "Running", Restarts: 1}
	s.at(10.3, record.Entry{Pod: &again})
	back := again
	back.Ready, back.Started = true, true
	s.at(12, record.Entry{Pod: &back})
	s.endpoints(10.8, s.old[1], s.old[2])
	s.endpoints(12.1, s.old...)
	s.load(fails(record.ClassRefused, 10.1, 10.8, 3, 0, 1))
	return s
}

func outOfMemory() *scene {
	s := livenessKills()
	s.items = slices.DeleteFunc(s.items, func(i item) bool { return i.entry.Event != nil })
	s.edit(func(_ float64, e *record.Entry) {
		if e.Pod != nil && e.Pod.Restarts > 0 {
			e.Pod.Exits = []record.Exit{{Container: "nginx", Code: 137, Reason: "OOMKilled", At: s.time(10.1)}}
		}
	})
	return s
}

func throttled() *scene {
	s := calm()
	s.sound(func(t *record.Template) { t.Containers[0].Limits.CPU = "100m" }, nil)
	for at := 8.5; at < loadTo; at++ {
		s.at(at, record.Entry{CPU: &record.CPU{Cores: 2, Busy: 0.9, Service: 0.29, Cluster: 0.2, Harness: 0.3}})
	}
	s.detail = func(_ float64, r *record.Request) { r.Error = "wait for response: no end within the timeout" }
	s.load(fails(record.ClassTimeout, 10, 15, 6))
	return s
}

func evictedPod() *scene {
	s := calm()
	s.sound(nil, nil)
	e := record.Pod{Namespace: "nginx", Name: s.old[0].name, UID: s.old[0].uid, Node: s.old[0].node, Phase: "Failed", Reason: "Evicted", Message: "The node was low on resource: ephemeral-storage."}
	s.at(10, record.Entry{Pod: &e})
	s.endpoints(10.6, s.old[1], s.old[2])
	s.load(fails(record.ClassRefused, 10, 10.6, 3, 0, 1))
	return s
}

func preemptedPod() *scene {
	s := calm()
	s.sound(nil, nil)
	s.event(10, "Normal", "Preempted", "Pod/"+s.old[0].name, "Preempted by pod 5c1f on node "+s.old[0].node)
	s.endpoints(10.6, s.old[1], s.old[2])
	s.load(fails(record.ClassRefused, 10, 10.6, 3, 0, 1))
	return s
}

func (s *scene) without(from, to float64) {
	s.edit(func(at float64, e *record.Entry) {
		if e.Endpoints != nil && at > from && at < to {
			e.Endpoints.List = nil
		}
	})
}

func rolloutOfAll() *scene {
	s := deleting()
	s.sound(func(t *record.Template) { t.MaxSurge, t.MaxUnavailable = "0", "100%" }, nil)
	s.deletePod(s.old[1], s.fresh[0])
	s.without(8.5, 12)
	s.edit(func(_ float64, e *record.Entry) {
		if e.Fault != nil {
			e.Fault.Name, e.Fault.Effect.Updates = "rollout", true
		}
	})
	s.load(fails(record.ClassRefused, 8.9, backAt, 2))
	return s
}

// crowded has what looks at where the Pods are find them on one node.
func crowded() *scene {
	s := calm()
	s.sound(nil, nil)
	s.on("worker1")
	s.at(15, record.Entry{Finding: &record.Finding{Want: record.Say("any node may be lost and at least %d of %d Pods remain", 1, 3), Got: record.Say("%s (skew %d)", "worker1 3, worker2 0, worker3 0", 3)}})
	s.load(nil)
	return s
}

func denied(said string) *scene {
	s := deleting()
	s.sound(nil, nil)
	s.deletePod(s.old[1], s.fresh[0])
	s.notComing(nil)
	s.event(9, "Warning", "FailedCreate", "ReplicaSet/nginx01-7d9c", said)
	s.load(nil)
	return s
}

func quota() *scene {
	return denied(`Error creating: pods "nginx01-7d9c-x" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=3, limited: pods=3`)
}

// refused has a drain end with what the API server said.
func refused(code int, said string, objects ...string) *scene {
	s := newScene("node-drain", "A node may be drained for maintenance: no request fails, and its Pods come back on other nodes.", Began)
	s.sound(nil, nil)
	node := record.Victim{Kind: "Node", Name: s.old[2].node, UID: "node-" + s.old[2].node}
	s.fault(injectAt, nodeDrain, record.Injecting, nil, node, victim(s.old[2]))
	s.at(8.28, record.Entry{Node: &record.Node{Name: s.old[2].node, Ready: true, Unschedulable: true}})
	s.at(14.35, record.Entry{Fault: &record.Fault{Name: nodeDrain.Name, Effect: nodeDrain.Effect, State: record.Blocked, Victims: []record.Victim{node, victim(s.old[2])}, Error: record.Words(said),
		Refusals: []record.Refusal{{Whose: record.WhoseService, Asked: "eviction of Pod nginx/" + s.old[2].name, Evicts: true, Code: code, Said: said, Objects: objects}}}})
	s.at(14.45, record.Entry{Node: &record.Node{Name: s.old[2].node, Ready: true}})
	s.fault(14.5, nodeDrain, record.Reverted, nil, node, victim(s.old[2]))
	s.load(nil)
	return s
}

func blockedDrain() *scene {
	s := refused(429, "Cannot evict pod as it would violate the pod's disruption budget.", "PodDisruptionBudget nginx/nginx01")
	s.edit(func(_ float64, e *record.Entry) {
		if e.PDB != nil {
			e.PDB.DesiredHealthy, e.PDB.Allowed = 3, 0
		}
	})
	return s
}

func twoBudgets() *scene {
	s := refused(500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.", "PodDisruptionBudget nginx/nginx01", "PodDisruptionBudget nginx/platform")
	s.at(0.04, record.Entry{PDB: &record.PDB{Name: "platform", DesiredHealthy: 2, CurrentHealthy: 3, Allowed: 1}})
	return s
}

func budgetless() *scene {
	s := stopsAtOnce(5)
	s.items = slices.DeleteFunc(s.items, func(i item) bool {
		return i.entry.Second != nil || i.entry.Request != nil || i.entry.PDB != nil
	})
	s.edit(func(at float64, e *record.Entry) {
		if e.Endpoints != nil && at > 8.5 && at < 12 {
			e.Endpoints.List = e.Endpoints.List[:1]
		}
		if e.Answer != nil && at > 8.3 {
			e.Time = s.time(13.3)
		}
	})
	s.load(nil)
	return s
}

func strays() *scene {
	s := calm()
	s.sound(nil, nil)
	job := pod{"report-29400-x7x", "stray", "worker1", "10.244.1.99"}
	s.at(10, record.Entry{Pod: &record.Pod{Namespace: "nginx", Name: job.name, UID: job.uid, Node: job.node, IP: job.ip, Phase: "Running", Ready: true, Started: true, Owner: "Job/report-29400", Stray: true}})
	s.endpoints(10.1, append(slices.Clone(s.old), job)...)
	s.endpoints(14, s.old...)
	s.load(fails(record.ClassRefused, 10.2, 14, 4, 0, 1))
	return s
}

// staleUpstream has Pods that nothing was done to ask in vain, to the end.
func staleUpstream() *scene {
	return asksInVain(doneAt, func(r *record.Request) bool { return r.Reused })
}

// neighbour has Pods that nothing was done to wait for another service, until it is back.
func neighbour() *scene { return asksInVain(13.5, func(*record.Request) bool { return true }) }

// asksInVain has one request in three time out until then; known says of which it is known
// whom they were sent to.
func asksInVain(until float64, known func(*record.Request) bool) *scene {
	s := stopsAtOnce(5)
	s.items = slices.DeleteFunc(s.items, func(i item) bool { return i.entry.Second != nil || i.entry.Request != nil })
	s.edit(func(at float64, e *record.Entry) {
		if e.Answer != nil && at > 8.3 {
			e.Time = s.time(13.3)
		}
	})
	n := 0
	s.detail = func(_ float64, r *record.Request) {
		n++
		r.Error = "wait for response: no end within the timeout"
		if known(r) {
			r.Pod = s.old[n%2].name
		}
	}
	s.load(fails(record.ClassTimeout, 9, until, 3))
	return s
}

func idleRace() *scene {
	s := calm()
	s.start.SLO.MaxClosedInFlight = 0
	s.sound(nil, nil)
	n := 0
	s.detail = func(_ float64, r *record.Request) {
		n++
		r.Pod, r.Error = s.old[n%3].name, "wait for response: connection closed by the server"
	}
	s.load(fails(record.ClassClosed, 9, 17, 40, 2, 3))
	return s
}

func localPolicy(vantage string) *scene {
	s := calm()
	s.sound(nil, func(v *record.Service) {
		if vantage == record.InCluster {
			v.InternalPolicy = "Local"
		} else {
			v.Type, v.ExternalPolicy = "NodePort", "Local"
		}
	})
	s.detail = func(_ float64, r *record.Request) { r.Error = "connect: no end within the timeout" }
	var streams []int
	for i, st := range s.start.Plan.Streams {
		if st.Vantage == vantage {
			streams = append(streams, i)
		}
	}
	s.load(fails(record.ClassTimeout, 9, 17, 1, streams...))
	return s
}

// away is a scene in which a part of the cluster is away from 8.3 s to 14 s.
func away(fault record.Fault, v record.Victim) *scene {
	s := newScene(fault.Name, "The service answers while a part of the cluster is away.", Began)
	s.sound(nil, nil)
	s.start.SLO.MinServesOn = 0
	for at, state := range map[float64]string{injectAt: record.Injecting, 8.3: record.Injected, 13.5: record.Reverting, 14: record.Reverted} {
		s.fault(at, fault, state, []string{"it is away"}, v)
	}
	return s
}

func asksAPI() *scene {
	s := away(apiDown, record.Victim{Kind: "Component", Name: "kube-apiserver", Node: "control-plane"})
	n := 0
	s.detail = func(_ float64, r *record.Request) {
		n++
		r.Pod, r.Status, r.Error = s.old[n%3].name, 500, "answered 500"
	}
	s.load(fails(record.ClassStatus5, 8.5, 14, 2))
	return s
}

func asksDNS() *scene {
	s := away(dnsKill, record.Victim{Kind: "Pod", Namespace: "kube-system", Name: "coredns-1", UID: "dns-1"})
	s.detail = func(_ float64, r *record.Request) { r.Error = "lookup: nginx-svc.nginx: no answer in time" }
	s.load(fails(record.ClassDNS, 8.5, 11, 2, 0))
	return s
}

func coldStart() *scene {
	s := deleting()
	s.sound(nil, nil)
	s.deletePod(s.old[1], s.fresh[0])
	s.detail = func(_ float64, r *record.Request) {
		r.Pod, r.Error, r.Latency = s.fresh[0].name, "wait for response: no end within the timeout", 2*time.Second
	}
	for i := range 20 {
		s.atClock(13+float64(i)/10, 15, record.Entry{Clock: record.InCluster, Request: &record.Request{Stream: "in-cluster/fresh", Seq: uint64(1000 + i), Method: "GET", Path: "/", Status: 200, Pod: s.fresh[0].name, Latency: 1500 * time.Millisecond}})
	}
	s.load(fails(record.ClassTimeout, backAt+0.1, 15, 7, 2, 3))
	return s
}

func unknown() *scene {
	s := calm()
	s.sound(nil, nil)
	s.detail = func(_ float64, r *record.Request) { r.Error = "read response: malformed HTTP response" }
	s.load(fails(record.ClassBad, 10, 12, 10))
	return s
}
