// Package record is the append-only evidence of a run: its types, its file, and
// nothing else. Load, chaos and the watch write entries; verdicts and reports are
// computed from them alone, and can be computed again.
//
// On disk a record is record.jsonl, one Entry a line, in the order of arrival. The
// order is not the order of time: sort by Entry.Time where that matters.
package record

import (
	"strings"
	"time"
)

// SchemaVersion is written in every record's Run entry and changes when a reader
// of an older record would misread a newer one.
const SchemaVersion = "hagate/record/v1alpha1"

// Clocks that an Entry's Time can come from. An agent's clock is its vantage.
const (
	ClockHarness   = "harness"
	ClockAPIServer = "apiserver"
)

// Entry is one line of a record. Exactly one of the pointers is set.
type Entry struct {
	Time     time.Time `json:"time"`               // when it happened, UTC, by Clock
	Clock    string    `json:"clock,omitempty"`    // ClockHarness where empty
	Scenario string    `json:"scenario,omitempty"` // name of the scenario under way; empty outside one

	Run       *Run       `json:"run,omitempty"`
	Setting   *Setting   `json:"setting,omitempty"`
	Timing    *Timing    `json:"timing,omitempty"`
	Start     *Start     `json:"start,omitempty"`
	Phase     *Phase     `json:"phase,omitempty"`
	Fault     *Fault     `json:"fault,omitempty"`
	Pod       *Pod       `json:"pod,omitempty"`
	Node      *Node      `json:"node,omitempty"`
	Endpoints *Endpoints `json:"endpoints,omitempty"`
	Service   *Service   `json:"service,omitempty"`
	Template  *Template  `json:"template,omitempty"`
	Workload  *Workload  `json:"workload,omitempty"`
	PDB       *PDB       `json:"pdb,omitempty"`
	Event     *Event     `json:"event,omitempty"`
	Second    *Second    `json:"second,omitempty"`
	Request   *Request   `json:"request,omitempty"`
	Lookup    *Lookup    `json:"lookup,omitempty"`
	Answer    *Answer    `json:"answer,omitempty"`
	Health    *Health    `json:"health,omitempty"`
	CPU       *CPU       `json:"cpu,omitempty"`
	Finding   *Finding   `json:"finding,omitempty"`
	Skipped   *Skipped   `json:"skipped,omitempty"`
	Problem   *Problem   `json:"problem,omitempty"`
	End       *End       `json:"end,omitempty"`
}

// Run opens a record: what was tested, where, and how to do it again.
type Run struct {
	Schema     string            `json:"schema"`
	ID         string            `json:"id"`
	Command    string            `json:"command"` // repeats the run
	Commit     string            `json:"commit,omitempty"`
	Target     string            `json:"target"` // metadata.name of the target file
	TargetDir  string            `json:"targetDir"`
	Workload   string            `json:"workload"` // "Deployment nginx/nginx01"
	Service    string            `json:"service"`  // "nginx/nginx-svc:80"
	Replicas   int               `json:"replicas"` // declared
	Cluster    string            `json:"cluster"`
	Borrowed   bool              `json:"borrowed"`
	Kubernetes string            `json:"kubernetes"` // server version
	Images     map[string]string `json:"images,omitempty"`
	Machine    Text              `json:"machine"` // cores, memory, kernel, engine
}

// Setting is a cluster setting that differs from Kubernetes' default, a concession
// to the host, or a tolerance of the judge. All stand in the report.
type Setting struct {
	Name   Text `json:"name"`
	Value  Text `json:"value"`
	Reason Text `json:"reason"`
}

// Timing is how long one step of bringing the run up or down took.
type Timing struct {
	Step       Text          `json:"step"`
	Took       time.Duration `json:"took"`                 // nanoseconds
	Kubernetes bool          `json:"kubernetes,omitempty"` // it is Kubernetes' time: nodes or Pods coming up
}

