package target

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// maker is an object of the manifests that makes Pods.
type maker struct {
	manifest
	template corev1.PodTemplateSpec
	path     []string // to the template
	replicas int      // that stay, at the least: none of a Job
}

// makers are those of the workload's namespace.
func (t *Target) makers() (list []maker) {
	for _, m := range t.manifests {
		if made, ok := t.maker(m); ok && t.namespace(m) == t.Spec.Workload.Namespace {
			list = append(list, made)
		}
	}
	return list
}

// maker reads m; false where it makes no Pods, or could not be read.
func (t *Target) maker(m manifest) (maker, bool) {
	made := maker{manifest: m, replicas: 1}
	switch m.GetAPIVersion() + " " + m.GetKind() {
	case "apps/v1 Deployment", "apps/v1 StatefulSet", "apps/v1 ReplicaSet", "v1 ReplicationController":
		if n, ok, _ := unstructured.NestedInt64(m.Object, "spec", "replicas"); ok {
			made.replicas = int(n)
		} else if scaled := t.autoscalers(m); len(scaled) > 0 {
			made.replicas = int(scaled[0].least)
		}
	case "batch/v1 Job", "batch/v1 CronJob":
		made.replicas = 0
	case "apps/v1 DaemonSet", "v1 Pod":
	default:
		return made, false
	}
	made.path = podSpec(m.GetKind())
	made.path = made.path[:len(made.path)-1]
	template, ok, _ := unstructured.NestedMap(m.Object, made.path...)
	return made, ok && runtime.DefaultUnstructuredConverter.FromUnstructured(template, &made.template) == nil
}

// workload is the one under test; false where it could not be read.
func (t *Target) workload() (maker, bool) {
	m, ok := t.find("apps/v1", t.Spec.Workload.Kind, t.Spec.Workload.Name)
	if !ok {
		return maker{}, false
	}
	return t.maker(m)
}

// service is the one that is asked; false where it could not be read.
func (t *Target) service() (m manifest, s corev1.Service, ok bool) {
	m, ok = t.find("v1", "Service", t.Spec.Service.Name)
	return m, s, ok && m.into(&s) == nil
}

// container is one of a template's, and where it stands.
type container struct {
	corev1.Container
	path []string
}

// containers are those that run beside each other: init containers that go on as well.
func (m maker) containers() (list []container) {
	for i, c := range m.template.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			list = append(list, container{c, at(m.path, "spec.initContainers", i)})
		}
	}
	for i, c := range m.template.Spec.Containers {
		list = append(list, container{c, at(m.path, "spec.containers", i)})
	}
	return list
}

// ports lists what containers declare: "http (8080), 9090".
func ports(containers []container) string {
	var list []string
	for _, c := range containers {
		for _, p := range c.Ports {
			text := fmt.Sprint(p.ContainerPort)
			if p.Name != "" {
				text = p.Name + " (" + text + ")"
			}
			list = append(list, text)
		}
	}
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// same says whether two makers are one object.
func (m maker) same(other maker) bool {
	return m.GetAPIVersion() == other.GetAPIVersion() && m.GetKind() == other.GetKind() && m.GetName() == other.GetName()
}

func protocol(p corev1.Protocol) corev1.Protocol {
	if p == "" {
		return corev1.ProtocolTCP
	}
	return p
}
