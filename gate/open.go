package gate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/e2e-framework/klient"
	"sigs.k8s.io/e2e-framework/klient/wait"
	"sigs.k8s.io/e2e-framework/klient/wait/conditions"

	"hagate"
	"hagate/chaos"
	"hagate/cluster"
	"hagate/cluster/engine"
	"hagate/cluster/images"
	"hagate/journal"
	"hagate/load"
	"hagate/record"
	"hagate/reports"
	"hagate/target"
	"hagate/watch"
)

func (r *Run) recoverDead(ctx context.Context) error {
	if err := Recover(ctx, r.Config.StateDir, r.out); err != nil {
		fmt.Fprintln(r.out, "hagate: warning:", err)
	}
	j, err := journal.Create(r.Config.StateDir, r.ID)
	r.journal = j
	return err
}

// findEngine has an engine answer. A borrowed cluster needs none: the load from outside comes
// from a process of this machine then.
func (r *Run) findEngine(ctx context.Context) error {
	if r.Config.Context != "" {
		eng, err := engine.Find(ctx)
		if r.engine = eng; errors.Is(err, engine.ErrNone) {
			return r.setting(record.Say("external load agent"), record.Say("a process of this machine"), record.Say("no container engine answers here, and a borrowed cluster needs none"))
		}
		return err
	}
	eng, concessions, err := engine.Ensure(ctx, r.out)
	if err != nil {
		return err
	}
	r.engine = eng
	for _, c := range concessions {
		if err := r.setting(c.Name, c.Value, c.Reason); err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) ensureImages(ctx context.Context) error {
	if r.engine == nil {
		r.images.agent.Detail = r.Config.AgentImage
		return withoutEngine(r.Config.AgentImage, r.target.Images())
	}
	o := images.Options{Mode: r.Config.Images, Progress: r.out}
	var err error
	if r.images.agent, err = images.Agent(ctx, r.engine); err != nil {
		return err
	}
	if slices.Contains(r.target.Images(), images.NginxRef) {
		if r.images.nginx, err = images.Nginx(ctx, r.engine, o); err != nil {
			return err
		}
	}
	if r.Config.Context == "" {
		r.images.node, err = images.Node(ctx, r.engine, o)
	}
	return err
}

// withoutEngine says which images of a run are only to be had from a container engine.
func withoutEngine(agent string, target []string) error {
	switch {
	case runtime.GOOS != "linux":
		return errors.New("no container engine answers, and the load agent is a program for Linux: start an engine")
	case agent == "":
		return errors.New("AGENT_IMAGE is empty, and no container engine answers that could make the load agent's image: name an image of it that the cluster can pull, or start an engine")
	case slices.Contains(target, images.NginxRef):
		return fmt.Errorf("the target uses %s, which a container engine makes, and none answers: name another image, or a target of your own (TARGET), or start an engine", images.NginxRef)
	}
	return nil
}

// openCluster borrows the cluster that the user named, takes one that was kept, or
// makes one.
func (r *Run) openCluster(ctx context.Context) (err error) {
	switch {
	case r.Config.Context != "":
		r.cluster, err = cluster.Borrow(ctx, r.engine, r.Config.Kubeconfig, r.Config.Context, r.Config.StateDir)
	default:
		r.cluster, err = r.ownCluster(ctx)
	}
	if err != nil {
		return err
	}
	if err := r.creating(undoHandle, r.cluster.Handle()); err != nil {
		return err
	}
	for _, s := range r.cluster.Settings {
		if err := r.setting(s.Name, s.Value, s.Reason); err != nil {
			return err
		}
	}
	for _, t := range r.cluster.Phases {
		if err := r.write(record.Entry{Timing: &record.Timing{Step: record.Say("cluster: %s", t.Name), Took: t.Took}}); err != nil {
			return err
		}
	}
	if r.rest, err = r.cluster.RESTConfig(); err != nil {
		return err
	}
	if r.destructive, err = r.cluster.Destructive(); err != nil {
		return err
	}
	return r.takeLease(ctx)
}

// takeLease keeps other runs off the cluster, also those of other machines.
func (r *Run) takeLease(ctx context.Context) error {
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("asking for this machine's name: %w", err)
	}
	holder := "run " + r.ID + " on " + host
	if err := r.creating(undoLease, map[string]string{"holder": holder}); err != nil {
		return err
	}
	return cluster.TakeLease(ctx, r.destructive, holder)
}

