// Package gate joins the parts into one run: it brings a cluster, a target, load
// agents and the watch up, plays scenarios on them, and takes everything down again.
// What is created is written to the journal first, so that a run that dies can be
// undone by the next one.
package gate

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"hagate/chaos"
	"hagate/cluster"
	"hagate/cluster/engine"
	"hagate/cluster/images"
	"hagate/journal"
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
	begun    []step // of bringing it up
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
	autoRate bool        // its rate is what the machine carries
	replicas int
	away     int             // replicas that its strategy lets an update take away at once
	nodes    map[string]bool // that took Pods before the first scenario
	restarts map[string]int  // of each Pod's containers, by UID, before the first scenario
	selector string          // of the workload's Pods
	minor    int             // Kubernetes' version; 0 where it is not known
	grace    budget.Grace
	spread   spans  // of the Pods before the first scenario
	faulted  string // the scenario whose fault came last; empty where none has
	leftover string // what the last scenario that the harness failed in may have left behind

	destructive kubernetes.Interface // from the guard
	interrupted error                // what stopped the run early, by the user's wish

	balancing
	playing
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
