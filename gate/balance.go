package gate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/e2e-framework/klient/wait"

	"hagate/cluster/metallb"
	"hagate/record"
	"hagate/target"
)

// externalTrafficPolicies of Scenario.Balanced.
const (
	PolicyCluster = "Cluster" // the node that a packet comes to passes it on to any Pod
	PolicyLocal   = "Local"   // it passes it on to its own Pods alone, and they see the client's address
)

const (
	addressWait  = 60 * time.Second // for a load balancer to give a Service an address
	announceWait = 10 * time.Second // for it to say which node announces it
	answerWait   = 10 * time.Second // for a Pod on that node to answer
)

// balancing is what a run knows of its cluster's load balancer.
type balancing struct {
	balancer  bool            // it was set up by the run
	addresses []netip.Addr    // that it may give
	given     []target.Object // what says so
	balancers int             // Services of type LoadBalancer made so far
	nobody    bool            // gives addresses in the cluster, which is borrowed
	balanced  *balanced       // that of the scenario under way; nil where its external traffic goes to a NodePort
}

// balanced is the Service of type LoadBalancer that a scenario's external traffic goes to.
type balanced struct {
	scenario string
	policy   string
	made     []target.Object // the last is the one
	address  string          // an IP address or a host's name
	node     string          // that announces it, as it began; empty where nothing says
}

func (b *balanced) service() string { return b.made[len(b.made)-1].Name }

// balance makes the Service of s and turns the plan's external streams to its address.
// Which node announces an address is the load balancer's choice: addresses are asked for
// until one is announced by a node that serves as much as any, so that the loss of that
// node, or of its Pods, hits the service as hard as it can.
func (r *Run) balance(ctx context.Context, s Scenario) error {
	if r.balanced == nil || r.balanced.scenario != s.Name {
		if err := r.setUpBalancer(ctx); err != nil {
			return err
		}
		if r.balancer {
			if err := r.giveAddresses(ctx, r.notFrom(s.Balanced)); err != nil {
				return err
			}
		}
		b := &balanced{scenario: s.Name, policy: s.Balanced}
		r.balanced = b
		for b.address == "" {
			if len(b.made) == balancerAddresses {
				return fmt.Errorf("of %d addresses of a load balancer none is announced by a node that faults may hit and that serves most", balancerAddresses)
			}
			if err := r.tryAddress(ctx, b); err != nil {
				return err
			}
		}
		if others := b.made[:len(b.made)-1]; len(others) > 0 {
			if err := target.Remove(ctx, r.rest, others); err != nil {
				return err
			}
		}
		fmt.Fprintf(r.out, "hagate: %s: Service %s (externalTrafficPolicy %s) has %s, announced by %s\n", s.Name, b.service(), b.policy, b.address, or(b.node, "an unknown node"))
	}
	r.plan = r.balanced.turn(r.plan, r.target.Spec.Service.Port)
	return nil
}

// turn is plan with its external streams turned to the address.
func (b *balanced) turn(plan record.Plan, port int) record.Plan {
	plan.Streams = slices.Clone(plan.Streams)
	for i := range plan.Streams {
		if st := &plan.Streams[i]; st.Vantage == record.External {
			st.URL = "http://" + net.JoinHostPort(b.address, strconv.Itoa(port))
			if b.policy == PolicyLocal {
				st.Node = b.node
			}
		}
	}
	return plan
}

// notFrom are the nodes that are not to announce a Service of that externalTrafficPolicy.
func (r *Run) notFrom(policy string) []string {
	not := slices.Clone(r.avoid)
	if policy != PolicyLocal {
		return not
	}
	for _, n := range r.watch.Nodes() {
		if !slices.Contains(not, n.Name) && len(r.on(n.Name)) == 0 {
			not = append(not, n.Name)
		}
	}
	return not
}

