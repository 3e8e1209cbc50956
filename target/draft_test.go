package target

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	"go.yaml.in/yaml/v3"
)

const draftWorkload = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web:1
        readinessProbe: {httpGet: {path: '/up?full=1', port: 8080}}
        volumeMounts: [{name: conf, mountPath: /etc/web}]
      volumes: [{name: conf, configMap: {name: web-conf}}]
`

const draftService = `apiVersion: v1
kind: Service
metadata: {name: shop, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: metrics, port: 9090}, {name: http, port: 80, targetPort: 8080}]
`

const draftConfig = `apiVersion: v1
kind: ConfigMap
metadata: {name: web-conf, namespace: shop}
data: {web.ini: 'a=1'}
`

func drafted(files map[string]string, choice Choice) (Draft, error) {
	all := fstest.MapFS{}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return draft(all, "shop", choice)
}

func TestDraft(t *testing.T) {
	g := NewWithT(t)
	d, err := drafted(map[string]string{"web.yaml": draftWorkload + "---\n" + draftService, "conf map.yml": draftConfig, "values.yaml": "replicas: 3\n", "skaffold.yaml": "apiVersion: skaffold/v4\nkind: Config\n", "README.md": "",
		FileName: "left alone"}, Choice{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(d.LeftOut).To(Equal([]string{"skaffold.yaml: it holds no Kubernetes object", "values.yaml: it holds no Kubernetes object"}))
	g.Expect(string(d.Text)).To(And(
		ContainSubstring("  manifests: ['conf map.yml', web.yaml]\n"),
		ContainSubstring("  workload: {kind: Deployment, name: web, namespace: shop}\n"),
		ContainSubstring("  service: {name: shop, port: 80}\n"),
		ContainSubstring("path: '/up?full=1', expect: {status: 200}} # the path of the readiness probe"),
		ContainSubstring("# config: {configMap: web-conf, key: web.ini} # CHECK")))
	var target Target
	g.Expect(yaml.Unmarshal(d.Text, &target)).To(Succeed())
	g.Expect(target.Spec.Requests).To(HaveLen(1))
}

func TestDraftErrors(t *testing.T) {
	admin := "---\napiVersion: v1\nkind: Service\nmetadata: {name: admin, namespace: shop}\nspec: {selector: {app: web}, ports: [{port: 81}]}\n"
	for name, c := range map[string]struct {
		files  map[string]string
		choice Choice
		want   string
	}{
		"nothing":       {nil, Choice{}, "shop holds no manifests"},
		"a chart":       {map[string]string{"Chart.yaml": "apiVersion: v2\n"}, Choice{}, "render it with helm template"},
		"kustomization": {map[string]string{"kustomization.yaml": "apiVersion: x\n"}, Choice{}, "render it with kubectl kustomize"},
		"not YAML":      {map[string]string{"web.yaml": "apiVersion: [\n"}, Choice{}, "shop/web.yaml:1"},
		"no Service":    {map[string]string{"web.yaml": draftWorkload}, Choice{}, "shop: no Service selects"},
		"two Services":  {map[string]string{"web.yaml": draftWorkload + "---\n" + draftService + admin}, Choice{}, "choose with --workload and --service: Deployment/web behind Service shop; Deployment/web behind Service admin"},
		"two of all":    {map[string]string{"a.yaml": draftWorkload + "---\n" + draftService, "b.yaml": draftWorkload}, Choice{}, "Deployment/web behind Service shop stands twice (shop/a.yaml, shop/b.yaml)"},
		"not rendered":  {map[string]string{"web.yaml": strings.Replace(draftWorkload, "name: web,", "name: '${APP}',", 1) + "---\n" + draftService}, Choice{}, "render the manifests first"},
		"none chosen":   {map[string]string{"web.yaml": draftWorkload + "---\n" + draftService}, Choice{Service: "shp"}, "it has Deployment/web behind Service shop"},
	} {
		_, err := drafted(c.files, c.choice)
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(c.want)), name)
	}
	d, err := drafted(map[string]string{"web.yaml": draftWorkload + "---\n" + draftService + admin}, Choice{Service: "admin"})
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(string(d.Text)).To(ContainSubstring("{name: admin, port: 81}"))
}

// What is not certain is marked, and what is not said is found.
func TestDraftGuesses(t *testing.T) {
	text := func(service string) string {
		d, err := drafted(map[string]string{"web.yaml": draftWorkload + "---\n" + service}, Choice{})
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		return string(d.Text)
	}
	g := NewWithT(t)
	g.Expect(text(strings.ReplaceAll(draftService, "name: http,", "name: http-web,"))).To(ContainSubstring("port: 9090} # CHECK"))
	g.Expect(text(draftService)).NotTo(ContainSubstring("port: 80} # CHECK"))
	g.Expect(text(strings.ReplaceAll(draftService, "targetPort: 8080", "targetPort: 8081"))).To(ContainSubstring("path: /, expect"), "the probe asks another port")
	g.Expect(text(strings.ReplaceAll(draftService, ", namespace: shop", ""))).To(ContainSubstring("namespace: shop"))
	g.Expect(text(draftService + "---\n" + strings.ReplaceAll(strings.ReplaceAll(draftService, "name: shop,", "name: members,"), "spec:", "spec:\n  clusterIP: None"))).To(ContainSubstring("service: {name: shop, port: 80}"))
	g.Expect(plain("null")).To(Equal("'null'"))
	g.Expect(plain("80")).To(Equal("'80'"))
}

// For every service of the corpus, the draft names what its target file names.
func TestDraftOfTheCorpus(t *testing.T) {
	dirs, err := filepath.Glob("../cases/*/hagate.yaml")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	drafts := 0
	for _, path := range append(dirs, "nginx/hagate.yaml") {
		g, dir := NewWithT(t), filepath.Dir(path)
		want, err := Load(dir, nil)
		if err != nil {
			continue // lint refuses it
		}
		d, err := NewDraft(dir, Choice{Workload: want.Spec.Workload.Name, Service: want.Spec.Service.Name})
		g.Expect(err).NotTo(HaveOccurred())
		var got Target
		g.Expect(yaml.Unmarshal(d.Text, &got)).To(Succeed(), "%s", d.Text)
		got.setDefaults(&file{})
		g.Expect(got.Spec.Workload).To(Equal(want.Spec.Workload), dir)
		g.Expect(got.Spec.Service).To(Equal(want.Spec.Service), dir)
		g.Expect(got.Spec.Manifests).To(ConsistOf(want.Spec.Manifests), dir)
		drafts++
	}
	NewWithT(t).Expect(drafts).To(BeNumerically(">", 100))
}

func FuzzDraft(f *testing.F) {
	f.Add(draftWorkload + "---\n" + draftService + "---\n" + draftConfig)
	f.Add("apiVersion: v1\nkind: Service\n")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := drafted(map[string]string{"a.yaml": text}, Choice{})
		if err == nil && yaml.Unmarshal(d.Text, &Target{}) != nil {
			t.Errorf("no YAML: %s", d.Text)
		}
	})
}
