package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Guard says which one API server may be hurt: that of a cluster which this tool
// made, or of the context that the user named for this run. Create and Borrow alone
// make one; the state folder remembers it for FindKept and Open.
type Guard struct{ claim claim }

// claim is what the state folder remembers, beside the cluster's kubeconfig.
type claim struct {
	Context  string
	Server   string // URL of the API server
	Borrowed bool
}

// Guard is nil where nothing in the cluster may be hurt, and then allows nothing.
func (c *Cluster) Guard() *Guard { return c.guard }

// Destructive is the only way to a client for faults and deletes.
func (c *Cluster) Destructive() (kubernetes.Interface, error) {
	config, err := c.allowed()
	if err != nil {
		return nil, fmt.Errorf("refusing to touch cluster %q: %w", c.Name, err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client for cluster %s: %w", c.Name, err)
	}
	return client, nil
}

func (c *Cluster) allowed() (*rest.Config, error) {
	if c.guard == nil || c.Context != c.guard.claim.Context {
		return nil, errors.New("it was neither created by hagate nor named for this run")
	}
	if _, err := onlyContext(c.Kubeconfig, c.Context); err != nil {
		return nil, err
	}
	config, err := c.RESTConfig()
	if err != nil {
		return nil, err
	}
	return config, c.guard.Allow(config)
}

// Allow refuses a client of any API server but the guarded one.
func (g *Guard) Allow(config *rest.Config) error {
	switch {
	case g == nil || g.claim.Server == "" || g.claim.Context == "":
		return errors.New("no cluster was created by hagate or named for this run")
	case strings.TrimRight(config.Host, "/") != strings.TrimRight(g.claim.Server, "/"):
		return fmt.Errorf("the API server is %q, and only %q (context %q) may be disrupted", config.Host, g.claim.Server, g.claim.Context)
	}
	return nil
}

// newGuard guards what c's own kubeconfig points at, and remembers it.
func newGuard(c *Cluster) (*Guard, error) {
	server, err := onlyContext(c.Kubeconfig, c.Context)
	if err != nil {
		return nil, fmt.Errorf("guarding cluster %s: %w", c.Name, err)
	}
	g := &Guard{claim{Context: c.Context, Server: server, Borrowed: c.Borrowed}}
	text, err := json.Marshal(g.claim)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(claimFile(c.Kubeconfig), text, 0o600); err != nil {
		return nil, fmt.Errorf("guarding cluster %s: %w", c.Name, err)
	}
	return g, nil
}

// openGuard is the guard that the state folder remembers for c.
func openGuard(c *Cluster) (*Guard, error) {
	text, err := os.ReadFile(claimFile(c.Kubeconfig))
	if err != nil {
		return nil, fmt.Errorf("cluster %q was neither created by hagate nor named for this run: %w", c.Name, err)
	}
	g := new(Guard)
	if err := json.Unmarshal(text, &g.claim); err != nil {
		return nil, fmt.Errorf("%s: %w", claimFile(c.Kubeconfig), err)
	}
	if g.claim.Context != c.Context || g.claim.Borrowed != c.Borrowed {
		return nil, fmt.Errorf("%s is about context %q, not %q", claimFile(c.Kubeconfig), g.claim.Context, c.Context)
	}
	return g, nil
}

func claimFile(kubeconfig string) string {
	return filepath.Join(filepath.Dir(kubeconfig), "guard.json")
}

// onlyContext returns the server of a kubeconfig that has one context, name, and it
// is the current one: what hagate's own copies look like.
func onlyContext(kubeconfig, name string) (string, error) {
	if name == "" {
		return "", errors.New("no context is named")
	}
	config, err := clientcmd.LoadFromFile(kubeconfig)
	if err != nil {
		return "", fmt.Errorf("reading its kubeconfig: %w", err)
	}
	if config.CurrentContext != name {
		return "", fmt.Errorf("the current context of %s is %q, and only %q may be disrupted", kubeconfig, config.CurrentContext, name)
	}
	if len(config.Contexts) != 1 {
		return "", fmt.Errorf("%s has %d contexts, and hagate's own copies have one", kubeconfig, len(config.Contexts))
	}
	server := serverOf(config)
	if server == "" {
		return "", fmt.Errorf("%s names no server for context %q", kubeconfig, name)
	}
	return server, nil
}

// serverOf is the API server's URL of the current context, or nothing.
func serverOf(config *api.Config) string {
	current := config.Contexts[config.CurrentContext]
	if current == nil || config.Clusters[current.Cluster] == nil {
		return ""
	}
	return config.Clusters[current.Cluster].Server
}
