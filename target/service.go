package target

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// checkService holds the Service up to the manifests: it is there, has the port and
// selects the workload's Pods.
func (t *Target) checkService(f *file) {
	want := t.Spec.Service
	m, ok := t.find("v1", "Service", want.Name)
	if !ok {
		f.problem("spec.service.name", "no Service %s/%s in the manifests: add it, or name one of theirs%s",
			t.Spec.Workload.Namespace, want.Name, t.listed("Service"))
		return
	}
	var s corev1.Service
	if m.into(&s) != nil {
		return // said of the manifest
	}
	var ports []string
	for _, p := range s.Spec.Ports {
		if p.Protocol == "" || p.Protocol == corev1.ProtocolTCP {
			ports = append(ports, fmt.Sprint(p.Port))
		}
	}
	if !slices.Contains(ports, fmt.Sprint(want.Port)) {
		f.problem("spec.service.port", "Service %s has no TCP port %d (%s:%d): give one that it has (%s)",
			s.Name, want.Port, m.file, m.line("spec", "ports"), strings.Join(ports, ", "))
	}
	if s.Spec.SessionAffinity == corev1.ServiceAffinityClientIP {
		f.problemIn(m, at("spec.sessionAffinity"), "ClientIP: each load agent is one client, so one Pod would get all its requests and the loss of another be seen by nobody: leave it out of what is tested")
	}
	pods, err := t.podLabels()
	if err != nil {
		return // said of the workload
	}
	if len(s.Spec.Selector) == 0 {
		f.problemIn(m, at("spec.selector"), "the Service selects nothing: give it the labels of %s's Pods (%s)", t.Spec.Workload, pairs(pods))
	}
	for _, key := range slices.Sorted(maps.Keys(s.Spec.Selector)) {
		if value := s.Spec.Selector[key]; pods[key] != value {
			f.problemIn(m, append(at("spec.selector"), key),
				"%q is no label of %s's Pods, so the Service selects none of them: use their labels (%s)", value, t.Spec.Workload, pairs(pods))
		}
	}
}

func pairs(labels map[string]string) string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		list = append(list, key+": "+labels[key])
	}
	return strings.Join(list, ", ")
}
