// Command podnet is the Pod network of a cluster whose node image was built here:
// it runs on every node, gives the node's Pods their CNI configuration, keeps a
// route to every other node's Pods, masquerades what leaves the Pod network, and drops
// what is for a Service's address and that kube-proxy let through: while it writes its
// rules for a Service's first endpoint, a packet would leave for the world outside, and
// whoever answers there would be taken for the Service. Routes are put back on every
// change of a Node and every ten seconds, so that they survive the restart of a node.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

const (
	repair   = 10 * time.Second
	conflist = "/etc/cni/net.d/10-podnet.conflist"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, os.Getenv("NODE_NAME"), os.Getenv("POD_SUBNET")); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, self, podSubnet string) error {
	config, err := rest.InClusterConfig()
	if err != nil {
		return fmt.Errorf("reading the in-cluster configuration: %w", err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	nodes := factory.Core().V1().Nodes()
	changed := make(chan struct{}, 1)
	poke := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	if _, err := nodes.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { poke() },
		UpdateFunc: func(any, any) { poke() },
		DeleteFunc: func(any) { poke() },
	}); err != nil {
		return fmt.Errorf("watching nodes: %w", err)
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())

	services, err := serviceSubnets(ctx, client)
	if err != nil {
		return err
	}
	tick := time.NewTicker(repair)
	defer tick.Stop()
	for {
		all, err := nodes.Lister().List(labels.Everything())
		if err != nil {
			return fmt.Errorf("listing nodes: %w", err)
		}
		for _, n := range all {
			if n.Spec.PodCIDR == "" {
				continue
			}
			if n.Name == self {
				err = serve(n.Spec.PodCIDR, podSubnet, services)
			} else {
				err = route(n)
			}
			if err != nil {
				log.Printf("node %s: %v", n.Name, err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-tick.C:
		}
	}
}

var served bool // since this process started: a restarted node has lost its rules

// serve writes this node's CNI configuration, its masquerading and its drops.
func serve(podCIDR, podSubnet, services string) error {
	config := fmt.Appendf(nil, `{
  "cniVersion": "0.4.0", "name": "podnet",
  "plugins": [
    {"type": "ptp", "ipMasq": false, "mtu": 1500,
     "ipam": {"type": "host-local", "dataDir": "/run/cni-ipam-state", "ranges": [[{"subnet": %q}]], "routes": [{"dst": "0.0.0.0/0"}]}},
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
`, podCIDR)
	if old, err := os.ReadFile(conflist); served && err == nil && bytes.Equal(old, config) {
		return nil
	}
	rules := exec.Command("nft", "-f", "-")
	rules.Stdin = bytes.NewReader(fmt.Appendf(nil, `table ip podnet
delete table ip podnet
table ip podnet {
  chain leaving {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr %s ip daddr != %s masquerade
  }
  chain passing {
    type filter hook forward priority filter; policy accept;
    ip daddr { %[3]s } drop
  }
  chain sent {
    type filter hook output priority filter; policy accept;
    ip daddr { %[3]s } drop
  }
}
`, podCIDR, podSubnet, services))
	if out, err := rules.CombinedOutput(); err != nil {
		return fmt.Errorf("writing the rules for %s: %w: %s", podCIDR, err, out)
	}
	half := filepath.Join(filepath.Dir(conflist), ".podnet")
	if err := os.WriteFile(half, config, 0o644); err != nil {
		return fmt.Errorf("writing CNI configuration: %w", err)
	}
	if err := os.Rename(half, conflist); err != nil {
		return fmt.Errorf("writing CNI configuration: %w", err)
	}
	served = true
	return nil
}

// serviceSubnets are the IPv4 ranges of Services' addresses, with commas between.
func serviceSubnets(ctx context.Context, client kubernetes.Interface) (string, error) {
	list, err := client.NetworkingV1().ServiceCIDRs().List(ctx, metav1.ListOptions{})
	if err != nil {
		return "", fmt.Errorf("listing ServiceCIDRs: %w", err)
	}
	var v4 []string
	for _, s := range list.Items {
		for _, cidr := range s.Spec.CIDRs {
			if !strings.Contains(cidr, ":") {
				v4 = append(v4, cidr)
			}
		}
	}
	if len(v4) == 0 {
		return "", errors.New("the cluster has no ServiceCIDR for IPv4")
	}
	return strings.Join(v4, ", "), nil
}

// route leads to the Pods of another node through its address.
func route(n *corev1.Node) error {
	_, dst, err := net.ParseCIDR(n.Spec.PodCIDR)
	if err != nil {
		return fmt.Errorf("its Pod CIDR: %w", err)
	}
	for _, a := range n.Status.Addresses {
		if a.Type == corev1.NodeInternalIP {
			return netlink.RouteReplace(&netlink.Route{Dst: dst, Gw: net.ParseIP(a.Address)})
		}
	}
	return fmt.Errorf("it has no internal address")
}
