package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Network is the network that kind puts its nodes on.
const Network = "kind"

// holdNetwork keeps dropNetwork away until release is called: a cluster that is being
// made relies on the network before a node is on it.
func (p *Provider) holdNetwork() (release func(), err error) {
	f, err := p.networkLock(syscall.LOCK_SH)
	if err != nil {
		return nil, err
	}
	return func() { f.Close() }, nil
}

// dropNetwork removes the network when hagate's own engine made it and nobody uses it.
func (p *Provider) dropNetwork(ctx context.Context) {
	if !p.engine.Own {
		return
	}
	f, err := p.networkLock(syscall.LOCK_EX | syscall.LOCK_NB)
	if err != nil {
		return
	}
	defer f.Close()
	// the engine refuses while a container is on it
	p.engine.Run(ctx, "network", "rm", Network)
}

func (p *Provider) networkLock(how int) (*os.File, error) {
	path := filepath.Join(p.stateDir, "network.lock")
	if err := os.MkdirAll(p.stateDir, 0o700); err != nil {
		return nil, fmt.Errorf("locking the network: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the network: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		f.Close()
		return nil, fmt.Errorf("locking the network: %w", err)
	}
	return f, nil
}
