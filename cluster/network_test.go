package cluster

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// What docker (nerdctl says the same) and podman print of a network, shortened.
const (
	dockerNetwork = `[{"Name":"kind","IPAM":{"Config":[{"Subnet":"172.18.0.0/16","Gateway":"172.18.0.1"},{"Subnet":"fc00:f853:ccd:e793::/64"}]},
		"Containers":{"02":{"Name":"a-worker","IPv4Address":"172.18.0.5/16","IPv6Address":"fc00:f853:ccd:e793::5/64"}},"Options":{"com.docker.network.driver.mtu":"1500"}}]`
	podmanNetwork = `[{"name":"kind","subnets":[{"subnet":"10.89.0.0/24","gateway":"10.89.0.1"}],
		"containers":{"02":{"name":"a-worker","interfaces":{"eth0":{"subnets":[{"ipnet":"10.89.0.%/24","gateway":"10.89.0.1"}]}}}}}]`
)

func TestFreeAddresses(t *testing.T) {
	for name, c := range map[string]struct {
		said    string
		subnet  string
		taken   string
		n       int
		wantErr string
	}{
		"docker":              {said: dockerNetwork, subnet: "172.18.128.0/17", n: 32},
		"podman":              {said: strings.ReplaceAll(podmanNetwork, "%", "2"), subnet: "10.89.0.128/25", n: 32},
		"one is taken":        {said: strings.ReplaceAll(podmanNetwork, "%", "254"), subnet: "10.89.0.128/25", taken: "10.89.0.254", n: 100},
		"too many":            {said: strings.ReplaceAll(podmanNetwork, "%", "2"), n: 200, wantErr: "10.89.0.0/24 has 127 of 200 addresses"},
		"IPv6 alone":          {said: `[{"IPAM":{"Config":[{"Subnet":"fc00:f853:ccd:e793::/64"}]}}]`, n: 1, wantErr: "no IPv4 subnet"},
		"no JSON":             {said: "Error: no such network", n: 1, wantErr: "invalid character"},
		"no room, no address": {said: `[{"Subnet":"10.0.0.0/31"}]`, n: 1, wantErr: "has 0 of 1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := freeAddresses([]byte(c.said), "hagate-a", c.n)
			if c.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantErr) {
					t.Errorf("error %v, want %q", err, c.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			far := netip.MustParsePrefix(c.subnet)
			for _, a := range got {
				if !far.Contains(a) || a.String() == c.taken || strings.HasSuffix(a.String(), ".255.255") {
					t.Errorf("%s is no free address of the far half", a)
				}
			}
			if slices.SortFunc(got, netip.Addr.Compare); len(slices.Compact(got)) != c.n {
				t.Errorf("%d different addresses: %v", len(got), got)
			}
		})
	}
}

// Two clusters on one network do not take each other's addresses.
func TestFreeAddressesOfTwoClusters(t *testing.T) {
	one, err := freeAddresses([]byte(dockerNetwork), "hagate-a", 32)
	if err != nil {
		t.Fatal(err)
	}
	other, err := freeAddresses([]byte(dockerNetwork), "hagate-b", 32)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range one {
		if slices.Contains(other, a) {
			t.Errorf("both have %s", a)
		}
	}
}