// tryAddress makes one Service. It sets b's address where that suits.
func (r *Run) tryAddress(ctx context.Context, b *balanced) error {
	r.balancers++
	name := fmt.Sprintf("%s-lb%d", target.Beside(r.target.Spec.Service.Name), r.balancers)
	made, address, err := r.target.LoadBalancer(ctx, r.rest, name, b.policy, addressWait, r.creatingObject)
	if made.Name != "" {
		b.made = append(b.made, made)
	}
	if err != nil {
		return err
	}
	node, err := r.announcer(ctx, name, address)
	if err != nil && (ctx.Err() != nil || !r.cluster.Borrowed) {
		return err
	}
	if node == "" || len(r.on(node)) == r.MostOnNode() && !slices.Contains(r.avoid, node) {
		b.address, b.node = address, node
	}
	return nil
}

// unbalance takes the scenario's Service away again. What it cannot is in the journal.
func (r *Run) unbalance(ctx context.Context) {
	if r.balanced != nil {
		target.Remove(ctx, r.rest, r.balanced.made)
	}
	r.balanced = nil
}

// announcer waits until one node announces a Service's address: while it moves none does.
func (r *Run) announcer(ctx context.Context, service, address string) (node string, err error) {
	var nodes []string
	err = wait.For(func(ctx context.Context) (bool, error) {
		nodes, err = r.announcers(ctx, service)
		return len(nodes) == 1, err
	}, wait.WithContext(ctx), wait.WithTimeout(announceWait), wait.WithInterval(200*time.Millisecond), wait.WithImmediate())
	if err != nil && len(nodes) == 0 {
		var unknown error
		nodes, unknown = r.lastAnnouncer(ctx, service)
		err = errors.Join(err, unknown)
	}
	if len(nodes) != 1 {
		return "", fmt.Errorf("waiting until one node announces %s of Service %s, and not %d: %w", address, service, len(nodes), err)
	}
	return nodes[0], nil
}

// lastAnnouncer is for when MetalLB's status names none, and the report says that it was
// asked.
func (r *Run) lastAnnouncer(ctx context.Context, service string) ([]string, error) {
	client, err := kubernetes.NewForConfig(r.rest)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	node, err := metallb.LastAnnouncer(ctx, client, r.target.Spec.Workload.Namespace, service)
	if node == "" || err != nil {
		return nil, err
	}
	return []string{node}, r.setting(record.Say("who announces Service %s", service), record.Words(node), record.Say("by MetalLB's last Event: its status names no node"))
}

func (r *Run) announcers(ctx context.Context, service string) ([]string, error) {
	client, err := dynamic.NewForConfig(r.rest)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	return metallb.Announcers(ctx, client, r.target.Spec.Workload.Namespace, service)
}

// on are the Pods on a node that serve.
func (r *Run) on(node string) []record.Victim {
	pods, err := r.AllPods()
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(pods, func(v record.Victim) bool { return v.Node != node })
}

// Announcer is the node that announces the address of the scenario's load balancer, and
// the Pods on it that serve. Its error says why there is none.
func (r *Run) Announcer() (string, []record.Victim, error) {
	switch {
	case r.balanced == nil || r.balanced.address == "":
		return "", nil, errors.New("the service has no load balancer's address")
	case r.balanced.node == "":
		return "", nil, errors.New("nothing says which node announces the load balancer's address")
	}
	node, err := r.announcer(context.Background(), r.balanced.service(), r.balanced.address)
	if err != nil {
		return "", nil, err
	}
	return node, r.on(node), nil
}

// OnAnnouncer counts the Pods that serve on the node that announces, and is one where
// nobody knows the node.
func (r *Run) OnAnnouncer() int {
	if r.balanced == nil || r.balanced.node == "" {
		return 1
	}
	return len(r.on(r.balanced.node))
}

