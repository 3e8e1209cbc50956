package cluster

import (
	"fmt"

	"hagate/cluster/engine"
)

// Handle is what the journal keeps to reach the cluster again after a crash.
func (c *Cluster) Handle() map[string]string {
	h := map[string]string{"name": c.Name, "kubeconfig": c.Kubeconfig, "context": c.Context}
	if c.Borrowed {
		h["borrowed"] = "true"
	}
	return h
}

// Open reaches a cluster again by the handle that a journal kept, through its API
// alone: Kind is nil. The error is fs.ErrNotExist where the state folder has the
// cluster no longer.
func Open(handle map[string]string) (*Cluster, error) {
	c := &Cluster{Name: handle["name"], Kubeconfig: handle["kubeconfig"], Context: handle["context"], Borrowed: handle["borrowed"] != ""}
	var err error
	if c.guard, err = openGuard(c); err != nil {
		return nil, fmt.Errorf("opening cluster %s again: %w", c.Name, err)
	}
	return c, nil
}

// Reach makes the nodes of a cluster that was opened again reachable through the
// engine. A cluster whose nodes are not this engine's is an error.
func (c *Cluster) Reach(eng *engine.Engine) error {
	if c.Borrowed {
		server, err := onlyContext(c.Kubeconfig, c.Context)
		if err != nil {
			return err
		}
		c.Kind = kindBehind(eng, c.Context, server, "")
	} else {
		c.Kind = NewProvider(eng, c.Name, "")
	}
	if c.Kind == nil {
		return fmt.Errorf("the nodes of cluster %s are out of reach: it is not a kind cluster of this machine's engine", c.Name)
	}
	return nil
}