// Start opens a scenario.
type Start struct {
	Name     string   `json:"name"`
	Promise  string   `json:"promise"` // one sentence
	Labels   []string `json:"labels"`
	Planned  bool     `json:"planned"` // a planned disruption owes zero failed requests
	NoFault  bool     `json:"noFault,omitempty"`
	SLO      SLO      `json:"slo"`
	Plan     Plan     `json:"plan"`
	Replicas int      `json:"replicas"` // declared when it began
	// Again is the scenario that this one measures again; nothing where it measures its own.
	Again string `json:"again,omitempty"`
	// Rounds is how often the fault was to go in, one after the other; 0 is once.
	Rounds int `json:"rounds,omitempty"`
	// Default is the SLO before the target's own figures replaced some of it; nil where
	// they replaced nothing.
	Default *SLO `json:"default,omitempty"`
}

// SLO is what a scenario is judged by. Counts are per stream.
type SLO struct {
	MaxFailed         int           `json:"maxFailed"`             // failed requests
	MaxOutage         time.Duration `json:"maxOutage"`             // longest span in which failures lie less than OutageGap apart
	MaxBlackout       time.Duration `json:"maxBlackout"`           // longest span of due requests in which not one succeeded
	MaxRecovery       time.Duration `json:"maxRecovery"`           // from the fault until the declared replicas are ready and serve
	MinReady          int           `json:"minReady"`              // ready endpoints, never fewer
	MaxLatency        time.Duration `json:"maxLatency"`            // 0: that of the baseline bounds a planned disruption, and no other
	MaxP99            time.Duration `json:"maxP99,omitempty"`      // likewise
	MaxClosedInFlight int           `json:"maxClosedInFlight"`     // see ClassClosed
	MinRate           int           `json:"minRate,omitempty"`     // requests/second that have to be carried; 0: those of the plan
	MinServesOn       time.Duration `json:"minServesOn,omitempty"` // that a Pod which is told to go takes new connections for; 0: not judged
	Derivation        Text          `json:"derivation"`            // how the numbers were come by, for the report
}

// UsualTimeout is how long a request may take where nothing else is said.
const UsualTimeout = 2 * time.Second

// Plan is the traffic that was meant to be sent on every stream.
type Plan struct {
	Rate       int           `json:"rate"` // requests/second
	Timeout    time.Duration `json:"timeout"`
	SlowAfter  time.Duration `json:"slowAfter"` // requests slower than this are kept one by one
	Streams    []Stream      `json:"streams"`
	Requests   []Call        `json:"requests"` // sent in rotation
	PodHeader  string        `json:"podHeader,omitempty"`
	Connection int           `json:"connections"` // idle ones that a reused stream keeps
	// ThinkTime is how long a kept-alive client pauses between an answer and its next
	// request, at the least: its connection is idle for as long.
	ThinkTime time.Duration `json:"thinkTime,omitempty"`
	// Retries is how often a request is tried again, at the most. Timeout spans all tries.
	Retries int `json:"retries,omitempty"`
	// FreshNames: a name is looked up for every new connection, and no answer kept.
	FreshNames bool `json:"freshNames,omitempty"`
	// Steps raise the load: the first is kept up from From on, which is a whole second,
	// each follows the one before it, and the last lasts until the load is stopped.
	// Without any, Rate is kept up from when the agent is told to start.
	From  time.Time `json:"from,omitzero"`
	Steps []Step    `json:"steps,omitempty"`
}

// Step is a rate that every stream is to keep up for a time.
type Step struct {
	Rate    int `json:"rate"`    // requests/second
	Seconds int `json:"seconds"` // that it is kept up for
}

// Span is the Unix seconds [from, to) of the step with index i.
func (p Plan) Span(i int) (from, to int64) {
	from = p.From.Unix()
	for _, s := range p.Steps[:i] {
		from += int64(s.Seconds)
	}
	return from, from + int64(p.Steps[i].Seconds)
}

// RateAt is the rate that is planned for a Unix second, in requests/second.
func (p Plan) RateAt(second int64) int {
	rate := p.Rate
	for i, s := range p.Steps {
		if from, _ := p.Span(i); second >= from {
			rate = s.Rate
		}
	}
	return rate
}

// MaxRate is the highest rate that is planned, in requests/second.
func (p Plan) MaxRate() int {
	rate := p.Rate
	for _, s := range p.Steps {
		rate = max(rate, s.Rate)
	}
	return rate
}

