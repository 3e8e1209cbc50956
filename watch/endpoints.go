package watch

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	discoveryv1 "k8s.io/api/discovery/v1"

	"hagate/record"
	"hagate/target"
)

func (w *Watch) slice(s *discoveryv1.EndpointSlice) {
	if s.Labels[discoveryv1.LabelServiceName] != w.spec.Service {
		w.sliceGone(s)
		return
	}
	w.slices[s.Name] = s
	w.endpointsChanged()
}

func (w *Watch) sliceGone(s *discoveryv1.EndpointSlice) {
	delete(w.slices, s.Name)
	w.endpointsChanged()
}

func (w *Watch) endpointsChanged() {
	now := w.merge()
	if reflect.DeepEqual(now, w.endpoints) {
		return
	}
	w.endpoints = now
	w.write(record.Entry{Endpoints: &now})
}

// merge makes one of the Service's slices, each Pod in it once. A Pod is in several
// while it is moved between slices, and where the Service has several ports or
// address families. It is then ready where one slice says so, as a proxy may use any,
// and its address is the first: IPv4 before IPv6. Names (FQDN) are no addresses of Pods.
func (w *Watch) merge() record.Endpoints {
	merged := map[string]record.Endpoint{}
	slicesOf := slices.SortedFunc(maps.Values(w.slices), func(a, b *discoveryv1.EndpointSlice) int {
		return cmp.Or(cmp.Compare(a.AddressType, b.AddressType), cmp.Compare(a.Name, b.Name))
	})
	for _, s := range slicesOf {
		if s.AddressType == discoveryv1.AddressTypeFQDN {
			continue
		}
		leads := target.Leads(w.front, w.spec.Port, s)
		for _, e := range s.Endpoints {
			now := endpointOf(e)
			if !leads {
				now.NoPort, now.Ready, now.Serving = true, false, false
			}
			key := cmp.Or(now.UID, now.IP)
			if before, ok := merged[key]; ok {
				before.Ready = before.Ready || now.Ready
				before.Serving = before.Serving || now.Serving
				before.Terminating = before.Terminating && now.Terminating
				before.NoPort = before.NoPort && now.NoPort
				now = before
			}
			merged[key] = now
		}
	}
	list := slices.SortedFunc(maps.Values(merged), func(a, b record.Endpoint) int {
		return cmp.Or(cmp.Compare(a.Pod, b.Pod), cmp.Compare(a.IP, b.IP))
	})
	if list == nil {
		list = []record.Endpoint{}
	}
	return record.Endpoints{Service: w.spec.Namespace + "/" + w.spec.Service, List: list}
}

// endpointOf reads a condition that is not set as the API documents it.
func endpointOf(e discoveryv1.Endpoint) record.Endpoint {
	or := func(p *bool, unset bool) bool {
		if p == nil {
			return unset
		}
		return *p
	}
	ready := or(e.Conditions.Ready, true)
	r := record.Endpoint{
		Ready:       ready,
		Serving:     or(e.Conditions.Serving, ready),
		Terminating: or(e.Conditions.Terminating, false),
	}
	if len(e.Addresses) > 0 {
		r.IP = e.Addresses[0]
	}
	if e.NodeName != nil {
		r.Node = *e.NodeName
	}
	if t := e.TargetRef; t != nil && t.Kind == "Pod" {
		r.Pod, r.UID = t.Name, string(t.UID)
	}
	return r
}
