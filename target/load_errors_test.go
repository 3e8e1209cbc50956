package target

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestLoadRefusesWhatCannotBeJudged(t *testing.T) {
	hpa := func(least, most int) string {
		return fmt.Sprintf(`---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: %d
  maxReplicas: %d
`, least, most)
	}
	for name, c := range map[string]struct {
		edit edit
		want string // nothing: it is taken
	}{
		"autoscaler":                 {edit{"service.yaml", "  - {port: 80}\n", "  - {port: 80}\n" + hpa(2, 8)}, "spec.maxReplicas: the autoscaler may change the replicas of Deployment shop/web (2 to 8)"},
		"autoscaler of one size":     {edit{"service.yaml", "  - {port: 80}\n", "  - {port: 80}\n" + hpa(2, 2)}, ""},
		"autoscaler of another size": {edit{"service.yaml", "  - {port: 80}\n", "  - {port: 80}\n" + hpa(3, 3)}, "pin 3 replicas by spec.replicas (shop/web.yaml:7) and by minReplicas and maxReplicas (shop/service.yaml:16)"},
		"autoscaler of one":          {edit{"service.yaml", "  - {port: 80}\n", "  - {port: 80}\n" + hpa(1, 1)}, "pin 2 replicas by"},
		"autoscaler of another":      {edit{"service.yaml", "  - {port: 80}\n", "  - {port: 80}\n" + strings.Replace(hpa(2, 8), "name: web}\n  min", "name: db}\n  min", 1)}, ""},
		"affinity":                   {edit{"service.yaml", "  selector:", "  sessionAffinity: ClientIP\n  selector:"}, "shop/service.yaml:5: spec.sessionAffinity: ClientIP: each load agent is one client"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			edits := []edit{c.edit}
			if strings.Contains(c.edit.new, "autoscaling") { // the last thing in its file
				edits = append([]edit{{"service.yaml", "  - {port: 53, protocol: UDP}\n", ""}}, edits...)
			}
			_, err := load(files(t, edits...), "shop", scenarios)
			if c.want == "" {
				g.Expect(err).NotTo(HaveOccurred())
			} else {
				g.Expect(err).To(MatchError(ContainSubstring(c.want)))
			}
		})
	}
}