// Thinking is how many connections of a reused stream are idle at a time because their
// clients pause, however quick the answers are.
func (p Plan) Thinking() int {
	return int(int64(p.MaxRate()) * int64(p.ThinkTime) / int64(time.Second))
}

// Call is one request of the plan and the answer that counts as success.
type Call struct {
	Method string            `json:"method"`
	Path   string            `json:"path"`
	Header map[string]string `json:"header,omitempty"`
	Body   string            `json:"body,omitempty"`
	Status int               `json:"status"` // expected
}

// String is "GET /".
func (c Call) String() string { return c.Method + " " + c.Path }

// Vantages and connection modes.
const (
	InCluster = "in-cluster"
	External  = "external"
	Fresh     = "fresh"
	Reused    = "reused"
)

// Stream is one flow of requests: where it starts and how it treats connections.
type Stream struct {
	Vantage string `json:"vantage"`
	Mode    string `json:"mode"`
	URL     string `json:"url"`
	// Node is the only one whose Pods the stream reaches as the scenario begins, where
	// the Service it goes to has externalTrafficPolicy Local; empty where it reaches all.
	Node string `json:"node,omitempty"`
}

// Reaches says whether the Pod behind an endpoint can answer on the stream.
func (s Stream) Reaches(e Endpoint) bool { return s.Node == "" || s.Node == e.Node }

// Name is "in-cluster/fresh" and so on, the key used everywhere.
func (s Stream) Name() string { return s.Vantage + "/" + s.Mode }

// Phases of a scenario, in order; fault and recovery follow each other once a round,
// and where the load is raised steps take the place of all between baseline and done.
const (
	Baseline = "baseline" // clean traffic, no fault
	FaultIn  = "fault"    // from injection until it is done
	Recovery = "recovery" // until the declared replicas are ready and serve
	StepUp   = "step"     // the load of the plan's next step
	Settled  = "settled"  // clean traffic again
	Done     = "done"     // the scenario's end: load stopped, or left to the next one
)

// Phase begins at the entry's time and ends where the next one begins.
type Phase struct {
	Name string `json:"name"`
	Note Text   `json:"note,omitzero"`
}

// States of a fault.
const (
	Injecting = "injecting"
	Injected  = "injected"
	Reverting = "reverting" // it is being taken back
	Reverted  = "reverted"
	Blocked   = "blocked" // the service would not let it finish (a PDB): Error says how far it came
	Failed    = "failed"  // the harness could not inject or revert it: Error says why
	Stalled   = "stalled" // the service did not recover: Refusals say what keeps it from that
)

// Fault is one step in the life of a fault.
type Fault struct {
	Name     string   `json:"name"`
	Effect   Effect   `json:"effect,omitzero"`
	State    string   `json:"state,omitempty"`
	Victims  []Victim `json:"victims,omitempty"`
	Evidence []Text   `json:"evidence,omitempty"` // what shows that it took effect, in words
	// Returns: what was hit lives on and may serve again once the fault is reverted.
	Returns bool `json:"returns,omitempty"`
	// Replicas is what the workload declares until the fault is reverted; 0 is as before.
	Replicas int  `json:"replicas,omitempty"`
	Error    Text `json:"error,omitzero"`
	// Refusals are what the API server, a controller or the scheduler said to it.
	Refusals []Refusal `json:"refusals,omitempty"`
}

// Whose a refusal is.
const (
	WhoseService = "service" // its objects stand in the way: budgets, quota, affinity, admission
	WhoseCluster = "cluster" // the cluster lacks or forbids it for everybody
	WhoseHarness = "harness" // this run may not, or asked wrongly
)

// Who but the API server said a refusal.
const (
	ByController = "controller"
	ByScheduler  = "scheduler"
	ByKubelet    = "kubelet"
)

// Refusal is what the API server, a controller or the scheduler said to something that
// a fault asked for, in their words.
type Refusal struct {
	Whose   string   `json:"whose"`
	By      string   `json:"by,omitempty"`      // who said it; empty is the API server, perhaps through a controller
	Asked   string   `json:"asked"`             // "eviction of Pod shop/web-1"
	Evicts  bool     `json:"evicts,omitempty"`  // an eviction was asked for
	Code    int      `json:"code,omitempty"`    // HTTP status; 0 where a controller or the scheduler said it
	Said    string   `json:"said"`              // its words
	Objects []string `json:"objects,omitempty"` // that stand in the way: "PodDisruptionBudget shop/web"
}

