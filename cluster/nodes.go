package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"sigs.k8s.io/e2e-framework/support"
	"sigs.k8s.io/kind/pkg/cluster/nodes"
	"sigs.k8s.io/kind/pkg/cluster/nodeutils"
)

// LoadImage brings an image that the engine has to every node.
func (p *Provider) LoadImage(ctx context.Context, image string, _ ...string) error {
	id, err := p.engine.Run(ctx, "image", "inspect", "--format", "{{.Id}}", image)
	if err != nil {
		return fmt.Errorf("loading image %s: %w", image, err)
	}
	missing, err := p.without(image, string(id))
	if err != nil || len(missing) == 0 {
		return err
	}
	f, err := os.CreateTemp("", "hagate-image-")
	if err != nil {
		return fmt.Errorf("making room for image %s: %w", image, err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := p.engine.Pipe(ctx, nil, f, "save", image); err != nil {
		return fmt.Errorf("saving image %s: %w", image, err)
	}
	return loadArchive(missing, f.Name())
}

// without lists the nodes that lack an image.
func (p *Provider) without(image, id string) ([]nodes.Node, error) {
	all, err := p.kind.ListInternalNodes(p.name)
	if err != nil {
		return nil, fmt.Errorf("listing the nodes of %s: %w", p.name, err)
	}
	var missing []nodes.Node
	for _, n := range all {
		if has, err := nodeutils.ImageID(n, image); err != nil || has == "" || has != strings.TrimSpace(id) {
			missing = append(missing, n)
		}
	}
	return missing, nil
}

// LoadImageArchive brings the images of a `docker save` archive to every node.
func (p *Provider) LoadImageArchive(_ context.Context, archive string, _ ...string) error {
	all, err := p.kind.ListInternalNodes(p.name)
	if err != nil {
		return fmt.Errorf("listing the nodes of %s: %w", p.name, err)
	}
	return loadArchive(all, archive)
}

func loadArchive(to []nodes.Node, archive string) error {
	errs := make([]error, len(to))
	var all sync.WaitGroup
	for i, n := range to {
		all.Go(func() {
			if err := loadInto(n, archive); err != nil {
				errs[i] = fmt.Errorf("loading %s into node %s: %w", archive, n, err)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func loadInto(n nodes.Node, archive string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	return nodeutils.LoadImageArchive(n, f)
}

// StartNode powers a node on again.
func (p *Provider) StartNode(ctx context.Context, node *support.Node, _ ...string) error {
	_, err := p.engine.Run(ctx, "start", node.Name)
	return err
}

// StopNode takes a node down hard, as a power cut does.
func (p *Provider) StopNode(ctx context.Context, node *support.Node, _ ...string) error {
	_, err := p.engine.Run(ctx, "kill", node.Name)
	return err
}

// AddNode is refused: kind cannot add a node to a cluster that runs.
func (p *Provider) AddNode(context.Context, *support.Node, ...string) error {
	return errors.New("a kind cluster takes no more nodes once it runs: add them to kind-config.yaml")
}

// RemoveNode is refused, for the same reason.
func (p *Provider) RemoveNode(context.Context, *support.Node, ...string) error {
	return errors.New("a kind cluster keeps its nodes while it runs: take them out of kind-config.yaml")
}

// ListNode lists the cluster's nodes.
func (p *Provider) ListNode(ctx context.Context, _ ...string) ([]support.Node, error) {
	all, err := p.kind.ListNodes(p.name)
	if err != nil {
		return nil, fmt.Errorf("listing the nodes of %s: %w", p.name, err)
	}
	var list []support.Node
	for _, n := range all {
		role, _ := n.Role()
		list = append(list, support.Node{Name: n.String(), Role: role, Cluster: p.name})
	}
	return list, nil
}
