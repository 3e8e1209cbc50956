// Package gate joins the parts into one run: it brings a cluster, a target, load
// agents and the watch up, plays scenarios on them, and takes everything down again.
// What is created is written to the journal first, so that a run that dies can be
// undone by the next one.
package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"hagate/chaos"
	"hagate/cluster"
	"hagate/cluster/engine"
	"hagate/cluster/images"
	"hagate/journal"
	"hagate/load"
	"hagate/record"
	"hagate/reports"
	"hagate/target"
	"hagate/verdict"
	"hagate/verdict/words"
	"hagate/watch"
)

// Run is one run of the gate, from Open to Conclude.
type Run struct {
	Config Config
	ID     string // "20261124-141500-3f2a": part of every name that the run creates
	Dir    string // of its reports

	out      io.Writer
	record   *record.Writer
	judge    *verdict.Judge
	live     *live
	page     *reports.Live // nil where nobody watches
	journal  *journal.Journal
	engine   *engine.Engine
	images   struct{ agent, node, nginx images.Image }
	cluster  *cluster.Cluster
	release  func() // lets other runs take the kept cluster
	nodePort int
	rest     *rest.Config
	target   *target.Target
	watch    *watch.Watch
	agents   []*load.Agent
	agentPod string // UID of the one in the cluster
	stopCPU  func() // nil where nobody samples it
	relay    *relay
	flowing  time.Time   // since when load goes on; zero where none does
	apiBack  time.Time   // when a fault last gave the API server back
	warmed   bool        // the service had load for a while before the run's first baseline
	avoid    []string    // nodes that carry the load or its path
	traffic  record.Plan // of every scenario that asks for no other
	plan     record.Plan // of the one under way
	writer   *writer     // to the target's data, in it
	replicas int
	away     int             // replicas that its strategy lets an update take away at once
	nodes    map[string]bool // that took Pods before the first scenario
	restarts map[string]int  // of each Pod's containers, by UID, before the first scenario
	selector string          // of the workload's Pods
	scenario string          // under way
	declared int             // replicas, as its fault has it
	serving  map[string]bool // UIDs of the Pods that served before its first fault
	victims  map[string]bool // UIDs hit in it
	podsHit  []record.Victim // in it
	nodesHit []string        // in it
	faulted  string          // the scenario whose fault came last; empty where none has
	leftover string          // what the last scenario that the harness failed in may have left behind

	asked     map[string]bool // UIDs of the Pods that are asked on their own addresses in it
	stopAsked []func() error

	destructive kubernetes.Interface // from the guard, for chaos alone
	interrupted error                // what stopped the run early, by the user's wish

	balancing
}

// Open brings everything up that scenarios need; the target's slo may speak of those
// named. What it made is in the journal; Close undoes it, also after a failed Open.
func Open(ctx context.Context, config Config, scenarios []string) (_ *Run, err error) {
	r := &Run{Config: config, ID: newID(), out: os.Stdout, live: newLive(), judge: &verdict.Judge{}}
	if config.Target == "" {
		if r.Config.Target, err = target.WriteDefault(config.StateDir); err != nil {
			return nil, err
		}
	}
	t, err := target.Load(r.Config.Target, scenarios)
	if err != nil {
		return nil, err
	}
	r.target = t
	for _, w := range t.Warnings() {
		fmt.Fprintln(r.out, "hagate:", w.Error())
	}
	if config.Rate > 0 {
		if err := t.SetRate(config.Rate); err != nil {
			return nil, fmt.Errorf("RATE=%d for %s: %w", config.Rate, filepath.Join(r.Config.Target, target.FileName), err)
		}
	}
	r.Dir = filepath.Join(config.Out, r.ID)
	if err := os.MkdirAll(r.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("creating the run's folder: %w", err)
	}
	if r.record, err = record.Create(filepath.Join(r.Dir, record.FileName)); err != nil {
		return nil, err
	}
	r.record.Observe(r.judge.Add)
	r.relay = &relay{write: r.write, timeout: t.Spec.Load.Timeout, see: r.live.observe}
	if err := quietClient(r.Dir); err != nil {
		return nil, err
	}
	if config.Watch {
		if r.page, err = reports.NewLive(config.Lang); err != nil {
			return nil, err
		}
		r.record.Observe(r.page.Observe)
		fmt.Fprintf(r.out, "hagate: watch the run at %s\n", r.page.URL)
	}
	if terminal(os.Stdout) {
		r.record.Observe(load.NewProgress(os.Stdout).Observe)
	}
	if err := r.bringUp(ctx); err != nil {
		if ctx.Err() != nil {
			r.interrupted = err
			return r, err
		}
		problem := &record.Problem{What: err.Error()}
		if service, ok := errors.AsType[notUp](err); ok {
			problem.What, problem.Whose = "the service did not come up: "+service.Error(), record.WhoseService
		}
		return r, errors.Join(err, r.write(record.Entry{Problem: problem}))
	}
	return r, nil
}