// String is what was asked, what was said, and which objects stand in the way.
func (r Refusal) String() string {
	text := r.Asked + ": " + r.Said
	if len(r.Objects) > 0 {
		text += " (" + strings.Join(r.Objects, ", ") + ")"
	}
	return text
}

// Victim is the object that a fault hits.
type Victim struct {
	Kind      string `json:"kind"` // Pod or Node
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	UID       string `json:"uid"`
	Node      string `json:"node,omitempty"` // of a Pod
}

// Pod is the state of one Pod of the workload at a change.
type Pod struct {
	Namespace   string     `json:"namespace"`
	Name        string     `json:"name"`
	UID         string     `json:"uid"`
	Version     string     `json:"version,omitempty"` // of the workload's template: its hash
	Node        string     `json:"node,omitempty"`
	IP          string     `json:"ip,omitempty"`
	Phase       string     `json:"phase"` // Pending, Running, Succeeded, Failed
	Ready       bool       `json:"ready"`
	Started     bool       `json:"started"`               // every container has started
	Reason      string     `json:"reason,omitempty"`      // e.g. ErrImagePull, OOMKilled, CrashLoopBackOff
	Restarts    int        `json:"restarts"`              // of all containers
	Terminating *time.Time `json:"terminating,omitempty"` // when deletion was asked for, API server's clock
	Grace       int        `json:"grace,omitempty"`       // seconds given to terminate
	Gone        bool       `json:"gone,omitempty"`        // the object has left the API
	Message     string     `json:"message,omitempty"`     // of the scheduler or the kubelet, where it is not placed or does not run
	Owner       string     `json:"owner,omitempty"`       // its controller: "ReplicaSet/web-5d9c"; none where empty
	// Stray: the workload's or the Service's selector matches it, and the workload does
	// not control it.
	Stray bool   `json:"stray,omitempty"`
	Exits []Exit `json:"exits,omitempty"` // the last end of each container that has ended
}

// Exit is the last end of a container.
type Exit struct {
	Container string    `json:"container"`
	Code      int       `json:"code"`             // 137: killed, 143: ended by SIGTERM
	Reason    string    `json:"reason,omitempty"` // Completed, Error, OOMKilled, …
	At        time.Time `json:"at,omitzero"`      // the kubelet's clock
}

// Node is the state of one node at a change.
type Node struct {
	Name          string   `json:"name"`
	Ready         bool     `json:"ready"`
	Unschedulable bool     `json:"unschedulable"`
	Taints        []string `json:"taints,omitempty"`
	Zone          string   `json:"zone,omitempty"` // its label topology.kubernetes.io/zone
	Gone          bool     `json:"gone,omitempty"`
}

// Endpoints is the whole of a Service's EndpointSlices at a change.
type Endpoints struct {
	Service string     `json:"service"` // "nginx/nginx-svc"
	List    []Endpoint `json:"list"`
}

// Endpoint is one address of a Service and what it says of itself.
type Endpoint struct {
	Pod         string `json:"pod"`
	UID         string `json:"uid,omitempty"`
	IP          string `json:"ip"`
	Node        string `json:"node,omitempty"`
	Ready       bool   `json:"ready"`
	Serving     bool   `json:"serving"`
	Terminating bool   `json:"terminating"`
	// NoPort: the address has no port of those that the Service leads to, so nobody is
	// sent there. It is neither ready nor serving then.
	NoPort bool `json:"noPort,omitempty"`
}

// Service is how clients are led to Pods, as the cluster has it, at a change.
type Service struct {
	Name            string `json:"name"` // "nginx/nginx-svc"
	Type            string `json:"type"`
	Headless        bool   `json:"headless,omitempty"`
	Port            int    `json:"port"`       // that is tested
	TargetPort      string `json:"targetPort"` // number or name
	PublishNotReady bool   `json:"publishNotReady,omitempty"`
	InternalPolicy  string `json:"internalPolicy,omitempty"` // internalTrafficPolicy: Cluster or Local
	ExternalPolicy  string `json:"externalPolicy,omitempty"` // externalTrafficPolicy: Cluster or Local
	Affinity        string `json:"affinity,omitempty"`       // sessionAffinity
}

