// Package cluster gives a run its cluster: made by kind from kind-config.yaml, or
// borrowed by the name of a kube context. It is the one place that decides which
// cluster may be hurt: see Guard.
package cluster

import (
	"context"
	"fmt"
	"io"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/e2e-framework/support"

	"hagate/cluster/engine"
	"hagate/record"
)

// Cluster is a cluster that a run may use, and hurt.
type Cluster struct {
	Name       string
	Kubeconfig string           // a file of hagate's own; the user's is never written
	Context    string           // the one context in it
	Borrowed   bool             // named by the user, not made here
	Kind       *Provider        // nil where the nodes are out of the engine's reach
	Settings   []record.Setting // that differ from Kubernetes' or kind's defaults
	Phases     []Timing

	guard *Guard // nil: nothing in it may be hurt
}

// Timing is how long a part of bringing the cluster up took.
type Timing struct {
	Name string
	Took time.Duration
}

// Options describe a cluster to make.
type Options struct {
	Name      string
	Config    []byte       // a kind configuration
	NodeImage string       // of the nodes that name none in Config; kind's own where empty
	StateDir  string       // where the kubeconfig goes
	Progress  io.Writer    // gets kind's line a step; may be nil
	OnCreate  func() error // called before the first thing is made, for the journal; may be nil
}

// Create makes a kind cluster and waits until its nodes are ready and names resolve.
// What it leaves behind when it fails, Delete takes away.
func Create(ctx context.Context, eng *engine.Engine, o Options) (*Cluster, error) {
	if err := checkName(o.Name); err != nil {
		return nil, err
	}
	config, err := parseConfig("kind-config.yaml", o.Config)
	if err != nil {
		return nil, err
	}
	p := NewProvider(eng, o.Name, o.StateDir)
	p.WithVersion(o.NodeImage)
	p.progress.to = o.Progress
	if nodes, err := p.kind.ListNodes(o.Name); err != nil {
		return nil, fmt.Errorf("creating kind cluster %s: %w", o.Name, err)
	} else if len(nodes) > 0 {
		return nil, fmt.Errorf("creating kind cluster %s: there is one of that name already: choose another, or delete it", o.Name)
	}
	if o.OnCreate != nil {
		if err := o.OnCreate(); err != nil {
			return nil, err
		}
	}
	beside := p.neighbours(ctx)
	if beside != "" {
		p.progress.Warn(beside)
		beside = "; " + beside
	}
	c := p.cluster()
	p.concessions = concessions(engine.CgroupVersion(), engine.MissingCapabilities())
	for _, n := range p.concessions {
		c.Settings = append(c.Settings, n.Setting)
	}
	if err := c.timed("kind create", func() error {
		_, err := p.create(ctx, config)
		return err
	}); err != nil {
		return nil, fmt.Errorf("%w%s", err, beside)
	}
	if c.guard, err = newGuard(c); err != nil {
		return nil, err
	}
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	dns, err := pinCoreDNS(ctx, client) // it moves while the nodes get ready
	if err != nil {
		return nil, err
	}
	if err := c.timed("nodes ready", func() error { return p.WaitForControlPlane(ctx, client) }); err != nil {
		return nil, fmt.Errorf("%w%s", err, beside)
	}
	c.Settings = append(c.Settings, coreDNSSetting)
	return c, c.timed("CoreDNS settled", func() error { return waitCoreDNS(ctx, client, dns) })
}

func (c *Cluster) timed(name string, do func() error) error {
	began := time.Now()
	err := do()
	c.Phases = append(c.Phases, Timing{name, time.Since(began)})
	return err
}

// RESTConfig reads the cluster's own kubeconfig, at the cluster's context.
func (c *Cluster) RESTConfig() (*rest.Config, error) {
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: c.Kubeconfig},
		&clientcmd.ConfigOverrides{CurrentContext: c.Context}).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig of cluster %s: %w", c.Name, err)
	}
	config.QPS, config.Burst = 50, 100
	return config, nil
}

// NodeExec runs a command on a node and returns what it printed; kind's nodes only.
func (c *Cluster) NodeExec(ctx context.Context, node string, args ...string) ([]byte, error) {
	if c.Kind == nil {
		return nil, fmt.Errorf("node %s is out of reach: cluster %s is not a kind cluster of this machine's engine", node, c.Name)
	}
	if _, err := c.Kind.node(node); err != nil {
		return nil, err
	}
	return c.Kind.engine.Run(ctx, append([]string{"exec", node}, args...)...)
}

// Power takes a node down hard, or up again; kind's nodes only.
func (c *Cluster) Power(ctx context.Context, node string, on bool) error {
	if c.Kind == nil {
		return fmt.Errorf("node %s is out of reach: cluster %s is not a kind cluster of this machine's engine", node, c.Name)
	}
	n, err := c.Kind.node(node)
	if err != nil {
		return err
	}
	is := &support.Node{Name: n.String(), Cluster: c.Name}
	if on {
		return c.Kind.StartNode(ctx, is)
	}
	return c.Kind.StopNode(ctx, is)
}