func (r *Run) ownCluster(ctx context.Context) (*cluster.Cluster, error) {
	hash := cluster.Hash(r.Config.KindConfig, r.images.node.Ref)
	kept, release, err := cluster.FindKept(ctx, r.engine, r.Config.StateDir, hash)
	if err != nil {
		return nil, err
	}
	if kept != nil {
		fmt.Fprintf(r.out, "hagate: reusing the kept cluster %s\n", kept.Name)
		r.release = release
		if !r.Config.Keep {
			err = r.creating(undoCluster, r.clusterArgs(kept.Name))
		}
		return kept, err
	}
	name := "hagate-" + r.ID
	made, err := cluster.Create(ctx, r.engine, cluster.Options{
		Name: name, Config: r.Config.KindConfig, NodeImage: r.images.node.Ref, StateDir: r.Config.StateDir, Progress: r.out,
		OnCreate: func() error { return r.creating(undoCluster, r.clusterArgs(name)) },
	})
	if err != nil || !r.Config.Keep {
		return made, err
	}
	return made, r.keep(made, hash)
}

// keep hands the cluster over to the next run: it is no longer this one's to delete.
func (r *Run) keep(c *cluster.Cluster, hash string) error {
	release, err := cluster.Keep(r.Config.StateDir, c, hash)
	if err != nil {
		return err
	}
	r.release = release
	return r.forget(undoCluster)
}

func (r *Run) loadImages(ctx context.Context) error {
	if r.cluster.Kind == nil {
		return nil
	}
	refs, pulled := append(r.target.Images(), r.images.agent.Ref), r.target.PulledImages()
	for _, ref := range refs {
		if _, err := r.engine.Run(ctx, "image", "inspect", ref); err != nil {
			fmt.Fprintf(r.out, "hagate: image %s is not on this machine, so the nodes will pull it\n", ref)
			continue
		}
		if err := r.cluster.Kind.LoadImage(ctx, ref); err != nil {
			return err
		}
		if slices.Contains(pulled, ref) {
			fmt.Fprintf(r.out, "hagate: image %s is on the nodes now, and they pull it all the same, from its registry: imagePullPolicy is Always, the default for the tag latest and for none; IfNotPresent or another tag takes the image that is here\n", ref)
		}
	}
	return nil
}

// firstRollout is how long the target may take to be ready for the first time, the pull of
// its images included: nothing is judged yet.
const firstRollout = 10 * time.Minute

// firstStuck is how long it may stand still meanwhile, where somebody says why.
const firstStuck = 3 * time.Minute

// waitUp waits for the target's first rollout. That it does not come up is the service's
// where the API answers.
func (r *Run) waitUp(ctx context.Context) error {
	unlessStuck, cancel := chaos.UnlessStuck(ctx, r.destructive, r.Workload(), firstStuck)
	defer cancel()
	err := r.target.WaitReady(unlessStuck, r.rest, firstRollout)
	if err == nil || ctx.Err() != nil || !r.apiAnswers(ctx) {
		return err
	}
	if refused, ok := errors.AsType[*chaos.Refused](context.Cause(unlessStuck)); ok {
		said := sentence(refused.Refusals)
		if said.IsZero() {
			return fmt.Errorf("gave up: no progress for %s: %w", firstStuck, refused)
		}
		err = fmt.Errorf("gave up: no progress for %s: %s", firstStuck, said)
	}
	return notUp{err}
}

// notUp is that the service did not come up though nothing was done to it.
type notUp struct{ error }

func (e notUp) Unwrap() error { return e.error }

func (r *Run) deployTarget(ctx context.Context) (err error) {
	if _, err = r.target.Deploy(ctx, r.rest, r.creatingObject); err != nil {
		return err
	}
	r.nodePort, err = r.target.NodePort(ctx, r.rest, r.creatingObject)
	return err
}

// startAgents puts one load agent on each vantage, off the nodes that faults hit.
func (r *Run) startAgents(ctx context.Context) error {
	cs, err := kubernetes.NewForConfig(r.rest)
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	nodes, err := cs.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("listing nodes: %w", err)
	}
	home, err := agentNode(nodes.Items, r.Config.Node)
	if err != nil {
		return err
	}
	r.avoid = append(r.avoid, home.Name)
	if own := r.Config.Node; own != "" && own != home.Name {
		r.avoid = append(r.avoid, own)
	}
	if err := r.favour(ctx, home.Name); err != nil {
		return err
	}

	inside, err := r.startInside(ctx, cs, home.Name)
	if err != nil {
		return err
	}
	outside, err := r.startOutside(ctx)
	if err != nil {
		return err
	}
	r.agents = []loader{inside, outside}
	for _, a := range []*load.Agent{inside, outside} {
		ready, cancel := context.WithTimeout(ctx, 30*time.Second)
		err := a.Ready(ready)
		cancel()
		if err != nil {
			return fmt.Errorf("load agent %s: %w", a.Vantage(), err)
		}
	}
	w, s := r.target.Spec.Workload, r.target.Spec.Service
	r.traffic = r.trafficPlan(
		fmt.Sprintf("http://%s.%s:%d", s.Name, w.Namespace, s.Port),
		"http://"+net.JoinHostPort(address(home), strconv.Itoa(r.nodePort)))
	return nil
}

