package gate

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	k8stesting "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/chaos"
	"hagate/cluster"
	"hagate/journal"
	"hagate/load/agent"
	"hagate/record"
	"hagate/target"
	"hagate/verdict"
)

// shop is a service of three Pods, on as many nodes, with load from two sides. It is a
// view and its sides are loaders.
type shop struct {
	mu      sync.Mutex
	pods    []record.Pod
	nodes   []record.Node
	fails   bool // every request
	ignores bool // what is done to it, so that it never comes back
	ending  bool // its last Pod never goes
	stopped bool
}

func newShop() *shop {
	s := &shop{}
	for _, n := range []string{"a", "b", "c"} {
		s.nodes = append(s.nodes, record.Node{Name: n, Ready: true})
		s.pods = append(s.pods, podOn(n, "old"))
	}
	return s
}

func podOn(node, uid string) record.Pod {
	return record.Pod{Namespace: "nginx", Name: "web-" + node + "-" + uid, UID: node + "-" + uid, Node: node, IP: "10.0.0.1", Ready: true, Started: true}
}

func (s *shop) edit(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// loses a Pod, which another one replaces two seconds later.
func (s *shop) loses(uid string) {
	s.edit(func() {
		i := slices.IndexFunc(s.pods, func(p record.Pod) bool { return p.UID == uid })
		node := s.pods[i].Node
		s.pods = slices.Delete(s.pods, i, i+1)
		if s.ignores {
			return
		}
		time.AfterFunc(2*time.Second, func() {
			s.edit(func() { s.pods = append(s.pods, podOn(node, time.Now().String())) })
		})
	})
}

func (s *shop) Pods() []record.Pod {
	s.mu.Lock()
	defer s.mu.Unlock()
	pods := slices.Clone(s.pods)
	if s.ending {
		gone := podOn("a", "gone")
		gone.Ready, gone.Terminating = false, new(time.Time)
		pods = append(pods, gone)
	}
	return pods
}

func (s *shop) Endpoints() (e record.Endpoints) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.pods {
		e.List = append(e.List, record.Endpoint{Pod: p.Name, UID: p.UID, IP: p.IP, Node: p.Node, Ready: true, Serving: true})
	}
	return e
}

func (s *shop) Workload() record.Workload {
	n := len(s.Endpoints().List)
	return record.Workload{Replicas: 3, Current: n, Ready: n, Updated: n, Available: n}
}

func (s *shop) Nodes() []record.Node {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.nodes)
}

func (s *shop) Strays() []record.Pod { return nil }
func (s *shop) Placed() []string     { return nil }
func (s *shop) PDBs() []record.PDB   { return nil }
func (s *shop) Snapshot() error      { return nil }
func (s *shop) Stop()                { s.edit(func() { s.stopped = true }) }

// side is a loader on one vantage. Each second it says how that second went.
type side struct {
	shop    *shop
	vantage string
	take    func(record.Entry) error
	lost    string                    // the call that fails, by its name
	busy    func(rate int) float64    // share of the machine's cores in use; unknown where nil
	cpu     func(rate int) record.CPU // unknown where nil
	late    time.Duration             // the most, of a request
	asked   int                       // Pods, on their own addresses
	closed  bool
	stop    context.CancelFunc
}

func (s *side) fail(call string) error {
	if s.lost == call {
		return errors.New("the agent is lost")
	}
	return nil
}

func (s *side) Vantage() string             { return s.vantage }
func (s *side) Renew(context.Context) error { return s.fail("renew") }
func (s *side) Close() error                { s.closed = true; return nil }

func (s *side) Start(_ context.Context, _ string, plan record.Plan) error {
	if err := s.fail("start"); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go func() {
		for tick := time.Tick(time.Second); ; {
			select {
			case <-ctx.Done():
				return
			case at := <-tick:
				if s.busy != nil {
					s.take(record.Entry{Time: at.Add(-time.Second), Health: &record.Health{Vantage: s.vantage, Busy: s.busy(plan.Rate)}})
				}
				if s.cpu != nil {
					used := s.cpu(plan.Rate)
					s.take(record.Entry{Time: at.Add(-time.Second), CPU: &used})
				}
				for _, st := range plan.Streams {
					if st.Vantage == s.vantage {
						s.take(s.second(at.Add(-time.Second), st.Name(), plan.Rate))
					}
				}
			}
		}
	}()
	return nil
}

