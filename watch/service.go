package watch

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"hagate/record"
	"hagate/target"
)

// service takes in the Service's state: which of its addresses are endpoints, and which
// Pods are behind it, follows from that.
func (w *Watch) service(s *corev1.Service) {
	if s.Name != w.spec.Service {
		return
	}
	before, now := w.front, serviceOf(s, w.spec.Port)
	if w.front = s; before == nil || serviceOf(before, w.spec.Port) != now {
		w.write(record.Entry{Service: &now})
	}
	w.podsAgain()
	w.endpointsChanged()
}

func (w *Watch) serviceGone(s *corev1.Service) {
	if s.Name == w.spec.Service {
		w.front = nil
	}
}

// serviceOf is what the record says of a Service whose port is tested.
func serviceOf(s *corev1.Service, port int) record.Service {
	r := record.Service{
		Name:            s.Namespace + "/" + s.Name,
		Type:            string(s.Spec.Type),
		Headless:        target.Headless(s),
		Port:            port,
		PublishNotReady: s.Spec.PublishNotReadyAddresses,
		ExternalPolicy:  string(s.Spec.ExternalTrafficPolicy),
		Affinity:        string(s.Spec.SessionAffinity),
	}
	if p := s.Spec.InternalTrafficPolicy; p != nil {
		r.InternalPolicy = string(*p)
	}
	if p, ok := target.PortOf(s, port); ok {
		if r.TargetPort = p.TargetPort.String(); r.TargetPort == "0" {
			r.TargetPort = strconv.Itoa(port) // the API's default
		}
	}
	return r
}