// AnnouncedPods are the Pods that serve on the node that announces, once one of them has
// answered, since the round before may just have replaced them; and any one Pod where
// nobody knows the node.
func (r *Run) AnnouncedPods() ([]record.Victim, error) {
	if r.balanced != nil && r.balanced.address != "" && r.balanced.node == "" {
		pod, err := r.PickPod()
		return []record.Victim{pod}, err
	}
	node, pods, err := r.Announcer()
	if err == nil && len(pods) == 0 {
		err = fmt.Errorf("node %s announces the load balancer's address, and no Pod serves on it", node)
	}
	if err == nil && r.plan.PodHeader != "" {
		r.wait(context.Background(), answerWait, func() bool { return r.oneAnswered(pods) })
	}
	return pods, err
}

// oneAnswered says whether one of the Pods has answered in this scenario.
func (r *Run) oneAnswered(pods []record.Victim) bool {
	var answered []string
	for _, vantage := range []string{record.InCluster, record.External} {
		answered = append(answered, r.live.answered(r.plan, vantage, time.Time{})...)
	}
	return slices.ContainsFunc(pods, func(p record.Victim) bool { return slices.Contains(answered, p.Name) })
}

// LooksAtAddress finds that another node than the one that was hit announces the address
// by now.
func (r *Run) LooksAtAddress(ctx context.Context) error {
	nodes, err := r.announcers(ctx, r.balanced.service())
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		if nodes, err = r.lastAnnouncer(ctx, r.balanced.service()); err != nil {
			return err
		}
	}
	others := slices.DeleteFunc(nodes, func(n string) bool { return slices.Contains(r.nodesHit, n) })
	want := record.Say("another node than %s announces %s", list(slices.Compact(slices.Clone(r.nodesHit))), r.balanced.address)
	got := record.Say("none does")
	if len(others) > 0 {
		got = record.Say("%s does", list(others))
	}
	return r.Found(want, got, len(others), record.Exactly(1))
}

// looksAtPolicy finds, at the end of a baseline, that with externalTrafficPolicy Local
// only Pods of the node that announces have answered from outside.
func (r *Run) looksAtPolicy(s Scenario) error {
	if s.Balanced != PolicyLocal || r.balanced.node == "" || r.plan.PodHeader == "" {
		return nil
	}
	at := map[string]string{}
	for _, p := range r.watch.Pods() {
		at[p.Name] = p.Node
	}
	wrong, got := onlyOn(r.balanced.node, r.live.answered(r.plan, record.External, time.Time{}), at)
	return r.Found(record.Say("before the fault only Pods on node %s, which announces %s, answer from outside", r.balanced.node, r.balanced.address), got, wrong, record.AtMost(0))
}

// onlyOn counts the Pods that answered and are not on node, at being the node of each; one
// where none answered.
func onlyOn(node string, answered []string, at map[string]string) (wrong int, got record.Text) {
	var elsewhere []record.Text
	for _, pod := range answered {
		if at[pod] != node {
			elsewhere = append(elsewhere, record.Say("%s on node %s", pod, record.Words(at[pod]).Or(record.Say("unknown"))))
		}
	}
	switch {
	case len(elsewhere) > 0:
		return len(elsewhere), record.Say("so did %s", record.Join(", ", elsewhere...))
	case len(answered) == 0:
		return 1, record.Say("no Pod did")
	}
	return 0, record.Say("%s did", list(answered))
}

// followAddress has the plan's external streams owe answers of the Pods of the node that
// announces now.
func (r *Run) followAddress(ctx context.Context) error {
	if r.balanced == nil || r.balanced.policy != PolicyLocal || r.balanced.node == "" {
		return nil
	}
	nodes, err := r.announcers(ctx, r.balanced.service())
	if err != nil {
		return err
	}
	if len(nodes) == 1 {
		now := *r.balanced
		now.node = nodes[0]
		r.plan = now.turn(r.plan, r.target.Spec.Service.Port) // the record keeps the one that it began with
	}
	return nil
}
