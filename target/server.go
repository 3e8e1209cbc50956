package target

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Server is the container of the workload's Pods that the Service's port leads to, the
// first where none declares that, and the ports that clients and probes ask it on, sorted.
func (t *Target) Server() (container string, ports []int32) {
	pods := t.pods()
	if len(pods.Containers) == 0 {
		return "", nil
	}
	asked := t.targetPort()
	i := slices.IndexFunc(pods.Containers, func(c corev1.Container) bool { return number(c, asked) != 0 && declares(c, asked) })
	c := pods.Containers[max(0, i)]
	ports = append(ports, number(c, asked))
	for _, p := range []*corev1.Probe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe} {
		switch {
		case p == nil:
		case p.HTTPGet != nil:
			ports = append(ports, number(c, p.HTTPGet.Port))
		case p.TCPSocket != nil:
			ports = append(ports, number(c, p.TCPSocket.Port))
		}
	}
	slices.Sort(ports)
	return c.Name, slices.DeleteFunc(slices.Compact(ports), func(p int32) bool { return p == 0 })
}

// Port is the number of the port that the Service's leads to in each Pod; 0 where no
// container declares one of the name that the Service gives.
func (t *Target) Port() int32 {
	asked := t.targetPort()
	for _, c := range t.pods().Containers {
		if n := number(c, asked); n != 0 {
			return n
		}
	}
	return 0
}

// targetPort is where the Service's port leads to: what it names, or the port itself.
func (t *Target) targetPort() intstr.IntOrString {
	own := intstr.FromInt32(int32(t.Spec.Service.Port))
	m, ok := t.find("v1", "Service", t.Spec.Service.Name)
	var s corev1.Service
	if !ok || m.into(&s) != nil {
		return own
	}
	for _, p := range s.Spec.Ports {
		if int(p.Port) == t.Spec.Service.Port {
			return cmp.Or(p.TargetPort, own)
		}
	}
	return own
}

func declares(c corev1.Container, port intstr.IntOrString) bool {
	return slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.ContainerPort == number(c, port) })
}

// number of a port that is named or numbered; 0 where the container has none of that name.
func number(c corev1.Container, port intstr.IntOrString) int32 {
	if port.Type == intstr.Int {
		return port.IntVal
	}
	for _, p := range c.Ports {
		if p.Name == port.StrVal {
			return p.ContainerPort
		}
	}
	return 0
}
