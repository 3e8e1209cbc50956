package target

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/e2e-framework/klient/wait"
)

// ErrNoAddress means that nothing in the cluster gave a Service of type LoadBalancer an
// address in time.
var ErrNoAddress = errors.New("it was given no address")

// LoadBalancer makes one more Service for the Service's Pods, of that name, of type
// LoadBalancer and with that externalTrafficPolicy (Cluster or Local), and waits at most
// atMost until it has an address, which it returns: an IP address or a host's name.
// creating is called with the Service before it is made, and it is there also where the
// error is ErrNoAddress.
func (t *Target) LoadBalancer(ctx context.Context, config *rest.Config, name, policy string, atMost time.Duration, creating func(Object) error) (made Object, address string, err error) {
	cs, err := clientset(config)
	if err != nil {
		return made, "", err
	}
	a, err := connect(config)
	if err != nil {
		return made, "", err
	}
	return t.loadBalancer(ctx, cs, a, name, policy, atMost, creating)
}

func (t *Target) loadBalancer(ctx context.Context, cs kubernetes.Interface, a *api, name, policy string, atMost time.Duration, creating func(Object) error) (made Object, address string, err error) {
	namespace := t.Spec.Workload.Namespace
	s, err := cs.CoreV1().Services(namespace).Get(ctx, t.Spec.Service.Name, metav1.GetOptions{})
	if err != nil {
		return made, "", fmt.Errorf("reading Service %s/%s: %w", namespace, t.Spec.Service.Name, err)
	}
	port, ok := tcpPort(s, t.Spec.Service.Port)
	if !ok {
		return made, "", fmt.Errorf("Service %s/%s has no TCP port %d", namespace, s.Name, t.Spec.Service.Port)
	}
	balanced := another(s, port, name, corev1.ServiceTypeLoadBalancer)
	balanced.Spec.ExternalTrafficPolicy = corev1.ServiceExternalTrafficPolicy(policy)
	body, err := bodyOf(balanced)
	if err != nil {
		return made, "", err
	}
	p, err := a.look(ctx, body, t.Metadata.Name)
	if err != nil {
		return made, "", err
	}
	if err := creating(p.object); err != nil {
		return made, "", err
	}
	if _, err := p.apply(ctx); err != nil {
		return p.object, "", err
	}
	err = wait.For(func(ctx context.Context) (bool, error) {
		live, err := cs.CoreV1().Services(namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, nil
		}
		for _, in := range live.Status.LoadBalancer.Ingress {
			if address = in.IP; address == "" {
				address = in.Hostname
			}
		}
		return address != "", nil
	}, wait.WithContext(ctx), wait.WithTimeout(atMost), wait.WithInterval(200*time.Millisecond), wait.WithImmediate())
	if err != nil && ctx.Err() == nil {
		err = ErrNoAddress
	}
	if err != nil {
		return p.object, "", fmt.Errorf("waiting %s at most for the address of %s: %w", atMost, p.object, err)
	}
	return p.object, address, nil
}
