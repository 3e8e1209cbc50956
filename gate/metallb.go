package gate

import (
	"context"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/e2e-framework/klient/wait"

	"hagate/cluster/images"
	"hagate/cluster/metallb"
	"hagate/record"
	"hagate/target"
	"hagate/verdict/budget"
)

// announcesEarly is why the planned scenarios keep MetalLB off nodes without a Pod.
var announcesEarly = record.Say("MetalLB announces an address from a node the moment its first Pod is ready, before kube-proxy there has written the rules, so requests are lost whatever the service does")

const (
	balancerOwner     = "hagate-load-balancer" // on what MetalLB is made of
	balancerAddresses = 32                     // that MetalLB may give; a scenario tries one after the other
)

// setUpBalancer gives a cluster that this run's user did not bring a load balancer, once
// a run. It stays until the run's end.
func (r *Run) setUpBalancer(ctx context.Context) error {
	if r.balancer || r.cluster.Borrowed {
		return nil
	}
	var m images.MetalLB
	err := r.up(ctx, []step{
		{name: record.Say("MetalLB's images"), do: func(ctx context.Context) (err error) {
			if m, err = images.LoadBalancer(ctx, r.engine, images.Options{Mode: r.Config.Images, Progress: r.out}); err != nil {
				return err
			}
			for _, img := range m.Images {
				if err := r.cluster.Kind.LoadImage(ctx, img.Ref); err != nil {
					return err
				}
			}
			return nil
		}},
		{name: record.Words("MetalLB"), do: func(ctx context.Context) error { return r.installMetalLB(ctx, m) }, kubernetes: true},
	})
	r.balancer = err == nil
	return err
}

func (r *Run) installMetalLB(ctx context.Context, m images.MetalLB) error {
	objects, err := metallb.Objects(m.Manifest)
	if err != nil {
		return err
	}
	if r.addresses, err = r.cluster.FreeAddresses(ctx, balancerAddresses); err != nil {
		return err
	}
	for _, s := range [][3]record.Text{
		{record.Say("load balancer"), record.Say("MetalLB %s, layer 2", m.Version), record.Say("the cluster had none; its own manifest, and %s; %s", m.Images[0].Detail, m.Images[1].Detail)},
		{record.Say("MetalLB's addresses"), record.Say("%s to %s", r.addresses[len(r.addresses)-1], r.addresses[0]), record.Say("of the nodes' network, and no container has them")},
		{record.Say("MetalLB's controller"), record.Say("on the control plane"), record.Say("faults hit workers; who gives addresses is not what is tested")},
		{record.Say("MetalLB's speakers"), record.Say("priority class system-node-critical"), record.Say("a node short of memory is to evict the service's Pods, not them time and again")},
		{record.Say("MetalLB's L2Advertisement"), record.Say("not from %s", list(r.avoid)), record.Say("the node that announces is to be one that faults may hit")},
		{record.Say("MetalLB's L2Advertisement where externalTrafficPolicy is Local"), record.Say("only from nodes on which Pods of the target serve as the scenario begins"), announcesEarly},
	} {
		if err := r.setting(s[0], s[1], s[2]); err != nil {
			return err
		}
	}
	if err := target.Apply(ctx, r.rest, balancerOwner, objects, r.creatingObject); err != nil {
		return err
	}
	return r.waitMetalLB(ctx)
}

// waitMetalLB waits until the controller and a speaker on every node are ready.
func (r *Run) waitMetalLB(ctx context.Context) error {
	why := "the API server did not answer"
	apps := r.destructive.AppsV1()
	err := wait.For(func(ctx context.Context) (bool, error) {
		d, err := apps.Deployments(metallb.Namespace).Get(ctx, metallb.Controller, metav1.GetOptions{})
		if err != nil {
			return false, nil
		}
		s, err := apps.DaemonSets(metallb.Namespace).Get(ctx, metallb.Speaker, metav1.GetOptions{})
		if err != nil {
			return false, nil
		}
		why = fmt.Sprintf("%d controllers ready, speakers on %d of %d nodes", d.Status.ReadyReplicas, s.Status.NumberReady, s.Status.DesiredNumberScheduled)
		return d.Status.ReadyReplicas > 0 && s.Status.ObservedGeneration > 0 && s.Status.NumberReady == s.Status.DesiredNumberScheduled, nil
	}, wait.WithContext(ctx), wait.WithTimeout(budget.Recovery), wait.WithInterval(300*time.Millisecond), wait.WithImmediate())
	if err != nil {
		return fmt.Errorf("waiting %s at most for MetalLB: %s: %w", budget.Recovery, why, err)
	}
	return nil
}

// giveAddresses tells MetalLB what to give, and which nodes are not to announce it; again
// while its webhook does not answer yet.
func (r *Run) giveAddresses(ctx context.Context, not []string) error {
	once := func(o target.Object) error {
		if slices.Contains(r.given, o) {
			return nil
		}
		r.given = append(r.given, o)
		return r.creatingObject(o)
	}
	var last error
	err := wait.For(func(ctx context.Context) (bool, error) {
		last = target.Apply(ctx, r.rest, balancerOwner, metallb.Addresses(r.addresses, not), once)
		return last == nil, nil
	}, wait.WithContext(ctx), wait.WithTimeout(time.Minute), wait.WithInterval(time.Second), wait.WithImmediate())
	if err != nil {
		return fmt.Errorf("giving MetalLB its addresses: %w (%w)", err, last)
	}
	return nil
}
