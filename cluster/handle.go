package cluster

import "fmt"

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
