package target

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// Headless says whether a Service has no address of its own, so that its name leads to those
// of its Pods.
func Headless(s *corev1.Service) bool { return s.Spec.ClusterIP == corev1.ClusterIPNone }

// PortOf is the TCP port of a Service with that number.
func PortOf(s *corev1.Service, number int) (corev1.ServicePort, bool) {
	for _, p := range s.Spec.Ports {
		if int(p.Port) == number && (p.Protocol == "" || p.Protocol == corev1.ProtocolTCP) {
			return p, true
		}
	}
	return corev1.ServicePort{}, false
}

// Leads says whether clients of a Service's port are sent to the addresses of one of its
// EndpointSlices: the slice has to have a port of the Service port's name, by which a
// targetPort that a Pod does not have is none. A headless Service's name leads to all of
// its addresses, whatever ports they have. Where the Service, or that port of it, is not
// known, any port will do.
func Leads(service *corev1.Service, port int, s *discoveryv1.EndpointSlice) bool {
	if service != nil && Headless(service) {
		return true
	}
	var named corev1.ServicePort
	known := false
	if service != nil {
		named, known = PortOf(service, port)
	}
	for _, p := range s.Ports {
		name := ""
		if p.Name != nil {
			name = *p.Name
		}
		if p.Port != nil && (!known || name == named.Name) {
			return true
		}
	}
	return false
}

// readyEndpoints counts the workload's Pods that clients of the Service are sent to, and
// names the others that they are sent to.
func (t *Target) readyEndpoints(ctx context.Context, cs kubernetes.Interface, workload types.UID) (own int, strays []string, err error) {
	namespace, name := t.Spec.Workload.Namespace, t.Spec.Service.Name
	service, err := cs.CoreV1().Services(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return 0, nil, fmt.Errorf("reading Service %s: %w", name, err)
	}
	slices, err := cs.DiscoveryV1().EndpointSlices(namespace).List(ctx, metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=" + name})
	if err != nil {
		return 0, nil, fmt.Errorf("listing the endpoints of Service %s: %w", name, err)
	}
	stray, err := t.strays(ctx, cs, workload)
	if err != nil {
		return 0, nil, err
	}
	ready := map[string]bool{} // a Pod of two address families is in two slices
	for _, s := range slices.Items {
		if s.AddressType == discoveryv1.AddressTypeFQDN || !Leads(service, t.Spec.Service.Port, &s) {
			continue
		}
		for _, e := range s.Endpoints {
			if e.Conditions.Ready != nil && !*e.Conditions.Ready {
				continue
			}
			pod := strings.Join(e.Addresses, ",")
			if e.TargetRef != nil {
				pod = e.TargetRef.Name
			}
			if !ready[pod] && stray[pod] {
				strays = append(strays, pod)
			}
			ready[pod] = true
		}
	}
	return len(ready) - len(strays), strays, nil
}

// strays are the names of the namespace's Pods that the workload does not control, itself or
// through ReplicaSets.
func (t *Target) strays(ctx context.Context, cs kubernetes.Interface, workload types.UID) (map[string]bool, error) {
	namespace := t.Spec.Workload.Namespace
	sets, err := cs.AppsV1().ReplicaSets(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("listing the ReplicaSets of %s: %w", t.Spec.Workload, err)
	}
	owners := map[types.UID]bool{workload: true}
	for _, s := range sets.Items {
		if c := metav1.GetControllerOf(&s); c != nil && c.UID == workload {
			owners[s.UID] = true
		}
	}
	pods, err := cs.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("listing the Pods of %s: %w", t.Spec.Workload, err)
	}
	others := map[string]bool{}
	for _, p := range pods.Items {
		if c := metav1.GetControllerOf(&p); c == nil || !owners[c.UID] {
			others[p.Name] = true
		}
	}
	return others, nil
}
