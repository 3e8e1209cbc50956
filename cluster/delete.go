package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"hagate/cluster/engine"
)

const clusterLabel = "io.x-k8s.kind.cluster"

// Delete deletes a cluster that this tool made, by name: half made or gone already
// too. It refuses one that stateDir does not have.
func Delete(ctx context.Context, eng *engine.Engine, name, stateDir string) error {
	if err := checkName(name); err != nil {
		return err
	}
	return errors.Join(NewProvider(eng, name, stateDir).Destroy(ctx), forget(stateDir, name))
}

// checkName keeps kind's default name and paths out: both could mean what is not ours.
func checkName(name string) error {
	if name == "" || name == "kind" || strings.ContainsAny(name, "/.") {
		return fmt.Errorf("%q is no name for a cluster that hagate makes", name)
	}
	return nil
}

// Destroy deletes the cluster; one that is half made or gone already too.
func (p *Provider) Destroy(ctx context.Context) error {
	if err := p.ours(); err != nil {
		return err
	}
	if err := p.kind.Delete(p.name, p.kubeconfig); err != nil {
		return fmt.Errorf("deleting kind cluster %s: %w", p.name, err)
	}
	if err := p.sweep(ctx); err != nil {
		return err
	}
	p.dropNetwork(ctx)
	if err := os.RemoveAll(filepath.Dir(p.kubeconfig)); err != nil {
		return fmt.Errorf("deleting the kubeconfig of %s: %w", p.name, err)
	}
	return nil
}

// ours refuses a cluster that the state folder does not have.
func (p *Provider) ours() error {
	_, err := os.Stat(filepath.Dir(p.kubeconfig))
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	nodes, err := p.kind.ListNodes(p.name)
	if err != nil {
		return fmt.Errorf("listing the nodes of %s: %w", p.name, err)
	}
	if len(nodes) > 0 {
		return fmt.Errorf("refusing to delete kind cluster %s: hagate did not make it (%s is missing)", p.name, filepath.Dir(p.kubeconfig))
	}
	return nil
}

// sweep removes the cluster's containers and volumes by label, whatever made them.
func (p *Provider) sweep(ctx context.Context) error {
	label := "label=" + clusterLabel + "=" + p.name
	for _, kind := range []struct{ list, remove []string }{
		{[]string{"ps", "--all", "--quiet", "--filter", label}, []string{"rm", "--force", "--volumes"}},
		{[]string{"volume", "ls", "--quiet", "--filter", label}, []string{"volume", "rm", "--force"}},
	} {
		out, err := p.engine.Run(ctx, kind.list...)
		if err != nil {
			return fmt.Errorf("looking for leftovers of cluster %s: %w", p.name, err)
		}
		if found := strings.Fields(string(out)); len(found) > 0 {
			if _, err := p.engine.Run(ctx, append(kind.remove, found...)...); err != nil {
				return fmt.Errorf("removing leftovers of cluster %s: %w", p.name, err)
			}
		}
	}
	return nil
}
