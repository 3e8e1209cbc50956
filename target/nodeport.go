package target

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// NodePort is the port on which every node takes the Service's traffic. Where the
// Service has none, or a node serves its own Pods alone, a second Service is made for
// the same Pods; creating is called with it before that.
func (t *Target) NodePort(ctx context.Context, config *rest.Config, creating func(Object) error) (int, error) {
	cs, err := clientset(config)
	if err != nil {
		return 0, err
	}
	a, err := connect(config)
	if err != nil {
		return 0, err
	}
	return t.nodePort(ctx, cs, a, creating)
}

func (t *Target) nodePort(ctx context.Context, cs kubernetes.Interface, a *api, creating func(Object) error) (int, error) {
	namespace, name := t.Spec.Workload.Namespace, t.Spec.Service.Name
	s, err := cs.CoreV1().Services(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return 0, fmt.Errorf("reading Service %s/%s: %w", namespace, name, err)
	}
	port, ok := tcpPort(s, t.Spec.Service.Port)
	if !ok {
		return 0, fmt.Errorf("Service %s/%s has no TCP port %d", namespace, name, t.Spec.Service.Port)
	}
	if port.NodePort > 0 && s.Spec.ExternalTrafficPolicy != corev1.ServiceExternalTrafficPolicyLocal {
		return int(port.NodePort), nil
	}
	body, err := second(s, port)
	if err != nil {
		return 0, err
	}
	p, err := a.look(ctx, body, t.Metadata.Name)
	if err != nil {
		return 0, err
	}
	if err := creating(p.object); err != nil {
		return 0, err
	}
	live, err := p.apply(ctx)
	if err != nil {
		return 0, err
	}
	var made corev1.Service
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(live.Object, &made); err != nil {
		return 0, fmt.Errorf("reading %s: %w", p.object, err)
	}
	if port, _ = tcpPort(&made, t.Spec.Service.Port); port.NodePort == 0 {
		return 0, fmt.Errorf("%s was given no node port", p.object)
	}
	return int(port.NodePort), nil
}

func tcpPort(s *corev1.Service, port int) (corev1.ServicePort, bool) {
	for _, p := range s.Spec.Ports {
		if int(p.Port) == port && (p.Protocol == corev1.ProtocolTCP || p.Protocol == "") {
			return p, true
		}
	}
	return corev1.ServicePort{}, false
}

// second is a Service of type NodePort that treats the Pods of s as s does.
func second(s *corev1.Service, port corev1.ServicePort) (*unstructured.Unstructured, error) {
	return bodyOf(another(s, port, Beside(s.Name), corev1.ServiceTypeNodePort))
}

// besideMost is how long Beside is at the most: a Service's name has 63 bytes, and what tells
// several apart has to fit.
const besideMost = 58

// Beside is the name of a Service that is made beside the one called service, or how the
// names of several begin.
func Beside(service string) string {
	const mark = "-hagate"
	if len(service)+len(mark) > besideMost {
		sum := sha256.Sum256([]byte(service))
		tail := "-" + hex.EncodeToString(sum[:3])
		service = strings.TrimRight(service[:besideMost-len(mark)-len(tail)], "-") + tail
	}
	return service + mark
}

// another is a Service of that name and type that treats the Pods of s as s does.
func another(s *corev1.Service, port corev1.ServicePort, name string, kind corev1.ServiceType) *corev1.Service {
	port.NodePort = 0
	return &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: name},
		Spec: corev1.ServiceSpec{
			Type:                     kind,
			IPFamilies:               s.Spec.IPFamilies,
			IPFamilyPolicy:           s.Spec.IPFamilyPolicy,
			Selector:                 s.Spec.Selector,
			Ports:                    []corev1.ServicePort{port},
			PublishNotReadyAddresses: s.Spec.PublishNotReadyAddresses,
			SessionAffinity:          s.Spec.SessionAffinity,
			SessionAffinityConfig:    s.Spec.SessionAffinityConfig,
			TrafficDistribution:      s.Spec.TrafficDistribution,
		},
	}
}

func bodyOf(s *corev1.Service) (*unstructured.Unstructured, error) {
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(s)
	if err != nil {
		return nil, fmt.Errorf("making a second Service for %s/%s: %w", s.Namespace, s.Name, err)
	}
	delete(object, "status")
	return &unstructured.Unstructured{Object: object}, nil
}