func (s *side) second(at time.Time, stream string, due int) record.Entry {
	sec := &record.Second{Stream: stream, Due: due, MaxLate: s.late, Pods: map[string]int{}}
	for _, e := range s.shop.Endpoints().List {
		sec.Pods[e.Pod] = due / 3
	}
	s.shop.edit(func() {
		if s.shop.fails {
			sec.Failed = map[string][]int{"refused": {due}}
		}
	})
	return record.Entry{Time: at, Second: sec}
}

func (s *side) Stop(context.Context) error {
	if s.stop != nil {
		s.stop()
	}
	return s.fail("stop")
}

func (s *side) Answers(_ context.Context, order agent.Asking, _ func(record.Entry) error) (func() error, error) {
	s.asked += len(order.Pods)
	return func() error { return nil }, s.fail("answers")
}

// loss is a fault that deletes a Pod of the shop.
type loss struct {
	shop    *shop
	pod     record.Victim
	inject  func(context.Context, *chaos.Env) error // beside it; may be nil
	revert  func(context.Context, *chaos.Env) error // may be nil
	reverts *int
}

func (f loss) Declares() record.Fault {
	return record.Fault{Name: "pod-delete", Effect: record.Effect{Kind: record.PodsReplaced}, Victims: []record.Victim{f.pod}}
}

func (f loss) Inject(ctx context.Context, env *chaos.Env) error {
	declared := f.Declares()
	declared.State = record.Injecting
	if err := env.Record(declared); err != nil {
		return err
	}
	if f.inject != nil {
		if err := f.inject(ctx, env); err != nil {
			return err
		}
	}
	f.shop.loses(f.pod.UID)
	declared.State = record.Injected
	return env.Record(declared)
}

func (f loss) Revert(ctx context.Context, env *chaos.Env) error {
	*f.reverts++
	if f.revert != nil {
		return f.revert(ctx, env)
	}
	return nil
}

// rig is a run on a shop, and what it recorded.
type rig struct {
	*Run
	shop     *shop
	client   *fake.Clientset
	out      bytes.Buffer
	phases   []string // the names
	faults   []record.Fault
	problems []string
	reverts  int
	when     map[string]func() // called as a phase begins
}

func newRig(t *testing.T) *rig {
	t.Helper()
	g := NewWithT(t)
	dir, err := target.WriteDefault(t.TempDir())
	g.Expect(err).NotTo(HaveOccurred())
	tgt, err := target.Load(dir, nil)
	g.Expect(err).NotTo(HaveOccurred())
	w, err := record.Create(filepath.Join(t.TempDir(), record.FileName))
	g.Expect(err).NotTo(HaveOccurred())
	j, err := journal.Create(t.TempDir(), "run")
	g.Expect(err).NotTo(HaveOccurred())

	st := &rig{shop: newShop(), client: fake.NewClientset(), when: map[string]func(){}}
	st.Run = &Run{ID: "run", Dir: t.TempDir(), out: &st.out, record: w, journal: j, judge: &verdict.Judge{}, live: newLive(), target: tgt,
		cluster: &cluster.Cluster{}, watch: st.shop, destructive: st.client, replicas: 3, away: 1, avoid: []string{"control-plane"},
		nodes: map[string]bool{"a": true, "b": true, "c": true}, restarts: map[string]int{}, warmed: true}
	st.relay = &relay{write: st.write, timeout: 2 * time.Second, see: st.live.observe}
	for _, v := range []string{record.InCluster, record.External} {
		st.agents = append(st.agents, &side{shop: st.shop, vantage: v, take: st.relay.take})
	}
	st.traffic = st.trafficPlan("http://inside", "http://outside")
	w.Observe(func(e record.Entry) {
		switch {
		case e.Phase != nil:
			st.phases = append(st.phases, e.Phase.Name)
			if do := st.when[e.Phase.Name]; do != nil {
				do()
			}
		case e.Fault != nil:
			st.faults = append(st.faults, *e.Fault)
		case e.Problem != nil:
			st.problems = append(st.problems, e.Problem.What.String())
		}
	})
	return st
}