// quietClient sends what client-go logs to a file in the run's folder: it complains of
// connections that this process closed itself.
func quietClient(dir string) error {
	f, err := os.Create(filepath.Join(dir, "client-go.log"))
	if err != nil {
		return fmt.Errorf("creating client-go's log: %w", err)
	}
	klog.SetSlogLogger(slog.New(slog.NewTextHandler(f, nil)))
	return nil
}

// bringUp is the order of creation.
func (r *Run) bringUp(ctx context.Context) error {
	return r.steps(ctx, []step{
		{name: "undoing what dead runs left", do: r.recoverDead},
		{name: "container engine", do: r.findEngine},
		{name: "images", do: r.ensureImages},
		{name: "cluster", do: r.openCluster, kubernetes: true},
		{name: "loading images", do: r.loadImages},
		{name: "target", do: r.deployTarget},
		{name: "watch", do: r.startWatch},
		{name: "service ready", do: r.waitUp, kubernetes: true},
		{name: "load agents", do: r.startAgents},
		{name: "first look", do: r.noteStart},
	})
}

// step is one part of bringing a run up; its time is printed and recorded.
type step struct {
	name       string
	do         func(context.Context) error
	kubernetes bool // it waits for nodes or Pods to come up
}

func (r *Run) steps(ctx context.Context, steps []step) error {
	for _, s := range steps {
		began := time.Now()
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("before %s: %w", s.name, context.Cause(ctx))
		}
		if err := s.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		took := time.Since(began)
		fmt.Fprintf(r.out, "hagate: %-28s %6.1f s\n", s.name, took.Seconds())
		if err := r.write(record.Entry{Timing: &record.Timing{Step: s.name, Took: took, Kubernetes: s.kubernetes}}); err != nil {
			return err
		}
	}
	return nil
}

// creating writes a deed to the journal before it is done.
func (r *Run) creating(kind string, args map[string]string) error {
	if _, err := r.journal.Add(kind, args); err != nil {
		return fmt.Errorf("writing the journal before creating a %s: %w", kind, err)
	}
	return nil
}

func (r *Run) creatingObject(o target.Object) error {
	args, err := objectArgs(o)
	if err != nil {
		return err
	}
	return r.creating(undoObject, args)
}

// closeWait bounds the end of a load that no scenario needs any more.
const closeWait = 10 * time.Second

// Close takes down what the run made, newest first, and closes the record. An interrupt
// stops it only where it is the second.
func (r *Run) Close(ctx context.Context) error {
	if !r.Began() {
		return nil
	}
	if r.interrupted == nil {
		ctx = context.WithoutCancel(ctx)
	}
	var errs []error
	if !r.flowing.IsZero() {
		last, cancel := context.WithTimeout(ctx, closeWait)
		errs = append(errs, r.stopLoad(last))
		cancel()
	}
	for _, a := range r.agents {
		errs = append(errs, a.Close())
	}
	if r.stopCPU != nil {
		r.stopCPU()
	}
	if r.watch != nil {
		r.watch.Stop()
	}
	end := &record.End{Interrupted: r.interrupted != nil}
	if end.Interrupted {
		end.Note = r.interrupted.Error()
	}
	errs = append(errs, r.write(record.Entry{End: end}), r.record.Close())
	began := time.Now()
	if r.journal != nil {
		errs = append(errs, undo(ctx, r.journal), r.journal.Close())
	}
	if r.release != nil {
		r.release()
	}
	fmt.Fprintf(r.out, "hagate: %-28s %6.1f s\n", "taking down", time.Since(began).Seconds())
	return errors.Join(errs...)
}

// Conclude renders the reports from the record and prints the verdict as the last
// lines of the run's output.
func (r *Run) Conclude(w io.Writer) (verdict.Verdict, error) {
	if !r.Began() {
		return verdict.Verdict{}, errors.New("no verdict: the run did not get as far as a record")
	}
	v, err := reports.Render(r.Dir, "", r.Config.Lang)
	if err != nil {
		return v, err
	}
	latest := filepath.Join(r.Config.Out, "latest")
	os.Remove(latest)
	if err := os.Symlink(r.ID, latest); err != nil {
		return v, fmt.Errorf("pointing %s at the run: %w", latest, err)
	}
	if err := reports.Index(r.Config.Out, r.Config.Lang); err != nil {
		return v, err
	}
	fmt.Fprintln(w)
	for _, s := range v.Scenarios {
		fmt.Fprintf(w, "%-8s %-20s %s\n", s.Result, s.Name, s.Reason)
	}
	waits := v.Waits()
	fmt.Fprintf(w, "%s in all, %s of it Kubernetes' own (nodes and Pods coming up, and from each fault until it was made good), %s clean traffic before and after: %.2f × Kubernetes' own\n",
		words.Duration(waits.Whole), words.Duration(waits.Kubernetes), words.Duration(waits.Clean), waits.Ratio())
	fmt.Fprintf(w, "%s: %s\n", v.Result, v.Reason)
	for _, h := range v.Headlines() {
		fmt.Fprintf(w, "%s\n  cause:  %s\n  change: %s\n", cmp.Or(strings.Join(h.Scenarios, ", "), "before the first scenario"), h.Cause, h.Fix)
	}
	fmt.Fprintf(w, "report: %s\n", filepath.Join(r.Dir, reports.HTMLFile))
	if r.page != nil {
		if err := r.page.Close(filepath.Join(r.Dir, reports.HTMLFile)); err != nil {
			return v, err
		}
	}
	return v, tellGitHub(w, r.Dir, v)
}

