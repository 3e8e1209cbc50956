package target

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A change goes into a copy: of a file's documents the one that it is about, and nothing of
// the target itself.
func TestFix(t *testing.T) {
	dir, to := t.TempDir(), filepath.Join(t.TempDir(), "fixed")
	files := map[string]string{
		FileName:   "apiVersion: hagate/v1alpha1\nkind: Target\nmetadata: {name: shop}\nspec:\n  manifests: [all.yaml, pdb.yaml]\n  workload: {kind: Deployment, name: web, namespace: shop}\n  service: {name: web, port: 80}\n",
		"all.yaml": "# the service\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: web}\n  ports: [{port: 80, targetPort: 8080}]\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      - {name: side, image: b}\n      - {name: web, image: a, ports: [{containerPort: 8080}]}\n",
		"pdb.yaml": "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec:\n  minAvailable: 3\n  selector: {matchLabels: {app: web}}\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	changed, err := Fix(dir, to, nil, []Patch{
		{"workload", "spec:\n  template:\n    spec:\n      containers:\n      - name: web\n        lifecycle:\n          preStop:\n            sleep: {seconds: 5}\n"},
		{"pdb", "spec:\n  minAvailable: 2\n"},
	})
	if err != nil || strings.Join(changed, " ") != "all.yaml pdb.yaml" {
		t.Fatalf("%v, %v", changed, err)
	}
	for name, text := range files {
		if now, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(now) != text {
			t.Errorf("the target's own %s is changed: %v\n%s", name, err, now)
		}
	}
	fixed, err := Load(to, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := fixed.find("apps/v1", "Deployment", "web")
	_, pods, err := m.template()
	if err != nil || len(pods.Spec.Containers) != 2 || pods.Spec.Containers[1].Lifecycle.PreStop.Sleep.Seconds != 5 || pods.Spec.Containers[0].Lifecycle != nil {
		t.Errorf("%v: %+v", err, pods.Spec.Containers)
	}
	if text, err := os.ReadFile(filepath.Join(to, "pdb.yaml")); err != nil || !strings.Contains(string(text), "minAvailable: 2") {
		t.Errorf("%v\n%s", err, text)
	}
	if text, _ := os.ReadFile(filepath.Join(to, "all.yaml")); !strings.Contains(string(text), "ports: [{port: 80, targetPort: 8080}]") {
		t.Errorf("the Service was not to change:\n%s", text)
	}
	if _, err := Fix(dir, filepath.Join(t.TempDir(), "other"), nil, []Patch{{"ingress", "spec: {}"}}); err == nil || !strings.Contains(err.Error(), "no manifest of its ingress") {
		t.Errorf("a patch of what is not there: %v", err)
	}
}