func (st *rig) side(i int) *side { return st.agents[i].(*side) }

// delete is a scenario that deletes a Pod of the rig's shop.
func (st *rig) delete() Scenario {
	return Scenario{Name: "pod-delete", Topic: "pod-loss", Planned: true, SLO: func(*Run) record.SLO { return record.SLO{MaxRecovery: 30 * time.Second} },
		Fault: func(r *Run) (chaos.Fault, error) {
			pod, err := r.PickPod()
			return loss{shop: st.shop, pod: pod, reverts: &st.reverts}, err
		}}
}

// with is the scenario whose fault is edited.
func with(s Scenario, edit func(*loss)) Scenario {
	fault := s.Fault
	s.Fault = func(r *Run) (chaos.Fault, error) {
		f, err := fault(r)
		l := f.(loss)
		edit(&l)
		return l, err
	}
	return s
}

func (st *rig) states() (states []string) {
	for _, f := range st.faults {
		states = append(states, f.State)
	}
	return states
}

// All Pods on one node, or in the zone that a scenario takes, are replaced before it where
// they were spread at first, and no load is sent meanwhile.
func TestSpreadAgain(t *testing.T) {
	for name, c := range map[string]struct {
		zone  bool
		at    []string // of the nodes a, b (zone 1) and c (zone 2): where the Pods are in the end
		first []string // and at first
		want  string
	}{
		"spread":                            {true, []string{"a", "b", "c"}, []string{"a", "b", "c"}, ""},
		"on two nodes":                      {false, []string{"a", "b", "b"}, []string{"a", "b", "c"}, ""},
		"on one node":                       {false, []string{"c", "c", "c"}, []string{"a", "b", "c"}, "all ran on one node"},
		"one is left":                       {true, []string{"c"}, []string{"a", "b", "c"}, ""},
		"on one node from the beginning":    {true, []string{"c", "c", "c"}, []string{"a", "a", "a"}, ""},
		"in one zone":                       {true, []string{"a", "b", "b"}, []string{"a", "b", "c"}, "all ran on one zone"},
		"in one zone, which is not taken":   {false, []string{"a", "b", "b"}, []string{"a", "b", "c"}, ""},
		"in one zone from the beginning":    {true, []string{"a", "b", "b"}, []string{"a", "a", "b"}, ""},
		"in another zone than in the first": {true, []string{"c", "c", "c"}, []string{"a", "a", "b"}, "all ran on one node"},
	} {
		t.Run(name, func(t *testing.T) {
			st := newRig(t)
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				for i, zone := range []string{"1", "1", "2"} {
					st.shop.nodes[i].Zone = zone
				}
				place := func(at []string) {
					st.shop.pods = st.shop.pods[:len(at)]
					for i, node := range at {
						st.shop.pods[i].Node = node
					}
				}
				replaced := 0
				st.declared = 3
				st.restarted(func() {
					replaced++
					g.Expect(st.flowing.IsZero()).To(BeTrue(), "load is sent")
					for _, p := range st.shop.Pods() {
						st.shop.loses(p.UID)
					}
				})
				place(c.first)
				s := Scenario{Name: "zone-down", Zone: c.zone}
				g.Expect(st.spreadAgain(t.Context(), s)).To(Succeed())
				g.Expect(replaced).To(BeZero(), "at the beginning")
				st.flowing = time.Now()
				place(c.at)
				g.Expect(st.spreadAgain(t.Context(), s)).To(Succeed())
				if c.want == "" {
					g.Expect(replaced).To(BeZero())
					g.Expect(st.warmed).To(BeTrue())
					return
				}
				g.Expect(replaced).To(Equal(1))
				g.Expect(st.warmed).To(BeFalse())
				g.Expect(st.out.String()).To(ContainSubstring(c.want))
			})
		})
	}
}

// whole are the phases of a scenario that goes through.
var whole = []string{record.Baseline, record.FaultIn, record.Recovery, record.Settled, record.Done}

