package gate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/kubectl/pkg/util/podutils"

	"hagate/cluster"
	"hagate/cluster/images"
	"hagate/load"
	"hagate/record"
	"hagate/target"
)

// startAgents puts one load agent on each vantage, off the nodes that faults hit.
func (r *Run) startAgents(ctx context.Context) error {
	nodes, err := r.destructive.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
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

	inside, err := r.startInside(ctx, home.Name)
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

func (r *Run) closeAgents(context.Context) error {
	var errs []error
	for _, a := range r.agents {
		errs = append(errs, a.Close())
	}
	return errors.Join(errs...)
}

// namespace is the run's own, for what it needs inside the cluster beside the target.
func (r *Run) namespace() string { return "hagate-" + r.ID }

func (r *Run) startInside(ctx context.Context, node string) (*load.Agent, error) {
	namespace := r.namespace()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace, Labels: map[string]string{"app.kubernetes.io/managed-by": "hagate"}}}
	if err := r.creatingObject(target.Object{APIVersion: "v1", Kind: "Namespace", Name: namespace}); err != nil {
		return nil, err
	}
	if _, err := r.destructive.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{}); err != nil {
		return nil, fmt.Errorf("creating namespace %s: %w", namespace, err)
	}
	pod := load.PodManifest(namespace, "load-agent", r.AgentImage(), node)
	made, err := r.destructive.CoreV1().Pods(namespace).Create(ctx, pod, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("creating Pod %s/%s: %w", namespace, pod.Name, err)
	}
	r.agentPod = string(made.UID)
	if err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		p, err := r.destructive.CoreV1().Pods(namespace).Get(ctx, pod.Name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		if p.Status.Phase == corev1.PodFailed { // the kubelet has refused it, for want of room on its node
			return false, fmt.Errorf("%s: %s", p.Status.Reason, p.Status.Message)
		}
		return podutils.IsPodReady(p), nil
	}); err != nil {
		return nil, fmt.Errorf("waiting for the load agent's Pod %s/%s: %w", namespace, pod.Name, err)
	}
	return load.NewAgent(record.InCluster, load.PodExec(r.rest, r.destructive, namespace, pod.Name, ""), r.relay.take), nil
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
