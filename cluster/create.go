package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
	kind "sigs.k8s.io/kind/pkg/cluster"
	"sigs.k8s.io/kind/pkg/exec"
)

// Create makes a cluster by kind's own defaults.
func (p *Provider) Create(ctx context.Context, _ ...string) (string, error) {
	return p.create(ctx, &v1alpha4.Cluster{})
}

// CreateWithConfig makes the cluster that a kind configuration file describes.
func (p *Provider) CreateWithConfig(ctx context.Context, configFile string) (string, error) {
	text, err := ReadConfig(configFile)
	if err != nil {
		return "", err
	}
	config, err := parseConfig(configFile, text)
	if err != nil {
		return "", err
	}
	return p.create(ctx, config)
}

func (p *Provider) create(ctx context.Context, config *v1alpha4.Cluster) (string, error) {
	for _, c := range p.concessions {
		c.apply(config)
	}
	p.setImage(config)
	if err := os.MkdirAll(filepath.Dir(p.kubeconfig), 0o700); err != nil {
		return "", fmt.Errorf("making room for the kubeconfig of %s: %w", p.name, err)
	}
	release, err := p.holdNetwork()
	if err != nil {
		return "", err
	}
	defer release()
	err = p.interruptible(ctx, func() error {
		return p.kind.Create(p.name, kind.CreateWithV1Alpha4Config(config), kind.CreateWithKubeconfigPath(p.kubeconfig),
			kind.CreateWithDisplayUsage(false), kind.CreateWithDisplaySalutation(false))
	})
	if err != nil {
		return "", fmt.Errorf("creating kind cluster %s: %w%s", p.name, err, complaint(err))
	}
	p.stayDown(ctx)
	return p.kubeconfig, nil
}

// stayDown has the engine start no node by itself: kind's nodes come back with an engine
// that starts again, and those of a run that died with it would take the cores of whoever
// uses the machine next. Podman has no daemon that would start them.
func (p *Provider) stayDown(ctx context.Context) {
	if p.engine.Name == "podman" {
		return
	}
	nodes, err := p.kind.ListNodes(p.name)
	update := []string{"update", "--restart=no"}
	for _, n := range nodes {
		update = append(update, n.String())
	}
	if err == nil {
		_, err = p.engine.Run(ctx, update...)
	}
	if err != nil {
		p.progress.Warnf("the nodes start again with the engine: %v", err)
	}
}

// setImage gives the node image to the nodes that name none.
func (p *Provider) setImage(config *v1alpha4.Cluster) {
	if len(config.Nodes) == 0 {
		config.Nodes = []v1alpha4.Node{{Role: v1alpha4.ControlPlaneRole}}
	}
	for i := range config.Nodes {
		if config.Nodes[i].Image == "" {
			config.Nodes[i].Image = p.image
		}
	}
}

// interruptible runs kind's creation, which knows no context: when ctx ends, the nodes
// are taken from under it until it gives up.
func (p *Provider) interruptible(ctx context.Context, create func() error) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	done := make(chan error, 1)
	go func() { done <- create() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		p.sweep(context.WithoutCancel(ctx))
		select {
		case <-done:
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// neighbours says how many nodes of other kind clusters run here, empty for none: this
// machine's cores and the kernel's inotify and open file limits are shared with them.
func (p *Provider) neighbours(ctx context.Context) string {
	out, err := p.engine.Run(ctx, "ps", "--filter", "label="+clusterLabel, "--format", "{{.Names}}")
	if err != nil {
		return ""
	}
	n := 0
	for _, name := range strings.Fields(string(out)) {
		if !strings.HasPrefix(name, p.name+"-") {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d nodes of other kind clusters run here and take their share of this machine: delete what is not used (hagate down deletes the clusters that it kept); hagate doctor prints the limits that they share", n)
}

// complaint is what a command that kind ran said last.
func complaint(err error) string {
	failed := exec.RunErrorForError(err)
	if failed == nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(failed.Output)), "\n")
	return ": " + strings.Join(lines[max(0, len(lines)-5):], "; ")
}
