package target

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
	"k8s.io/apimachinery/pkg/util/validation"
)

const (
	deployment  = "Deployment"
	statefulSet = "StatefulSet"
)

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

func (t *Target) setDefaults(f *file) {
	if t.Spec.Workload.Namespace == "" {
		t.Spec.Workload.Namespace = "default"
	}
	if !f.given("spec.load.rate") {
		t.Spec.Load.Rate = DefaultRate
	}
	if len(t.Spec.Requests) == 0 {
		t.Spec.Requests = []Request{{}}
	}
	for i := range t.Spec.Requests {
		r := &t.Spec.Requests[i]
		if r.Method == "" {
			r.Method = http.MethodGet
		}
		if r.Path == "" {
			r.Path = "/"
		}
		if !f.given(fmt.Sprintf("spec.requests[%d].expect.status", i)) {
			r.Expect.Status = http.StatusOK
		}
	}
}

// check looks at each field by itself.
func (t *Target) check(f *file, scenarios []string) {
	if t.APIVersion != apiVersion {
		f.problem("apiVersion", "%q is not known: write %s", t.APIVersion, apiVersion)
	}
	if t.Kind != kind {
		f.problem("kind", "%q is not known: write %s", t.Kind, kind)
	}
	f.checkName("metadata.name", t.Metadata.Name)
	s := t.Spec
	if s.Workload.Kind != deployment && s.Workload.Kind != statefulSet {
		f.problem("spec.workload.kind", "%q cannot be tested: name a %s or a %s", s.Workload.Kind, deployment, statefulSet)
	}
	f.checkName("spec.workload.namespace", s.Workload.Namespace)
	if s.Workload.Name == "" {
		f.problem("spec.workload.name", "missing: name the %s in the manifests", s.Workload.Kind)
	}
	if s.Service.Name == "" {
		f.problem("spec.service.name", "missing: name the Service in the manifests")
	}
	if s.Service.Port < 1 || s.Service.Port > 65535 {
		f.problem("spec.service.port", "%d is no port: give the Service's own port, 1 to 65535", s.Service.Port)
	}
	for i, r := range s.Requests {
		f.checkRequest(fmt.Sprintf("spec.requests[%d]", i), r)
	}
	if s.PodHeader != "" && !httpguts.ValidHeaderFieldName(s.PodHeader) {
		f.problem("spec.podHeader", "%q is no header name: write one such as X-Pod", s.PodHeader)
	}
	if s.Load.Rate < 1 || s.Load.Rate > MaxRate {
		f.problem("spec.load.rate", "%d is out of range: give 1 to %d requests/second", s.Load.Rate, MaxRate)
	}
	f.checkPatience(s.Load)
	for _, scenario := range slices.Sorted(maps.Keys(s.SLO)) {
		field := "spec.slo." + scenario
		if scenarios != nil && !slices.Contains(scenarios, scenario) {
			f.problem(field, "no such scenario: write one of %s", strings.Join(scenarios, ", "))
		}
		f.checkSLO(field, s.SLO[scenario])
	}
}

// checkPatience looks at how clients wait and what they keep, where the file says so.
func (f *file) checkPatience(l Traffic) {
	const timeout, connections = "spec.load.timeout", "spec.load.connections"
	switch waiting := float64(l.Rate) * l.Timeout.Seconds(); {
	case f.given(timeout) && (l.Timeout < MinTimeout || l.Timeout > MaxTimeout):
		f.problem(timeout, "%s is out of range: give 100ms to 60s", l.Timeout)
	case waiting > MaxWaiting:
		f.problem(timeout, "%d requests/second for %s each are %.0f that wait at once on each stream where nobody answers: lower it or the rate, to %d in all", l.Rate, l.Timeout, waiting, MaxWaiting)
	}
	if f.given(connections) && (l.Connections < 1 || l.Connections > MaxConnections) {
		f.problem(connections, "%d is out of range: give 1 to %d kept-alive connections", l.Connections, MaxConnections)
	}
}

func (f *file) checkName(field, name string) {
	if why := validation.IsDNS1123Label(name); len(why) > 0 {
		f.problem(field, "%q cannot be used: write up to 63 of a-z, 0-9 and -, such as shop", name)
	}
}

func (f *file) checkRequest(field string, r Request) {
	if !slices.Contains(methods, r.Method) {
		f.problem(field+".method", "%q is not known: %s", r.Method, Instead(r.Method, methods))
	}
	if _, err := url.ParseRequestURI(r.Path); !strings.HasPrefix(r.Path, "/") || err != nil {
		f.problem(field+".path", "%q is no path: begin it with /, and write %%XX for what a URL cannot hold", r.Path)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(r.Headers[name]) {
			f.problem(field+".headers."+name, "cannot be sent as a header: write a name such as X-Shop and a value of one line")
		}
	}
	if r.Expect.Status < 100 || r.Expect.Status > 599 {
		f.problem(field+".expect.status", "%d is no HTTP status: give 100 to 599", r.Expect.Status)
	}
}
