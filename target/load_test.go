package target

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	. "github.com/onsi/gomega"
)

var scenarios = []string{"pod-delete", "pod-kill", "node-drain", "node-down", "drain-blocked", "node-full", "kube-scheduler-down", "kube-controller-manager-down", "steady"}

// A target that holds; line numbers matter to the tests.
const (
	goodFile = `apiVersion: hagate/v1alpha1
kind: Target
metadata: {name: shop}
spec:
  manifests: [web.yaml, service.yaml]
  workload:
    kind: Deployment
    name: web
    namespace: shop
  service: {name: web, port: 80}
  requests:
  - method: POST
    path: /buy?id=1
    headers: {X-Shop: a}
    body: hello
    expect: {status: 201}
  podHeader: X-Pod
  load: {rate: 100}
  slo:
    pod-kill:
      maxFailed: 50
      maxOutage: 3s
`
	goodWorkload = `# the shop
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      initContainers:
      - {name: init, image: "example/init:1"}
      containers:
      - {name: web, image: "example/web:1"}
      - {name: side, image: "example/init:1"}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
`
	goodService = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector:
    app: web
  ports:
  - {port: 80}
  - {port: 53, protocol: UDP}
`
)

// edit is a change to one of the good target's files.
type edit struct{ file, old, new string }

func files(t *testing.T, edits ...edit) fstest.MapFS {
	t.Helper()
	texts := map[string]string{FileName: goodFile, "web.yaml": goodWorkload, "service.yaml": goodService}
	for _, e := range edits {
		if !strings.Contains(texts[e.file], e.old) {
			t.Fatalf("%s has no %q to replace", e.file, e.old)
		}
		texts[e.file] = strings.Replace(texts[e.file], e.old, e.new, 1)
	}
	m := fstest.MapFS{}
	for name, text := range texts {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func good(t *testing.T, edits ...edit) *Target {
	t.Helper()
	got, err := load(files(t, edits...), "shop", scenarios)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestLoad(t *testing.T) {
	g := NewWithT(t)
	got := good(t)
	g.Expect(got.Metadata.Name).To(Equal("shop"))
	g.Expect(got.Spec).To(Equal(Spec{
		Manifests: []string{"web.yaml", "service.yaml"},
		Workload:  Workload{Kind: "Deployment", Name: "web", Namespace: "shop"},
		Service:   Service{Name: "web", Port: 80},
		Requests: []Request{{Method: http.MethodPost, Path: "/buy?id=1", Headers: map[string]string{"X-Shop": "a"},
			Body: "hello", Expect: Answer{Status: 201}}},
		PodHeader: "X-Pod",
		Load:      Traffic{Rate: 100},
		SLO:       map[string]SLO{"pod-kill": {MaxFailed: new(50), MaxOutage: new(3 * time.Second)}},
	}))
	g.Expect(got.Images()).To(Equal([]string{"example/init:1", "example/web:1"}))
}

func TestLoadFillsInDefaults(t *testing.T) {
	g := NewWithT(t)
	requests := goodFile[strings.Index(goodFile, "  requests:"):]
	got := good(t, edit{FileName, requests, "  slo: {}\n"}, edit{FileName, "    namespace: shop\n", ""},
		edit{"web.yaml", ", namespace: shop", ""}, edit{"service.yaml", ", namespace: shop", ""})
	g.Expect(got.Spec.Requests).To(Equal([]Request{{Method: http.MethodGet, Path: "/", Expect: Answer{Status: 200}}}))
	g.Expect(got.Spec.Load).To(Equal(Traffic{Rate: DefaultRate}), "the load has defaults for the rest")
	g.Expect(got.Spec.Workload.Namespace).To(Equal("default"))

	got = good(t, edit{FileName, "method: POST\n    path: /buy?id=1\n", "body: x\n"}, edit{FileName, "    expect: {status: 201}\n", ""}, edit{FileName, "    body: hello\n", ""})
	g.Expect(got.Spec.Requests[0]).To(And(HaveField("Method", "GET"), HaveField("Path", "/"), HaveField("Expect.Status", 200)))
}

func TestManifestsWithoutNamespaceAreInTheWorkloads(t *testing.T) {
	got := good(t, edit{"web.yaml", ", namespace: shop", ""}, edit{"service.yaml", ", namespace: shop", ""})
	NewWithT(t).Expect(got.Spec.Workload.Namespace).To(Equal("shop"))
}

func TestLoadFromDisk(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	_, err := Load(filepath.Join(dir, "none"), scenarios)
	g.Expect(err).To(MatchError(And(ContainSubstring("opening the target's folder"), ContainSubstring("none"))))
	_, err = Load(dir, scenarios)
	g.Expect(err).To(MatchError(ContainSubstring(filepath.Join(dir, FileName) + ": no such file or directory: put one")))

	for name, file := range files(t) {
		g.Expect(os.WriteFile(filepath.Join(dir, name), file.Data, 0o600)).To(Succeed())
	}
	got, err := Load(dir, scenarios)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got.Metadata.Name).To(Equal("shop"))

	outside := filepath.Join(t.TempDir(), "service.yaml")
	g.Expect(os.Rename(filepath.Join(dir, "service.yaml"), outside)).To(Succeed())
	g.Expect(os.Symlink(outside, filepath.Join(dir, "service.yaml"))).To(Succeed())
	_, err = Load(dir, scenarios)
	g.Expect(err).To(MatchError(ContainSubstring("spec.manifests[1]: service.yaml: outside the target's folder")), "a link out of the folder")
}
