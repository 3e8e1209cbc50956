package target

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// servesOn says whether a container declares the port that a Service's leads to.
func (c container) servesOn(p corev1.ServicePort) bool {
	target := cmp.Or(p.TargetPort, intstr.FromInt32(p.Port))
	return slices.ContainsFunc(c.Ports, func(own corev1.ContainerPort) bool {
		if protocol(own.Protocol) != protocol(p.Protocol) {
			return false
		}
		if target.Type == intstr.String {
			return own.Name == target.StrVal
		}
		return own.ContainerPort == target.IntVal
	})
}

// checkTargetPort looks for the container that each port of the Service leads to. Who
// declares no port at all may listen on any: declaring one informs, and does no more.
func (t *Target) checkTargetPort(f *file) {
	at0, s, ok := t.service()
	m, found := t.workload()
	if !ok || !found {
		return
	}
	for i, p := range s.Spec.Ports {
		containers := m.containers()
		if slices.ContainsFunc(containers, func(c container) bool { return c.servesOn(p) }) {
			continue
		}
		path := at("spec.ports", i, "targetPort")
		switch {
		case p.TargetPort.Type == intstr.String && int(p.Port) == t.Spec.Service.Port:
			f.problemIn(at0, path, "no container of %s has a port named %q, so the Service has no endpoint (they have %s): name one of theirs, or give the container's port that name", t.Spec.Workload, p.TargetPort.StrVal, ports(containers))
		case p.TargetPort.Type == intstr.String:
			f.warn(at0, path, nil, "no container of %s has a port named %q, so port %d has no endpoint (they have %s): name one of theirs, or take the port out", t.Spec.Workload, p.TargetPort.StrVal, p.Port, ports(containers))
		case ports(containers) != "none" && protocol(p.Protocol) == corev1.ProtocolTCP:
			f.warn(at0, path, nil, "no container of %s declares port %d (they have %s), and where none listens on it clients are refused: lead to one that they have, or declare it", t.Spec.Workload, cmp.Or(p.TargetPort.IntVal, p.Port), ports(containers))
		}
	}
}

func (t *Target) checkTrafficPolicy(f *file) {
	m, s, ok := t.service()
	if !ok {
		return
	}
	if p := s.Spec.InternalTrafficPolicy; p != nil && *p == corev1.ServiceInternalTrafficPolicyLocal {
		f.warn(m, at("spec.internalTrafficPolicy"), []string{"steady", "pod-delete"}, "Local, so a client in the cluster whose node has no Pod of the service reaches nobody, in any scenario: write Cluster, the default")
	}
	outside := s.Spec.Type == corev1.ServiceTypeNodePort || s.Spec.Type == corev1.ServiceTypeLoadBalancer
	if outside && s.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal {
		f.warn(m, at("spec.externalTrafficPolicy"), []string{"lb-local"}, "Local, so a client that comes in at a node without a Pod of the service reaches nobody, unless the load balancer asks healthCheckNodePort: write Cluster where clients' addresses are not needed, else see that it asks")
	}
}

func (t *Target) checkNotReady(f *file) {
	if m, s, ok := t.service(); ok && s.Spec.PublishNotReadyAddresses {
		f.warn(m, at("spec.publishNotReadyAddresses"), []string{"pod-delete", "rolling-update", "scale", "pod-freeze"}, "true, so clients are sent to Pods that have not started, and to those that have stopped: take it out, or give peers that have to find each other a headless Service of their own")
	}
}

// checkStrays looks for Pods that the Service selects and that are none of the workload's.
func (t *Target) checkStrays(f *file) {
	_, s, ok := t.service()
	own, found := t.workload()
	if !ok || !found || len(s.Spec.Selector) == 0 {
		return
	}
	i := slices.IndexFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return int(p.Port) == t.Spec.Service.Port })
	if i < 0 {
		return
	}
	port := s.Spec.Ports[i]
	for _, m := range t.makers() {
		if m.same(own) || !labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(m.template.Labels)) {
			continue
		}
		path := at(m.path, "metadata.labels")
		has := slices.ContainsFunc(m.containers(), func(c container) bool { return c.servesOn(port) })
		switch {
		case has:
			f.warn(m.manifest, path, nil, "Service %s selects these Pods as well, and sends them clients: keep it so only where they serve the same, else give them labels of their own", s.Name)
		case port.TargetPort.Type == intstr.String:
			f.warn(m.manifest, path, nil, "Service %s selects these Pods as well; they have no port named %q, so no client is sent there: give them labels of their own", s.Name, port.TargetPort.StrVal)
		default:
			f.warn(m.manifest, path, []string{"steady", "pod-delete"}, "Service %s selects these Pods as well, and sends them clients on port %d, which they do not declare: give them labels of their own", s.Name, cmp.Or(port.TargetPort.IntVal, port.Port))
		}
	}
}