// Each edit makes one defect of the target file, and each error says where and how to
// mend it. That the unedited file holds is TestLoad.
func TestLoadNamesWhatIsWrongInTheTargetFile(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"empty":              {goodFile, "# nothing\n", `shop/hagate.yaml:1: the file is empty: begin with apiVersion: hagate/v1alpha1 and kind: Target`},
		"syntax":             {"metadata: {name: shop}", "metadata: {name: shop", `shop/hagate.yaml:2: not YAML that can be read: did not find expected ',' or '}': mend this line or the one beside it`},
		"second document":    {"kind: Target", "kind: Target\n---\nkind: Target", `shop/hagate.yaml:3: a second document: keep one target in a file`},
		"apiVersion":         {"v1alpha1", "v2", `shop/hagate.yaml:1: apiVersion: "hagate/v2" is not known: write hagate/v1alpha1`},
		"kind":               {"kind: Target", "kind: Service", `shop/hagate.yaml:2: kind: "Service" is not known: write Target`},
		"no name":            {"metadata: {name: shop}", "metadata: {}", `shop/hagate.yaml:3: metadata.name: "" cannot be used: write up to 63 of a-z, 0-9 and -, such as shop`},
		"bad name":           {"{name: shop}", "{name: My Shop}", `shop/hagate.yaml:3: metadata.name: "My Shop" cannot be used: write up to 63 of a-z, 0-9 and -, such as shop`},
		"unknown, close":     {"  podHeader:", "  podheader:", `shop/hagate.yaml:17: spec.podheader: no such field: did you mean podHeader?`},
		"unknown, nested":    {"{rate: 100}", "{rate: 100, duration: 5s}", `shop/hagate.yaml:18: spec.load.duration: no such field: use one of rate, timeout, connections, thinkTime, retries`},
		"unknown, far":       {"  podHeader:", "  timeout:", `shop/hagate.yaml:17: spec.timeout: no such field: use one of manifests, workload, service, requests, podHeader, config, data, load, slo`},
		"unknown in slo":     {"maxFailed:", "maxFail:", `shop/hagate.yaml:21: spec.slo.pod-kill.maxFail: no such field: did you mean maxFailed?`},
		"given twice":        {"    name: web\n", "    name: web\n    name: api\n", `shop/hagate.yaml:9: spec.workload.name: given a second time: keep this one or that of line 8`},
		"scalar for fields":  {"{rate: 100}", "100", `shop/hagate.yaml:18: spec.load: should hold fields: write one ` + "`name: value`" + ` a line, indented below it`},
		"scalar for list":    {"[web.yaml, service.yaml]", "web.yaml", `shop/hagate.yaml:5: spec.manifests: should be a list: write one ` + "`- `" + ` a line`},
		"list for scalar":    {"X-Pod", "[X-Pod]", `shop/hagate.yaml:17: spec.podHeader: should be a single value: give it one or take the field out`},
		"nothing for scalar": {"{rate: 100}", "{rate: }", `shop/hagate.yaml:18: spec.load.rate: should be a single value: give it one or take the field out`},
		"no whole number":    {"{rate: 100}", "{rate: 1.5}", `shop/hagate.yaml:18: spec.load.rate: "1.5" is no whole number: write it in digits alone`},
		"duration":           {"3s", "3", `shop/hagate.yaml:22: spec.slo.pod-kill.maxOutage: "3" is no duration: write a number and its unit, such as 500ms, 3s or 2m`},
		"negative duration":  {"3s", "-3s", `shop/hagate.yaml:22: spec.slo.pod-kill.maxOutage: -3s is below 0: give 0 or more`},
		"negative count":     {"maxFailed: 50", "maxFailed: -1", `shop/hagate.yaml:21: spec.slo.pod-kill.maxFailed: -1 is below 0: give 0 or more`},
		"no recovery":        {"maxFailed: 50", "maxRecovery: 0s", `shop/hagate.yaml:21: spec.slo.pod-kill.maxRecovery: 0s leaves no time to recover in: give more, such as 3m`},
		"scenario":           {"pod-kill:", "pod-explode:", `shop/hagate.yaml:20: spec.slo.pod-explode: no such scenario: write one of pod-delete, pod-kill, node-drain, node-down, drain-blocked, node-full, kube-scheduler-down, kube-controller-manager-down, steady`},
		"no manifests":       {"[web.yaml, service.yaml]", "[]", `shop/hagate.yaml:5: spec.manifests: no manifest is named: list the files of the workload and its Service`},
		"missing manifest":   {"[web.yaml,", "[wep.yaml,", `shop/hagate.yaml:5: spec.manifests[0]: wep.yaml: file does not exist: mend the name, or put the file there`},
		"manifest outside":   {"[web.yaml,", "[../web.yaml,", `shop/hagate.yaml:5: spec.manifests[0]: ../web.yaml: outside the target's folder: move the file beside hagate.yaml`},
		"manifest absolute":  {"[web.yaml,", "[/web.yaml,", `shop/hagate.yaml:5: spec.manifests[0]: /web.yaml: outside the target's folder: move the file beside hagate.yaml`},
		"manifest twice":     {"service.yaml]", "service.yaml, web.yaml]", `shop/hagate.yaml:5: spec.manifests[2]: web.yaml is listed twice: take one out`},
		"workload kind":      {"kind: Deployment", "kind: DaemonSet", `shop/hagate.yaml:7: spec.workload.kind: "DaemonSet" cannot be tested: name a Deployment or a StatefulSet`},
		"no workload name":   {"    name: web\n", "", `shop/hagate.yaml:6: spec.workload.name: missing: name the Deployment in the manifests`},
		"namespace":          {"namespace: shop", "namespace: Shop", `shop/hagate.yaml:9: spec.workload.namespace: "Shop" cannot be used: write up to 63 of a-z, 0-9 and -, such as shop`},
		"no service":         {"  service: {name: web, port: 80}\n", "", "shop/hagate.yaml:4: spec.service.name: missing: name the Service in the manifests\nshop/hagate.yaml:4: spec.service.port: 0 is no port: give the Service's own port, 1 to 65535"},
		"port":               {"port: 80}", "port: 70000}", `shop/hagate.yaml:10: spec.service.port: 70000 is no port: give the Service's own port, 1 to 65535`},
		"method":             {"POST", "post", `shop/hagate.yaml:12: spec.requests[0].method: "post" is not known: did you mean POST?`},
		"method, far":        {"POST", "FETCHALL", `shop/hagate.yaml:12: spec.requests[0].method: "FETCHALL" is not known: use one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS`},
		"path":               {"/buy?id=1", "buy", `shop/hagate.yaml:13: spec.requests[0].path: "buy" is no path: begin it with /, and write %XX for what a URL cannot hold`},
		"path no URL":        {"/buy?id=1", "/%zz", `shop/hagate.yaml:13: spec.requests[0].path: "/%zz" is no path: begin it with /, and write %XX for what a URL cannot hold`},
		"header":             {"X-Shop: a", "X Shop: a", `shop/hagate.yaml:14: spec.requests[0].headers.X Shop: cannot be sent as a header: write a name such as X-Shop and a value of one line`},
		"status low":         {"201", "99", `shop/hagate.yaml:16: spec.requests[0].expect.status: 99 is no HTTP status: give 100 to 599`},
		"status high":        {"201", "600", `shop/hagate.yaml:16: spec.requests[0].expect.status: 600 is no HTTP status: give 100 to 599`},
		"status zero":        {"201", "0", `shop/hagate.yaml:16: spec.requests[0].expect.status: 0 is no HTTP status: give 100 to 599`},
		"pod header":         {"X-Pod", "X Pod", `shop/hagate.yaml:17: spec.podHeader: "X Pod" is no header name: write one such as X-Pod`},
		"rate zero":          {"rate: 100", "rate: 0", `shop/hagate.yaml:18: spec.load.rate: 0 is out of range: give 1 to 2000 requests/second`},
		"timeout short":      {"rate: 100", "timeout: 99ms", `shop/hagate.yaml:18: spec.load.timeout: 99ms is out of range: give 100ms to 60s`},
		"timeout long":       {"rate: 100", "timeout: 61s", `shop/hagate.yaml:18: spec.load.timeout: 1m1s is out of range: give 100ms to 60s`},
		"timeout zero":       {"rate: 100", "timeout: 0s", `shop/hagate.yaml:18: spec.load.timeout: 0s is out of range: give 100ms to 60s`},
		"timeout, no unit":   {"rate: 100", "timeout: 10", `shop/hagate.yaml:18: spec.load.timeout: "10" is no duration: write a number and its unit, such as 500ms, 3s or 2m`},
		"too many wait":      {"rate: 100", "rate: 2000, timeout: 11s", `shop/hagate.yaml:18: spec.load.timeout: 2000 requests/second for 11s each are 22000 that wait at once on each stream where nobody answers: lower it or the rate, to 20000 in all`},
		"connections zero":   {"rate: 100", "connections: 0", `shop/hagate.yaml:18: spec.load.connections: 0 is out of range: give 1 to 1000 kept-alive connections`},
		"connections many":   {"rate: 100", "connections: 1001", `shop/hagate.yaml:18: spec.load.connections: 1001 is out of range: give 1 to 1000 kept-alive connections`},
		"connections, half":  {"rate: 100", "connections: 1.5", `shop/hagate.yaml:18: spec.load.connections: "1.5" is no whole number: write it in digits alone`},
		"think, negative":    {"rate: 100", "thinkTime: -1s", `shop/hagate.yaml:18: spec.load.thinkTime: -1s is out of range: give 0s to 2m`},
		"think, long":        {"rate: 100", "rate: 1, thinkTime: 121s", `shop/hagate.yaml:18: spec.load.thinkTime: 2m1s is out of range: give 0s to 2m`},
		"think, no unit":     {"rate: 100", "thinkTime: 5", `shop/hagate.yaml:18: spec.load.thinkTime: "5" is no duration: write a number and its unit, such as 500ms, 3s or 2m`},
		"too many think":     {"rate: 100", "thinkTime: 5s", `shop/hagate.yaml:18: spec.load.thinkTime: 200 requests/second of clients that pause for 5s leave 1000 connections idle at once on each kept-alive stream: lower it or the rate, to 900 in all`},
		"many think, kept":   {"rate: 100", "thinkTime: 5s, connections: 1000", `shop/hagate.yaml:18: spec.load.thinkTime: 200 requests/second of clients that pause for 5s leave 1000 connections idle at once on each kept-alive stream: lower it or the rate, to 900 in all`},
		"too few for them":   {"rate: 100", "connections: 200, thinkTime: 1s", `shop/hagate.yaml:18: spec.load.connections: 200 are too few, for 200 requests/second of clients that pause for 1s leave 200 idle at once: give 201 or more, or lower thinkTime or the rate`},
		"retries many":       {"rate: 100", "retries: 6", `shop/hagate.yaml:18: spec.load.retries: 6 is out of range: give 0 to 5`},
		"retries negative":   {"rate: 100", "retries: -1", `shop/hagate.yaml:18: spec.load.retries: -1 is out of range: give 0 to 5`},
		"retries of a POST":  {"rate: 100", "retries: 1", `shop/hagate.yaml:18: spec.load.retries: no request may be repeated: take it out, or ask with one of GET, HEAD, PUT, DELETE, OPTIONS`},
		"rate high":          {"rate: 100", "rate: 2001", `shop/hagate.yaml:18: spec.load.rate: 2001 is out of range: give 1 to 2000 requests/second`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(files(t, edit{FileName, c.old, c.new}), "shop", scenarios)
			NewWithT(t).Expect(err).To(MatchError(c.want))
		})
	}
}

