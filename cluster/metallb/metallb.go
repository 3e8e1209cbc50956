// Package metallb knows how MetalLB is set up on a cluster that has no load balancer of
// its own, and how it says which node announces a Service's address.
package metallb

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
)

// Where MetalLB's own manifest puts it.
const (
	Namespace  = "metallb-system"
	Controller = "controller" // a Deployment: gives addresses
	Speaker    = "speaker"    // a DaemonSet: announces them
)

const controlPlane = "node-role.kubernetes.io/control-plane"

// Objects are what MetalLB's own manifest holds, with its controller kept on the control
// plane: faults hit the other nodes, and a Service that is made meanwhile needs it. Its
// speakers are critical to their nodes: a kubelet short of memory would evict them first,
// again each time that they come back, and get to no Pod that serves.
func Objects(manifest []byte) ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	docs := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(manifest)))
	pinned, critical := false, false
	for {
		doc, err := docs.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading MetalLB's manifest: %w", err)
		}
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(doc, &o.Object); err != nil {
			return nil, fmt.Errorf("reading MetalLB's manifest: %w", err)
		}
		if len(o.Object) == 0 {
			continue
		}
		if o.GetKind() == "Deployment" && o.GetName() == Controller {
			if err := pin(o); err != nil {
				return nil, err
			}
			pinned = true
		}
		if o.GetKind() == "DaemonSet" && o.GetName() == Speaker {
			if err := unstructured.SetNestedField(o.Object, "system-node-critical", "spec", "template", "spec", "priorityClassName"); err != nil {
				return nil, err
			}
			critical = true
		}
		all = append(all, o)
	}
	if !pinned || !critical {
		return nil, fmt.Errorf("MetalLB's manifest has no Deployment %s or no DaemonSet %s", Controller, Speaker)
	}
	return all, nil
}

// pin keeps a Deployment on the control plane.
func pin(o *unstructured.Unstructured) error {
	tolerations := []any{map[string]any{"key": controlPlane, "operator": "Exists", "effect": "NoSchedule"}}
	return errors.Join(
		unstructured.SetNestedField(o.Object, "", "spec", "template", "spec", "nodeSelector", controlPlane),
		unstructured.SetNestedSlice(o.Object, tolerations, "spec", "template", "spec", "tolerations"))
}

// Addresses are the objects that give MetalLB addresses to give, and have every node
// announce them but those of not.
func Addresses(addresses []netip.Addr, not []string) []*unstructured.Unstructured {
	var ranges, nodes []any
	for _, a := range addresses {
		ranges = append(ranges, netip.PrefixFrom(a, a.BitLen()).String())
	}
	for _, n := range not {
		nodes = append(nodes, n)
	}
	const name = "hagate"
	return []*unstructured.Unstructured{
		object("IPAddressPool", name, map[string]any{"addresses": ranges}),
		object("L2Advertisement", name, map[string]any{
			"ipAddressPools": []any{name},
			"nodeSelectors": []any{map[string]any{"matchExpressions": []any{
				map[string]any{"key": "kubernetes.io/hostname", "operator": "NotIn", "values": nodes}}}},
		}),
	}
}

func object(kind, name string, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "metallb.io/v1beta1", "kind": kind,
		"metadata": map[string]any{"namespace": Namespace, "name": name},
		"spec":     spec,
	}}
}

// Announcers are the nodes that announce the address of a Service on their network, as
// the labels of what MetalLB's speakers write say, sorted by name. (Its status.node
// cannot be changed, so it goes on naming a node that died.) There are none where the
// cluster has no MetalLB.
func Announcers(ctx context.Context, client dynamic.Interface, namespace, service string) ([]string, error) {
	which := labels.Set{"metallb.io/service-namespace": namespace, "metallb.io/service-name": service}
	list, err := client.Resource(schema.GroupVersionResource{Group: "metallb.io", Version: "v1beta1", Resource: "servicel2statuses"}).
		List(ctx, metav1.ListOptions{LabelSelector: which.String()})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("asking which node announces Service %s/%s: %w", namespace, service, err)
	}
	var nodes []string
	for _, o := range list.Items {
		nodes = append(nodes, o.GetLabels()["metallb.io/node"])
	}
	slices.Sort(nodes)
	return slices.Compact(nodes), nil
}

// LastAnnouncer is the node that last began to announce the address of a Service, as the
// Event says that its speaker wrote then; empty where there is none. It is for when
// Announcers finds none for long: the speaker that an address leaves may delete what the
// one that takes it over has just written, which is not written again
// (internal/k8s/controllers/layer2_status_controller.go of MetalLB 0.15).
func LastAnnouncer(ctx context.Context, client kubernetes.Interface, namespace, service string) (string, error) {
	list, err := client.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{FieldSelector: "reason=nodeAssigned,involvedObject.kind=Service,involvedObject.name=" + service})
	if err != nil {
		return "", fmt.Errorf("asking which node last announced Service %s/%s: %w", namespace, service, err)
	}
	var node string
	var last time.Time
	for _, e := range list.Items {
		at := e.LastTimestamp.Time
		if e.EventTime.After(at) {
			at = e.EventTime.Time
		}
		if n := announcing(e.Message); n != "" && !at.Before(last) {
			node, last = n, at
		}
	}
	return node, nil
}

// announcing is the node that an Event's message names, empty where it is none of a speaker.
func announcing(message string) (node string) {
	rest, ok := strings.CutPrefix(message, `announcing from node "`)
	node, _, closed := strings.Cut(rest, `"`)
	if !ok || !closed {
		return ""
	}
	return node
}