// Each way that a scenario may go is played on a clock that nobody waits for.
func TestPlay(t *testing.T) {
	refused := &chaos.Refused{Refusals: []record.Refusal{{Whose: record.WhoseService, Asked: "a Pod", Said: "exceeded quota"}}, Err: errors.New("forbidden")}
	type asked struct {
		scenario func(*rig) Scenario // delete where nil
		before   func(*rig)
		phases   []string // whole where nil
		states   []string // of the faults
		reverts  int
		problem  string // of the harness's
		flows    bool   // the load goes on for the next scenario
		after    func(*WithT, *rig)
	}
	for name, c := range map[string]asked{
		"as it should be": {states: []string{record.Injecting, record.Injected}, reverts: 1, flows: true, after: func(g *WithT, st *rig) {
			g.Expect(st.podsHit).To(HaveLen(1))
			g.Expect(st.faulted).To(Equal("pod-delete"))
		}},
		"without a fault": {
			scenario: func(st *rig) Scenario {
				s := st.delete()
				s.Fault, s.Hold = nil, func(*Run) time.Duration { return time.Minute }
				s.Look = func(_ context.Context, r *Run) error {
					return r.Found(record.Words("it serves"), record.Words("it does"), 1, record.AtLeast(1))
				}
				return s
			},
			phases: []string{record.Baseline, record.Settled, record.Done}, flows: true,
		},
		"two rounds": {
			scenario: func(st *rig) Scenario { s := st.delete(); s.Rounds = 2; return s },
			phases:   []string{record.Baseline, record.FaultIn, record.Recovery, record.FaultIn, record.Recovery, record.Settled, record.Done},
			states:   []string{record.Injecting, record.Injected, record.Injecting, record.Injected}, reverts: 2, flows: true,
		},
		"two rounds, and it does not come back after the first": {
			scenario: func(st *rig) Scenario { s := st.delete(); s.Rounds = 2; return s },
			before:   func(st *rig) { st.shop.ignores = true },
			states:   []string{record.Injecting, record.Injected}, reverts: 1, flows: true,
		},
		"held, and served on for a while": {
			scenario: func(st *rig) Scenario {
				s := st.delete()
				s.Hold, s.Serves = func(*Run) time.Duration { return 5 * time.Second }, 5*time.Second
				s.Prepare = func(context.Context, *Run) error { return nil }
				s.LookBefore = func(_ context.Context, r *Run) error {
					return r.Found(record.Words("it serves"), record.Words("it does"), 1, record.AtLeast(1))
				}
				return s
			},
			states: []string{record.Injecting, record.Injected}, reverts: 1, flows: true,
		},
		"Pods owe it to serve on": {
			scenario: func(st *rig) Scenario {
				s := st.delete()
				s.SLO = func(*Run) record.SLO { return record.SLO{MaxRecovery: 30 * time.Second, MinServesOn: time.Second} }
				return s
			},
			states: []string{record.Injecting, record.Injected}, reverts: 1, flows: true,
			after: func(g *WithT, st *rig) { g.Expect(st.side(0).asked).To(Equal(4), "three, and the one that came") },
		},
		"the service does not let it": {
			scenario: func(st *rig) Scenario {
				return with(st.delete(), func(f *loss) { f.inject = func(context.Context, *chaos.Env) error { return refused } })
			},
			phases: []string{record.Baseline, record.FaultIn, record.Settled, record.Done},
			states: []string{record.Injecting, record.Blocked}, reverts: 1, flows: true,
		},
		"the fault does not end": {
			scenario: func(st *rig) Scenario { return with(st.delete(), func(f *loss) { f.inject = forever }) },
			phases:   []string{record.Baseline, record.FaultIn, record.Settled, record.Done},
			states:   []string{record.Injecting, record.Blocked}, reverts: 1, flows: true,
			after: func(g *WithT, st *rig) {
				g.Expect(st.faults[1].Error.String()).To(Equal("not done within 30s: context deadline exceeded"))
			},
		},
		"the fault does not end, and the API server is away": {
			scenario: func(st *rig) Scenario { return with(st.delete(), func(f *loss) { f.inject = forever }) },
			before: func(st *rig) {
				st.client.PrependReactor("get", "namespaces", func(k8stesting.Action) (bool, runtime.Object, error) { return true, nil, errors.New("refused") })
			},
			phases: []string{record.Baseline, record.FaultIn, record.Done},
			states: []string{record.Injecting}, reverts: 1, problem: "context deadline exceeded",
		},
		"the fault fails": {
			scenario: func(st *rig) Scenario {
				return with(st.delete(), func(f *loss) {
					f.inject = func(context.Context, *chaos.Env) error { return errors.New("no such node") }
				})
			},
			phases: []string{record.Baseline, record.FaultIn, record.Done},
			states: []string{record.Injecting}, reverts: 1, problem: "no such node",
			after: func(g *WithT, st *rig) { g.Expect(st.leftover).To(Equal("pod-delete: no such node")) },
		},
		"nobody is there to be hit": {
			scenario: func(st *rig) Scenario {
				s := st.delete()
				s.Fault = func(*Run) (chaos.Fault, error) { return nil, errors.New("nobody serves") }
				return s
			},
			phases: []string{record.Baseline, record.Done}, problem: "choosing what to hit: nobody serves",
		},
		"it does not come back": {
			before: func(st *rig) { st.shop.ignores = true },
			states: []string{record.Injecting, record.Injected}, reverts: 1, flows: true,
		},
		"it does not come back, and the API says why": {
			before: func(st *rig) {
				st.shop.ignores = true
				st.cannotCreate("exceeded quota: pods")
			},
			states: []string{record.Injecting, record.Injected, record.Stalled}, reverts: 1, flows: true,
		},
		"what was done is not put back at first": {
			scenario: func(st *rig) Scenario {
				return with(st.delete(), func(f *loss) {
					f.inject = func(_ context.Context, env *chaos.Env) error {
						_, err := env.Journal.Add("cordon", map[string]string{"node": "a"})
						return err
					}
					f.revert = func(context.Context, *chaos.Env) error { return errors.New("timed out") }
				})
			},
			phases: []string{record.Baseline, record.FaultIn, record.Recovery, record.Done},
			states: []string{record.Injecting, record.Injected}, reverts: 1, problem: "timed out",
			after: func(g *WithT, st *rig) {
				g.Expect(st.journal.Pending()).To(BeEmpty(), "the journal put it back")
				g.Expect(st.out.String()).To(ContainSubstring("reverting the fault failed, trying again"))
			},
		},
		"a Pod that was told to go stays": {
			before: func(st *rig) { st.shop.ending = true },
			phases: []string{record.Baseline, record.FaultIn, record.Recovery, record.Done},
			states: []string{record.Injecting, record.Injected}, reverts: 1, problem: "1 Pods are still terminating",
		},
		"broken before anything is done": {
			before: func(st *rig) { st.shop.fails = true },
			phases: []string{record.Baseline, record.Done},
			after:  func(g *WithT, st *rig) { g.Expect(st.out.String()).To(ContainSubstring("so no fault is injected")) },
		},
		"broken since an earlier scenario, and mended by a restart": {
			before: func(st *rig) {
				st.shop.fails, st.faulted = true, "node-down"
				st.restarted(func() {
					st.shop.edit(func() { st.shop.fails = false })
					for _, p := range st.shop.Pods() {
						st.shop.loses(p.UID)
					}
				})
			},
			phases: slices.Concat([]string{record.Baseline}, whole),
			states: []string{record.Injecting, record.Injected}, reverts: 1, flows: true,
		},
		"broken since an earlier scenario, and no restart mends it": {
			before: func(st *rig) {
				st.shop.fails, st.faulted, st.leftover = true, "node-down", "node-down: no such node"
				st.restarted(func() {})
			},
			phases:  []string{record.Baseline, record.Baseline, record.Done},
			problem: "an earlier scenario may be the cause: node-down: no such node",
		},
		"a node has gone before": {
			before:  func(st *rig) { st.shop.nodes[0].Ready = false },
			phases:  []string{record.Baseline, record.Done},
			problem: "node a is no longer ready or schedulable",
		},
		"the agent does not start": {
			before: func(st *rig) { st.side(1).lost = "start" },
			phases: []string{record.Done}, problem: "starting load from external: the agent is lost",
		},
		"the agent is lost at the end": {
			before: func(st *rig) {
				st.side(1).lost = "stop"
				st.shop.ignores = true
				st.when[record.Settled] = func() { st.shop.fails = true }
			},
			states: []string{record.Injecting, record.Injected}, reverts: 1, problem: "stopping load from external: the agent is lost",
		},
		"the agent cannot go on": {
			before: func(st *rig) { st.side(0).lost = "renew" },
			states: []string{record.Injecting, record.Injected}, reverts: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := newRig(t)
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				defer st.stopLoad(t.Context())
				if c.before != nil {
					c.before(st)
				}
				s := st.delete()
				if c.scenario != nil {
					s = c.scenario(st)
				}
				got, err := st.Play(t.Context(), s)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(got.Name).To(Equal(s.Name))
				phases := c.phases
				if phases == nil {
					phases = whole
				}
				g.Expect(st.phases).To(Equal(phases), st.out.String())
				g.Expect(st.states()).To(Equal(c.states))
				g.Expect(st.reverts).To(Equal(c.reverts), "reverts")
				if c.problem == "" {
					g.Expect(st.problems).To(BeEmpty())
				} else {
					g.Expect(st.problems).To(ConsistOf(ContainSubstring(c.problem)))
				}
				g.Expect(!st.flowing.IsZero()).To(Equal(c.flows), "load goes on")
				if c.after != nil {
					c.after(g, st)
				}
			})
		})
	}
}