func TestLoadTakesTheEdgesOfRanges(t *testing.T) {
	for _, e := range []edit{
		{FileName, "rate: 100", "rate: 1"}, {FileName, "rate: 100", "rate: 2000"},
		{FileName, "rate: 100", "timeout: 100ms"}, {FileName, "rate: 100", "timeout: 60s"}, {FileName, "rate: 100", "rate: 2000, timeout: 10s"},
		{FileName, "rate: 100", "connections: 1"}, {FileName, "rate: 100", "connections: 1000"},
		{FileName, "rate: 100", "thinkTime: 0s"}, {FileName, "rate: 100", "rate: 7, thinkTime: 2m"}, {FileName, "rate: 100", "rate: 450, thinkTime: 2s"},
		{FileName, "rate: 100", "connections: 201, thinkTime: 1s"}, {FileName, "rate: 100", "connections: 1, thinkTime: 1ms"}, {FileName, "rate: 100", "retries: 0"},
		{FileName, "status: 201", "status: 100"}, {FileName, "status: 201", "status: 599"},
		{FileName, "maxFailed: 50", "maxFailed: 0"}, {FileName, "maxOutage: 3s", "maxOutage: 0s"},
		{FileName, "[web.yaml, service.yaml]", "[./web.yaml, service.yaml]"},
		{FileName, "kind: Target\n", "kind: Target # ---\n"},
		{FileName, "apiVersion:", "# a target\n---\napiVersion:"},
	} {
		good(t, e)
	}
}