// Template is what a workload says of its Pods and of how they are replaced, at a
// change. No command, argument or variable is part of it: they may hold secrets.
type Template struct {
	Replicas       int         `json:"replicas"`                 // spec.replicas
	Strategy       string      `json:"strategy,omitempty"`       // RollingUpdate, Recreate or OnDelete
	MaxSurge       string      `json:"maxSurge,omitempty"`       // number or percentage
	MaxUnavailable string      `json:"maxUnavailable,omitempty"` // likewise
	Paused         bool        `json:"paused,omitempty"`
	Grace          int         `json:"grace"` // terminationGracePeriodSeconds
	Containers     []Container `json:"containers"`
	// Spread: a topologySpreadConstraint or an anti-affinity keeps its Pods apart.
	Spread bool `json:"spread,omitempty"`
	// Apart are the topology keys by which a required anti-affinity keeps its own Pods
	// apart.
	Apart        []string          `json:"apart,omitempty"`
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`
	NodeAffinity bool              `json:"nodeAffinity,omitempty"` // it requires nodes of a kind by a node affinity
	Volumes      bool              `json:"volumes,omitempty"`      // its Pods have PersistentVolumeClaims
	// LostFor is how many seconds its Pods stay on a node that is not ready or not reached,
	// Kubernetes' default filled in; -1 for ever.
	LostFor   int  `json:"lostFor,omitempty"`
	Tolerates bool `json:"tolerates,omitempty"` // it has tolerations, of whatever
}

// Container is one container of a Template.
type Container struct {
	Name  string `json:"name"`
	Image string `json:"image"`
	Ports []Port `json:"ports,omitempty"` // that it declares
	// Shell: its first process is a shell that runs a script and does not hand itself
	// over to the server with exec, as far as the manifest shows.
	Shell bool `json:"shell,omitempty"`
	// PreStop is the kind of its preStop hook (sleep, exec, httpGet), none where empty;
	// PreStopSleep how long it sleeps, in seconds, where the manifest shows that.
	PreStop      string  `json:"preStop,omitempty"`
	PreStopSleep float64 `json:"preStopSleep,omitempty"`
	Readiness    *Probe  `json:"readiness,omitempty"`
	Liveness     *Probe  `json:"liveness,omitempty"`
	Startup      *Probe  `json:"startup,omitempty"`
	Requests     Amounts `json:"requests,omitzero"`
	Limits       Amounts `json:"limits,omitzero"`
}

// Port is one that a container declares.
type Port struct {
	Name   string `json:"name,omitempty"`
	Number int    `json:"number"`
}

// Amounts are Kubernetes quantities: "100m", "64Mi".
type Amounts struct {
	CPU    string `json:"cpu,omitempty"`
	Memory string `json:"memory,omitempty"`
}

// Probe is a container's probe, Kubernetes' defaults filled in. Times are in seconds.
type Probe struct {
	Asks      string `json:"asks"` // "GET /healthz on port 8080", "TCP port 80", "a command", "gRPC port 80"
	Delay     int    `json:"delay,omitempty"`
	Period    int    `json:"period"`
	Timeout   int    `json:"timeout"`
	Failures  int    `json:"failures"`  // in a row that it takes to fail
	Successes int    `json:"successes"` // in a row that it takes to succeed
}

// Ready counts the endpoints that are ready.
func (e Endpoints) Ready() int {
	n := 0
	for _, p := range e.List {
		if p.Ready {
			n++
		}
	}
	return n
}

// Workload is the status of the Deployment or StatefulSet at a change.
type Workload struct {
	Replicas  int  `json:"replicas"`        // spec
	Current   int  `json:"current"`         // status.replicas
	Ready     int  `json:"ready"`           // status.readyReplicas
	Updated   int  `json:"updated"`         // status.updatedReplicas
	Available int  `json:"available"`       // status.availableReplicas
	Stale     bool `json:"stale,omitempty"` // the status is of an older spec
}

// PDB is the status of a PodDisruptionBudget that covers the workload.
type PDB struct {
	Name           string `json:"name"`
	DesiredHealthy int    `json:"desiredHealthy"`
	CurrentHealthy int    `json:"currentHealthy"`
	Allowed        int    `json:"allowed"`            // disruptionsAllowed
	Expected       int    `json:"expected,omitempty"` // expectedPods: all that it covers; unknown where 0
}

// Event is a Kubernetes Event about a Pod, the workload or a node.
type Event struct {
	Type    string `json:"type"` // Normal or Warning
	Reason  string `json:"reason"`
	Object  string `json:"object"` // "Pod/nginx01-abc"
	Message string `json:"message"`
	Count   int    `json:"count"`
}

// Pods are asked on their own addresses so often: each ten times a second, and all of them
// together no more than a hundred times.
const (
	AskEvery = 100 * time.Millisecond
	AskApart = 10 * time.Millisecond
)

// AskPeriod is how long lies between two looks at one of so many Pods.
func AskPeriod(pods int) time.Duration { return max(AskEvery, AskApart*time.Duration(pods)) }

// Answer is what a Pod answers on its own address from the entry's time on.
type Answer struct {
	UID     string `json:"uid"`     // the Pod's
	Address string `json:"address"` // host and port
	Status  int    `json:"status"`  // 0 where there is none
	Error   string `json:"error,omitempty"`
}

// CPU is who used the machine's cores in one second, in cores. What is not known is -1.
type CPU struct {
	Cores   int     `json:"cores"`   // that the machine has
	Busy    float64 `json:"busy"`    // in use in all
	Service float64 `json:"service"` // by the Pods in the target's namespace
	Cluster float64 `json:"cluster"` // by all else in the cluster's nodes
	Harness float64 `json:"harness"` // by load agents and the run itself
	Others  float64 `json:"others"`  // by whatever else runs on the machine
	// Waited is the longest that one thread of the service's waited for a core (schedstat's
	// run delay), without what a CPU limit of its own held it back. A thread that has work for
	// a moment only waits for one each time, and that adds up; one that waits for nearly the
	// whole second has all its work queue up.
	Waited  time.Duration `json:"waited,omitempty"`
	Threads int           `json:"threads,omitempty"` // of the service's that were looked at for it; 0: Waited is not known
}

// Finding is what a scenario saw of something that it alone looks at: what it counted or
// measured, and the bounds that this has to keep.
type Finding struct {
	Want  Text `json:"want"`
	Got   Text `json:"got"`
	Value int  `json:"value"`
	Bounds
	OK bool `json:"ok,omitempty"` // of a record that has no bounds: an older hagate judged it as it looked
}

// Met says whether the value keeps its bounds.
func (f Finding) Met() bool {
	if f.Least == nil && f.Most == nil {
		return f.OK
	}
	return (f.Least == nil || f.Value >= *f.Least) && (f.Most == nil || f.Value <= *f.Most)
}

// Bounds are what a Finding's value may be; nil is no bound.
type Bounds struct {
	Least *int `json:"least,omitempty"`
	Most  *int `json:"most,omitempty"`
	// Anyway: no saturated machine makes the value exceed them.
	Anyway bool `json:"anyway,omitempty"`
}

// OnAnyMachine are the bounds of a value that no saturated machine makes exceed them.
func (b Bounds) OnAnyMachine() Bounds {
	b.Anyway = true
	return b
}

// AtLeast, AtMost and Exactly are bounds of one number.
func AtLeast(n int) Bounds { return Bounds{Least: &n} }
func AtMost(n int) Bounds  { return Bounds{Most: &n} }
func Exactly(n int) Bounds { return Bounds{Least: &n, Most: &n} }

// Skipped is a scenario that was chosen and is not about this target or cluster.
type Skipped struct {
	Name    string `json:"name"`
	Promise string `json:"promise"`
	Why     Text   `json:"why"`
}

// Problem is what kept the run, or a scenario, from going on: a failure of the harness
// itself, which makes a scenario INVALID, or, outside any scenario, one of the service.
type Problem struct {
	What  Text   `json:"what"`
	Whose string `json:"whose,omitempty"` // WhoseService; the harness's where empty
}

// End closes a record that was not cut short.
type End struct {
	Interrupted bool `json:"interrupted,omitempty"`
	Note        Text `json:"note,omitzero"`
}