// namespace is the run's own, for what it needs inside the cluster beside the target.
func (r *Run) namespace() string { return "hagate-" + r.ID }

func (r *Run) startInside(ctx context.Context, cs kubernetes.Interface, node string) (*load.Agent, error) {
	namespace := r.namespace()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace, Labels: map[string]string{"app.kubernetes.io/managed-by": "hagate"}}}
	if err := r.creatingObject(target.Object{APIVersion: "v1", Kind: "Namespace", Name: namespace}); err != nil {
		return nil, err
	}
	if _, err := cs.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{}); err != nil {
		return nil, fmt.Errorf("creating namespace %s: %w", namespace, err)
	}
	pod := load.PodManifest(namespace, "load-agent", r.AgentImage(), node)
	made, err := cs.CoreV1().Pods(namespace).Create(ctx, pod, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("creating Pod %s/%s: %w", namespace, pod.Name, err)
	}
	r.agentPod = string(made.UID)
	client, err := klient.New(r.rest)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	ready := conditions.New(client.Resources(namespace)).PodReady(pod)
	if err := wait.For(func(ctx context.Context) (bool, error) {
		ok, err := ready(ctx)
		if pod.Status.Phase == corev1.PodFailed { // the kubelet has refused it, for want of room on its node
			return false, fmt.Errorf("%s: %s", pod.Status.Reason, pod.Status.Message)
		}
		return ok, err
	}, wait.WithContext(ctx), wait.WithTimeout(time.Minute), wait.WithInterval(200*time.Millisecond)); err != nil {
		return nil, fmt.Errorf("waiting for the load agent's Pod %s/%s: %w", namespace, pod.Name, err)
	}
	return load.NewAgent(record.InCluster, load.PodExec(r.rest, cs, namespace, pod.Name, ""), r.relay.take), nil
}

// Weights where cores are short, beside the engine's default of 1,024: a client that waits
// for a core behind the cluster would measure itself.
const (
	outsideShares = "32768"
	insideShares  = "4096" // of the node that the in-cluster agent shares with the control plane
)

// favour gives a node of the run's own cluster, which is a container, the weight of the
// load agent on it.
func (r *Run) favour(ctx context.Context, node string) error {
	if r.cluster.Kind == nil || r.cluster.Borrowed {
		return nil
	}
	if _, err := r.engine.Run(ctx, "update", "--cpu-shares", insideShares, node); err != nil {
		return fmt.Errorf("giving node %s, which the in-cluster load agent runs on, %s CPU shares: %w", node, insideShares, err)
	}
	return r.setting(record.Say("CPU shares of node %s", node), record.Words(insideShares), record.Say("the in-cluster load agent runs there, and must not wait for a core behind the Pods"))
}

// outside is the external agent's container.
func (r *Run) outside() string { return "hagate-" + r.ID + "-external" }

// startOutside runs the external agent as a host of its own on the nodes' network,
// so that its traffic meets no published port's proxy.
func (r *Run) startOutside(ctx context.Context) (*load.Agent, error) {
	if r.engine == nil {
		return r.startProcess()
	}
	name := r.outside()
	if err := r.creating(undoContainer, map[string]string{"name": name}); err != nil {
		return nil, err
	}
	args := []string{"run", "--detach", "--cpu-shares", outsideShares, "--name", name, "--label", "dev.hagate.run=" + r.ID}
	if r.cluster.Kind != nil {
		args = append(args, "--network", "kind")
	}
	args = append(args, r.images.agent.Ref, "serve", "--vantage", record.External)
	if _, err := r.engine.Run(ctx, args...); err != nil {
		return nil, fmt.Errorf("starting container %s: %w", name, err)
	}
	return load.NewAgent(record.External, load.EngineExec(r.engine, name), r.relay.take), nil
}

