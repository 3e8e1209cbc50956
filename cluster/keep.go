package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"hagate/cluster/engine"
	"hagate/record"
)

// Hash stands for what a cluster is made of: one that was kept serves a later run with
// the same.
func Hash(kindConfig []byte, nodeImage string) string {
	sum := sha256.Sum256(append(kindConfig, nodeImage...))
	return hex.EncodeToString(sum[:8])
}

// kept is the file that a cluster left up by KEEP=1 has in the state folder. Whoever
// uses the cluster holds its lock.
type kept struct {
	Name     string
	Hash     string
	Engine   string
	Settings []record.Setting
}

func keptDir(stateDir string) string { return filepath.Join(stateDir, "kept") }

// Keep registers a cluster for later runs with the same hash. It is this run's until
// release is called or the process ends.
func Keep(stateDir string, c *Cluster, hash string) (release func(), err error) {
	if err := os.MkdirAll(keptDir(stateDir), 0o700); err != nil {
		return nil, fmt.Errorf("keeping cluster %s: %w", c.Name, err)
	}
	text, err := json.Marshal(kept{c.Name, hash, c.Kind.engine.Name, c.Settings})
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(keptDir(stateDir), c.Name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keeping cluster %s: %w", c.Name, err)
	}
	if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		_, err = f.Write(text)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("keeping cluster %s: %w", c.Name, err)
	}
	return func() { f.Close() }, nil
}

// FindKept takes a kept cluster that is of hash, free, and whole: every node ready and
// schedulable. It returns nil where there is none. One that is free and not whole is
// deleted, but for one that a Lease says is taken.
func FindKept(ctx context.Context, eng *engine.Engine, stateDir, hash string) (found *Cluster, release func(), err error) {
	err = eachKept(stateDir, eng.Name, func(k kept, f *os.File) (bool, error) {
		if k.Hash != hash || found != nil {
			return false, nil
		}
		c := NewProvider(eng, k.Name, stateDir).cluster()
		c.Settings = k.Settings
		if err := c.whole(ctx); err != nil {
			if ctx.Err() != nil {
				return false, context.Cause(ctx)
			}
			if errors.Is(err, errTaken) { // by a run that borrowed it, or for what one left
				return false, nil
			}
			return false, Delete(ctx, eng, k.Name, stateDir)
		}
		found, release = c, func() { f.Close() }
		return true, nil
	})
	return found, release, err
}

// DeleteKept deletes every kept cluster that no run is using.
func DeleteKept(ctx context.Context, eng *engine.Engine, stateDir string) error {
	return eachKept(stateDir, eng.Name, func(k kept, _ *os.File) (bool, error) {
		return false, Delete(ctx, eng, k.Name, stateDir)
	})
}

// eachKept calls fn with every kept cluster of an engine that is free, locked; fn says
// whether it goes on holding the lock.
func eachKept(stateDir, engineName string, fn func(kept, *os.File) (bool, error)) error {
	entries, err := os.ReadDir(keptDir(stateDir))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for kept clusters: %w", err)
	}
	var errs []error
	for _, e := range entries {
		f := lockFree(filepath.Join(keptDir(stateDir), e.Name()))
		if f == nil {
			continue
		}
		var k kept
		hold := false
		if json.NewDecoder(f).Decode(&k) == nil && k.Engine == engineName {
			hold, err = fn(k, f)
			errs = append(errs, err)
		}
		if !hold {
			f.Close()
		}
	}
	return errors.Join(errs...)
}

// lockFree opens and locks a file that nobody holds and that is still in its place,
// or returns nil.
func lockFree(path string) *os.File {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		mine, _ := f.Stat()
		if there, err := os.Stat(path); err == nil && os.SameFile(mine, there) {
			return f
		}
	}
	f.Close()
	return nil
}

// whole is an error unless the guard knows the cluster, every node is there, ready and
// schedulable, and no run left anything that it could not undo.
func (c *Cluster) whole(ctx context.Context) (err error) {
	if c.guard, err = openGuard(c); err != nil {
		return err
	}
	client, err := c.client()
	if err != nil {
		return err
	}
	if err := c.Kind.waitNodes(ctx, client, 20*time.Second); err != nil {
		return err
	}
	leases, err := c.Destructive()
	if err != nil {
		return err
	}
	return leased(ctx, leases)
}

// forget drops the registration of a kept cluster that is deleted.
func forget(stateDir, name string) error {
	if err := os.Remove(filepath.Join(keptDir(stateDir), name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("forgetting kept cluster %s: %w", name, err)
	}
	return nil
}
