package cluster

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/netip"
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

// FreeAddresses are n IPv4 addresses of the nodes' network that no container has, from
// the far end of its subnet, which the engine gives out last; kind's nodes only. Of two
// clusters on one network each has its own, as far as their names tell them apart.
func (c *Cluster) FreeAddresses(ctx context.Context, n int) ([]netip.Addr, error) {
	if c.Kind == nil {
		return nil, fmt.Errorf("cluster %s is not a kind cluster of this machine's engine, so nothing is known of its network", c.Name)
	}
	text, err := c.Kind.engine.Run(ctx, "network", "inspect", Network)
	if err != nil {
		return nil, fmt.Errorf("looking for free addresses: %w", err)
	}
	free, err := freeAddresses(text, c.Name, n)
	if err != nil {
		return nil, fmt.Errorf("looking for free addresses on network %s: %w", Network, err)
	}
	return free, nil
}

// freeAddresses reads what an engine says of a network. The engines' words for it
// differ; what they have in common is that a prefix without host bits is the subnet, and
// that any other address is somebody's.
func freeAddresses(inspected []byte, cluster string, n int) ([]netip.Addr, error) {
	var said any
	if err := json.Unmarshal(inspected, &said); err != nil {
		return nil, err
	}
	var subnet netip.Prefix
	taken := map[netip.Addr]bool{}
	eachString(said, func(s string) {
		if p, err := netip.ParsePrefix(s); err == nil && p.Addr().Is4() {
			if p == p.Masked() && p.Bits() < 32 {
				subnet = p
			} else {
				taken[p.Addr()] = true
			}
		} else if a, err := netip.ParseAddr(s); err == nil {
			taken[a] = true
		}
	})
	if !subnet.IsValid() {
		return nil, errors.New("it has no IPv4 subnet")
	}
	size := 1 << (32 - subnet.Bits())
	half := size / 2
	blocks := max(1, min(64, (half-1)/n))
	h := fnv.New32a()
	h.Write([]byte(cluster))
	last := size - 2 - int(h.Sum32())%blocks*n // the very last is the broadcast address
	base := binary.BigEndian.Uint32(subnet.Addr().AsSlice())
	var free []netip.Addr
	for i := last; i >= half && len(free) < n; i-- {
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], base+uint32(i))
		if a := netip.AddrFrom4(b); !taken[a] {
			free = append(free, a)
		}
	}
	if len(free) < n {
		return nil, fmt.Errorf("the far half of %s has %d of %d addresses", subnet, len(free), n)
	}
	return free, nil
}

// eachString calls fn with every string in a JSON value.
func eachString(v any, fn func(string)) {
	switch v := v.(type) {
	case string:
		fn(v)
	case []any:
		for _, e := range v {
			eachString(e, fn)
		}
	case map[string]any:
		for _, e := range v {
			eachString(e, fn)
		}
	}
}
