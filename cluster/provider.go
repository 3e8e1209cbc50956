package cluster

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/e2e-framework/klient"
	"sigs.k8s.io/e2e-framework/klient/conf"
	"sigs.k8s.io/e2e-framework/support"
	kind "sigs.k8s.io/kind/pkg/cluster"
	"sigs.k8s.io/kind/pkg/cluster/nodes"

	"hagate/cluster/engine"
)

// Provider makes kind clusters through kind's Go library, in e2e-framework's words.
type Provider struct {
	engine     *engine.Engine
	kind       *kind.Provider
	name       string
	image      string // of nodes that name none
	stateDir   string
	kubeconfig string

	concessions []concession // on top of the user's file
	progress    *progress
}

var (
	_ support.E2EClusterProvider                = (*Provider)(nil)
	_ support.E2EClusterProviderWithImageLoader = (*Provider)(nil)
	_ support.E2EClusterProviderWithLifeCycle   = (*Provider)(nil)
)

// NewProvider returns a provider of the cluster name, whose kubeconfig is kept below
// stateDir and nowhere else.
func NewProvider(eng *engine.Engine, name, stateDir string) *Provider {
	with := map[string]kind.ProviderOption{"docker": kind.ProviderWithDocker(), "podman": kind.ProviderWithPodman(), "nerdctl": kind.ProviderWithNerdctl("nerdctl")}
	log := new(progress)
	return &Provider{engine: eng, kind: kind.NewProvider(with[eng.Name], kind.ProviderWithLogger(log)), progress: log, name: name,
		stateDir: stateDir, kubeconfig: filepath.Join(stateDir, "clusters", name, "kubeconfig")}
}

// cluster is the cluster as a run knows it, made here and not guarded yet.
func (p *Provider) cluster() *Cluster {
	return &Cluster{Name: p.name, Kubeconfig: p.kubeconfig, Context: p.GetKubectlContext(), Kind: p}
}

func (p *Provider) WithName(name string) support.E2EClusterProvider {
	p.name = name
	return p
}

// WithVersion takes a node image, which is what decides kind's version of Kubernetes.
func (p *Provider) WithVersion(image string) support.E2EClusterProvider {
	p.image = image
	return p
}

// WithPath does nothing: no kind command is run.
func (p *Provider) WithPath(string) support.E2EClusterProvider { return p }

func (p *Provider) WithOpts(opts ...support.ClusterOpts) support.E2EClusterProvider {
	for _, o := range opts {
		o(p)
	}
	return p
}

func (p *Provider) SetDefaults() support.E2EClusterProvider { return p }

func (p *Provider) GetKubeconfig() string { return p.kubeconfig }

func (p *Provider) GenerateKubeconfig(...string) (string, error) {
	if err := p.kind.ExportKubeConfig(p.name, p.kubeconfig, false); err != nil {
		return "", fmt.Errorf("exporting the kubeconfig of %s: %w", p.name, err)
	}
	return p.kubeconfig, nil
}

func (p *Provider) GetKubectlContext() string { return "kind-" + p.name }

func (p *Provider) ExportLogs(_ context.Context, dest string) error {
	return p.kind.CollectLogs(p.name, dest)
}

// WaitForControlPlane waits until every node is ready.
func (p *Provider) WaitForControlPlane(ctx context.Context, client klient.Client) error {
	return p.waitNodes(ctx, client, 3*time.Minute)
}

func (p *Provider) waitNodes(ctx context.Context, client klient.Client, timeout time.Duration) error {
	all, err := p.kind.ListInternalNodes(p.name)
	if err != nil {
		return fmt.Errorf("listing the nodes of %s: %w", p.name, err)
	}
	if len(all) == 0 {
		return fmt.Errorf("the engine has no node of cluster %s", p.name)
	}
	return waitNodes(ctx, client, len(all), timeout)
}

// KubernetesRestConfig is nil where the kubeconfig cannot be read.
func (p *Provider) KubernetesRestConfig() *rest.Config {
	c, err := conf.New(p.kubeconfig)
	if err != nil {
		return nil
	}
	return c
}

// node finds one of the cluster's nodes.
func (p *Provider) node(name string) (nodes.Node, error) {
	all, err := p.kind.ListNodes(p.name)
	if err != nil {
		return nil, fmt.Errorf("listing the nodes of %s: %w", p.name, err)
	}
	for _, n := range all {
		if n.String() == name {
			return n, nil
		}
	}
	return nil, fmt.Errorf("cluster %s has no node %s", p.name, name)
}