// startProcess runs the external agent as a process of this machine.
func (r *Run) startProcess() (*load.Agent, error) {
	program, err := images.AgentProgram()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "hagate-agent-")
	if err != nil {
		return nil, fmt.Errorf("making room for the external load agent: %w", err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil { // as /proc names the program that runs from there
		return nil, fmt.Errorf("making room for the external load agent: %w", err)
	}
	if err := r.creating(undoProcess, map[string]string{"dir": dir}); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := load.StartProcess(dir, program, record.External); err != nil {
		return nil, err
	}
	return load.NewAgent(record.External, load.ProcessExec(dir), r.relay.take), nil
}

// agentNode is where load lives and comes in: a control-plane node where there is
// one that is ready, else the node that hagate itself runs on, else any ready node.
func agentNode(nodes []corev1.Node, own string) (corev1.Node, error) {
	var found *corev1.Node
	for i, n := range nodes {
		if !cluster.NodeReady(n) {
			continue
		}
		if _, ok := n.Labels["node-role.kubernetes.io/control-plane"]; ok {
			return n, nil
		}
		if found == nil || n.Name == own {
			found = &nodes[i]
		}
	}
	if found == nil {
		return corev1.Node{}, errors.New("no ready node to run the load agent on")
	}
	return *found, nil
}

func address(n corev1.Node) string {
	for _, a := range n.Status.Addresses {
		if a.Type == corev1.NodeInternalIP {
			return a.Address
		}
	}
	return n.Name
}

// startWatch begins the watch and opens the record with what this run is about.
func (r *Run) startWatch(ctx context.Context) error {
	w, s := r.target.Spec.Workload, r.target.Spec.Service
	cs, err := kubernetes.NewForConfig(r.rest)
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	workload, err := r.target.Live(ctx, r.rest)
	if err != nil {
		return err
	}
	r.replicas, r.selector, r.away = workload.Replicas, workload.Selector, workload.Away
	version, err := cs.Discovery().ServerVersion()
	if err != nil {
		return fmt.Errorf("asking the cluster's version: %w", err)
	}
	r.minor, _ = strconv.Atoi(strings.TrimRight(version.Minor, "+"))
	if err := r.write(record.Entry{Run: &record.Run{
		Schema: record.SchemaVersion, ID: r.ID, Command: r.Config.Command(), Commit: hagate.Commit(),
		Target: r.target.Metadata.Name, TargetDir: r.Config.Target,
		Workload: fmt.Sprintf("%s %s/%s", w.Kind, w.Namespace, w.Name), Service: fmt.Sprintf("%s/%s:%d", w.Namespace, s.Name, s.Port),
		Replicas: r.replicas, Cluster: r.cluster.Name, Borrowed: r.cluster.Borrowed, Kubernetes: version.GitVersion,
		Images: map[string]string{"agent": r.images.agent.Detail, "node": r.images.node.Detail, "nginx": r.images.nginx.Detail}, Machine: record.Say("%d cores, %s, %s", runtime.NumCPU(), kernel(), r.engineName()),
	}}); err != nil {
		return err
	}
	seen, err := watch.Start(context.WithoutCancel(ctx), cs, watch.Spec{
		Namespace: w.Namespace, Selector: r.selector, WorkloadKind: w.Kind, Workload: w.Name, Service: s.Name, Beside: target.Beside(s.Name), Port: s.Port, Logs: filepath.Join(r.Dir, reports.LogDir)}, r.record)
	if err == nil {
		r.watch = seen
	}
	return err
}

// noteStart keeps what the service and the nodes are like when nothing has been done yet.
func (r *Run) noteStart(ctx context.Context) error {
	r.nodes = map[string]bool{}
	for _, n := range r.watch.Nodes() {
		r.nodes[n.Name] = takesPods(n)
	}
	r.restarts = map[string]int{}
	for _, p := range r.watch.Pods() {
		r.restarts[p.UID] = p.Restarts
	}
	managers, err := r.destructive.CoreV1().Pods(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{LabelSelector: "component=kube-controller-manager"})
	if err != nil {
		managers = &corev1.PodList{} // a borrowed cluster need not show them
	}
	r.grace = nodeGrace(managers.Items, r.minor)
	r.startCPU(ctx)
	return nil
}

func (r *Run) setting(name, value, reason record.Text) error {
	fmt.Fprintf(r.out, "hagate: %s = %s (%s)\n", name, value, reason)
	return r.write(record.Entry{Setting: &record.Setting{Name: name, Value: value, Reason: reason}})
}

func (r *Run) engineName() record.Text {
	if r.engine == nil {
		return record.Say("no container engine")
	}
	return record.Words(r.engine.Name)
}

func kernel() string {
	out, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return "kernel " + strings.TrimSpace(string(out))
}

func (r *Run) clusterArgs(name string) map[string]string {
	return map[string]string{"name": name, "state": r.Config.StateDir}
}