func forever(ctx context.Context, _ *chaos.Env) error {
	<-ctx.Done()
	return ctx.Err()
}

// cannotCreate has the workload say why it has not its Pods.
func (st *rig) cannotCreate(why string) {
	w := st.Run.Workload()
	st.client.Tracker().Add(&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace, Name: w.Name}, Status: appsv1.DeploymentStatus{
		Conditions: []appsv1.DeploymentCondition{{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: why}}}})
}

// restarted has do happen when the workload is restarted.
func (st *rig) restarted(do func()) {
	st.client.PrependReactor("patch", "deployments", func(k8stesting.Action) (bool, runtime.Object, error) {
		do()
		return true, nil, nil
	})
}

// Whenever somebody ends a run, the load is stopped and what was done is taken back.
func TestPlayInterrupted(t *testing.T) {
	for phase, reverts := range map[string]int{record.Baseline: 0, record.FaultIn: 1, record.Recovery: 1, record.Settled: 1} {
		t.Run(phase, func(t *testing.T) {
			st := newRig(t)
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				ctx, stop := context.WithCancelCause(t.Context())
				st.when[phase] = func() { stop(errors.New("Ctrl-C")) }
				_, err := st.Play(ctx, st.delete())
				g.Expect(err).To(MatchError("scenario pod-delete was interrupted: Ctrl-C"))
				g.Expect(st.Interrupted()).To(BeTrue())
				g.Expect(st.reverts).To(Equal(reverts))
				g.Expect(st.flowing).To(BeZero())
				g.Expect(st.problems).To(BeEmpty(), "it is nobody's fault")
				g.Expect(st.phases[len(st.phases)-1]).To(Equal(record.Done))
			})
		})
	}
}

// Two scenarios share one load: the clean end of the first is the baseline of the second,
// and what the first knew is the second's no more.
func TestPlayTwo(t *testing.T) {
	st := newRig(t)
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		_, err := st.Play(t.Context(), st.delete())
		g.Expect(err).NotTo(HaveOccurred())
		since := st.flowing
		again := st.delete()
		again.Name = "pod-delete-again"
		began := time.Now()
		_, err = st.Play(t.Context(), again)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(st.flowing).To(Equal(since), "the same load")
		g.Expect(time.Since(began)).To(BeNumerically("<", 10*time.Second), "no clean seconds are waited for twice")
		g.Expect(st.podsHit).To(HaveLen(1))
		g.Expect(slices.Collect(maps.Keys(st.victims))).To(HaveLen(1))
		g.Expect(st.stopLoad(t.Context())).To(Succeed())
	})
}
