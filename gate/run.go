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
	"hagate/verdict/budget"
	"hagate/verdict/words"
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
	watch    view
	agents   []loader
	agentPod string // UID of the one in the cluster
	stopCPU  func() // nil where nobody samples it
	relay    *relay
	flowing  time.Time   // since when load goes on; zero where none does
	apiBack  time.Time   // when a fault last gave the API server back
	warmed   bool        // the service had load for a while before the run's first baseline
	avoid    []string    // nodes that carry the load or its path
	traffic  record.Plan // of every scenario that asks for no other
	replicas int
	away     int             // replicas that its strategy lets an update take away at once
	nodes    map[string]bool // that took Pods before the first scenario
	restarts map[string]int  // of each Pod's containers, by UID, before the first scenario
	selector string          // of the workload's Pods
	minor    int             // Kubernetes' version; 0 where it is not known
	grace    budget.Grace
	faulted  string // the scenario whose fault came last; empty where none has
	leftover string // what the last scenario that the harness failed in may have left behind

	destructive kubernetes.Interface // from the guard, for chaos alone
	interrupted error                // what stopped the run early, by the user's wish

	balancing
	playing
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
		problem := &record.Problem{What: said(err)}
		if service, ok := errors.AsType[notUp](err); ok {
			problem.What, problem.Whose = record.Say("the service did not come up: %s", service), record.WhoseService
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
		{name: record.Say("recovering crashed runs"), do: r.recoverDead},
		{name: record.Say("container engine"), do: r.findEngine},
		{name: record.Say("images"), do: r.ensureImages},
		{name: record.Say("cluster"), do: r.openCluster, kubernetes: true},
		{name: record.Say("loading images"), do: r.loadImages},
		{name: record.Say("target"), do: r.deployTarget},
		{name: record.Say("watch"), do: r.startWatch},
		{name: record.Say("service ready"), do: r.waitUp, kubernetes: true},
		{name: record.Say("load agents"), do: r.startAgents},
		{name: record.Say("recording initial state"), do: r.noteStart},
	})
}

// step is one part of bringing a run up; its time is printed and recorded.
type step struct {
	name       record.Text
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
		end.Note = said(r.interrupted)
	}
	errs = append(errs, r.write(record.Entry{End: end}), r.record.Close())
	began := time.Now()
	if r.journal != nil {
		errs = append(errs, undo(ctx, r.journal), r.journal.Close())
	}
	if r.release != nil {
		r.release()
	}
	fmt.Fprintf(r.out, "hagate: %-28s %6.1f s\n", "cleaning up", time.Since(began).Seconds())
	return errors.Join(errs...)
}

// Conclude renders the reports from the record and prints the verdict as the last
// lines of the run's output.
func (r *Run) Conclude(w io.Writer) (verdict.Verdict, error) {
	if !r.Began() {
		return verdict.Verdict{}, errors.New("no verdict: the run ended before its record was created")
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
	fmt.Fprintf(w, "%s in all, %s of it waiting for Kubernetes (nodes and Pods starting, and from each fault to recovery), %s steady-state traffic before and after: %.2f × the time waiting for Kubernetes\n",
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

// Found records what a scenario saw of something that it alone looks at: what has to be, what
// is, and the number that the judge holds to its bounds.
func (r *Run) Found(want, got record.Text, value int, bounds record.Bounds) error {
	return r.write(record.Entry{Finding: &record.Finding{Want: want, Got: got, Value: value, Bounds: bounds}})
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

func (r *Run) write(e record.Entry) error { return r.record.Write(e) }