// Began says whether there is a record, so that there is a verdict.
func (r *Run) Began() bool { return r != nil && r.record != nil }

// Interrupted says whether somebody ended the run before it was through.
func (r *Run) Interrupted() bool { return r.interrupted != nil }

// Replicas is the declared replica count of the target's workload.
func (r *Run) Replicas() int { return r.replicas }

// Away is how many of the replicas an update may take away at once, as the workload's
// strategy has it.
func (r *Run) Away() int { return r.away }

// Speaks is how long the startup and readiness probes of a container that runs may take
// to call it ready, at the soonest: a fault that a probe is to see stays in for longer.
func (r *Run) Speaks() time.Duration { return r.target.Speaks() }

// Rate is the planned load of each stream, requests/second.
func (r *Run) Rate() int { return r.plan.Rate }

// Timeout is how long a request of the load may take.
func (r *Run) Timeout() time.Duration { return r.plan.Timeout }

// Streams is how many carry it at once.
func (r *Run) Streams() int { return len(r.plan.Streams) }

// Connections is how many idle ones each kept-alive stream keeps.
func (r *Run) Connections() int { return r.plan.Connection }

// Protected is how many endpoints a drain has to leave ready, and why.
func (r *Run) Protected() (int, string) { return protected(r.watch.PDBs(), r.replicas) }

// protected takes off a budget what Pods that are not the workload's may do for it.
func protected(budgets []record.PDB, replicas int) (int, string) {
	for _, p := range budgets {
		if others := max(0, p.CurrentHealthy-replicas); p.DesiredHealthy > others {
			return p.DesiredHealthy - others, "PodDisruptionBudget " + p.Name + " asks for them"
		}
	}
	return 1, "no PodDisruptionBudget asks for more"
}

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

// HeldBack is how long the kubelet may hold back the next start of a container of the Pod
// that PickPod chooses.
func (r *Run) HeldBack() time.Duration {
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

// Workload is what runs the target's Pods.
func (r *Run) Workload() chaos.Object {
	w := r.target.Spec.Workload
	return chaos.Object{Kind: w.Kind, Namespace: w.Namespace, Name: w.Name}
}

// Selector is the workload's, as a label selector.
func (r *Run) Selector() string { return r.selector }

// Found records what a scenario saw of something that it alone looks at.
func (r *Run) Found(ok bool, want, got string) error {
	return r.write(record.Entry{Finding: &record.Finding{OK: ok, Want: want, Got: got}})
}

// WrongVersion is the fault that rolls out a version which answers every request with 500.
func (r *Run) WrongVersion() (chaos.Fault, error) {
	container, ports := r.target.Server()
	if len(ports) == 0 {
		return nil, fmt.Errorf("no container of %s has the port that Service %s leads to", r.Workload(), r.target.Spec.Service.Name)
	}
	command := []string{"/agent", "fail"}
	for _, p := range ports {
		command = append(command, fmt.Sprint(p))
	}
	return chaos.WrongRollout{Workload: r.Workload(), Selector: r.selector, Container: container, Image: r.AgentImage(), Command: command}, nil
}

// AgentImage is the load agent's, as Pods name it.
func (r *Run) AgentImage() string { return or(r.Config.AgentImage, r.images.agent.Ref) }

// Budget names the PodDisruptionBudget that covers the workload, or nothing.
func (r *Run) Budget() string {
	for _, p := range r.watch.PDBs() {
		return p.Name
	}
	return ""
}

// Home is the node that carries the load and its path, one of the control plane where
// there is any.
func (r *Run) Home() string { return r.avoid[0] }

// ProbeTime is how long the readiness probes of the workload's Pods take at the most
// to notice that a Pod no longer answers: a period and a timeout for every failure
// that they wait for. It is 0 where there is no probe.
func (r *Run) ProbeTime() time.Duration { return r.target.ProbeTime() }

// LivenessTime is how long the liveness probes of the workload's Pods take at the most to
// notice a container that no longer answers, and the grace that it is given then.
func (r *Run) LivenessTime() (noticed, grace time.Duration) { return r.target.LivenessTime() }

// Configuration is the ConfigMap that the target names, and the key in it.
func (r *Run) Configuration() (config chaos.Object, key string) {
	c := r.target.Spec.Config
	return chaos.Object{Kind: "ConfigMap", Namespace: r.target.Spec.Workload.Namespace, Name: c.ConfigMap}, c.Key
}