// Some of what is asked for may be repeated: that is enough.
func TestLoadTakesRetries(t *testing.T) {
	for _, retries := range []string{"retries: 1", "retries: 5"} {
		for _, method := range repeatable {
			good(t, edit{FileName, "rate: 100", retries}, edit{FileName, "method: POST", "method: " + method})
		}
		good(t, edit{FileName, "rate: 100", retries}, edit{FileName, "  requests:\n", "  requests:\n  - {path: /}\n"})
	}
}

// A rate that comes from elsewhere is held to the same.
func TestSetRate(t *testing.T) {
	g := NewWithT(t)
	got := good(t, edit{FileName, "rate: 100", "rate: 100, thinkTime: 2s, timeout: 30s"})
	g.Expect(got.SetRate(450)).To(Succeed())
	g.Expect(got.Spec.Load.Rate).To(Equal(450))
	g.Expect(got.SetRate(451)).To(MatchError("spec.load.thinkTime: 451 requests/second of clients that pause for 2s leave 902 connections idle at once on each kept-alive stream: lower it or the rate, to 900 in all"))
	g.Expect(got.SetRate(700)).To(MatchError(HavePrefix("spec.load.timeout: 700 requests/second for 30s each are 21000 that wait at once")))
	got = good(t, edit{FileName, "rate: 100", "rate: 100, thinkTime: 1s, connections: 150"})
	g.Expect(got.SetRate(150)).To(MatchError(HavePrefix("spec.load.connections: 150 are too few")))
	g.Expect(got.SetRate(149)).To(Succeed())
}

func TestLoadNamesAllFaultsAtOnce(t *testing.T) {
	_, err := load(files(t, edit{FileName, "rate: 100", "rate: 0"}, edit{FileName, "POST", "post"}, edit{"service.yaml", "kind: Service", "kind Service"}), "shop", scenarios)
	NewWithT(t).Expect(err).To(MatchError(`shop/hagate.yaml:12: spec.requests[0].method: "post" is not known: did you mean POST?
shop/hagate.yaml:18: spec.load.rate: 0 is out of range: give 1 to 2000 requests/second
shop/service.yaml:2: not YAML that can be read: could not find expected ':': mend this line or the one beside it`))
}
