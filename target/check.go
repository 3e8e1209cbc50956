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

	"hagate/record"
)

const (
	deployment  = "Deployment"
	statefulSet = "StatefulSet"
)

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// repeatable are those of them that a client may send again by itself (RFC 9110, section
// 9.2.2).
var repeatable = []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions}

// Fields of the load that are spoken of in several places.
const (
	timeoutField     = "spec.load.timeout"
	connectionsField = "spec.load.connections"
	thinkTimeField   = "spec.load.thinkTime"
	retriesField     = "spec.load.retries"
)

func (t *Target) setDefaults(f *file) {
	if t.Spec.Workload.Namespace == "" {
		t.Spec.Workload.Namespace = "default"
	}
	t.namesRate = f.given("spec.load.rate")
	if !t.namesRate {
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
	f.checkClients(s)
	for _, scenario := range slices.Sorted(maps.Keys(s.SLO)) {
		field := "spec.slo." + scenario
		if scenarios != nil && !slices.Contains(scenarios, scenario) {
			f.problem(field, "no such scenario: write one of %s", strings.Join(scenarios, ", "))
		}
		f.checkSLO(field, s.SLO[scenario])
	}
}

// checkClients looks at how clients wait, what they keep and how they go on, where the file
// says so: at each by itself, and then at what they come to together.
func (f *file) checkClients(s Spec) {
	l, before := s.Load, len(f.findings)
	if f.given(timeoutField) && (l.Timeout < MinTimeout || l.Timeout > MaxTimeout) {
		f.problem(timeoutField, "%s is out of range: give 100ms to 60s", l.Timeout)
	}
	if f.given(connectionsField) && (l.Connections < 1 || l.Connections > MaxConnections) {
		f.problem(connectionsField, "%d is out of range: give 1 to %d kept-alive connections", l.Connections, MaxConnections)
	}
	if l.ThinkTime < 0 || l.ThinkTime > MaxThinkTime {
		f.problem(thinkTimeField, "%s is out of range: give 0s to 2m", l.ThinkTime)
	}
	switch {
	case l.Retries < 0 || l.Retries > MaxRetries:
		f.problem(retriesField, "%d is out of range: give 0 to %d", l.Retries, MaxRetries)
	case l.Retries > 0 && !slices.ContainsFunc(s.Requests, func(r Request) bool { return slices.Contains(repeatable, r.Method) }):
		f.problem(retriesField, "no request may be repeated: take it out, or ask with one of %s", strings.Join(repeatable, ", "))
	}
	if field, what, fix := l.misfit(); field != "" && len(f.findings) == before {
		f.problem(field, "%s: %s", what, fix)
	}
}

// misfit is the field that the others cannot be met with, what comes of them, and the fix;
// nothing where all fit.
func (l Traffic) misfit() (field, what, fix string) {
	thinking := record.Plan{Rate: l.Rate, ThinkTime: l.ThinkTime}.Thinking()
	switch waiting := float64(l.Rate) * l.Timeout.Seconds(); {
	case waiting > MaxWaiting:
		return timeoutField, fmt.Sprintf("%d requests/second for %s each are %.0f that wait at once on each stream where nobody answers", l.Rate, l.Timeout, waiting),
			fmt.Sprintf("lower it or the rate, to %d in all", MaxWaiting)
	case thinking > MaxThinking:
		return thinkTimeField, fmt.Sprintf("%d requests/second of clients that pause for %s leave %d connections idle at once on each kept-alive stream", l.Rate, l.ThinkTime, thinking),
			fmt.Sprintf("lower it or the rate, to %d in all", MaxThinking)
	case l.Connections > 0 && l.Connections <= thinking:
		return connectionsField, fmt.Sprintf("%d are too few, for %d requests/second of clients that pause for %s leave %d idle at once", l.Connections, l.Rate, l.ThinkTime, thinking),
			fmt.Sprintf("give %d or more, or lower thinkTime or the rate", thinking+1)
	}
	return "", "", ""
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
