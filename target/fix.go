package target

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	kyaml "sigs.k8s.io/yaml"
)

// Patch is a change of one of the target's manifests.
type Patch struct {
	Object string // workload, service, or pdb for all budgets that cover the workload
	Merge  string // strategic merge patch, in YAML
}

// Fix copies the target in dir into the folder to, which must not exist, and applies the
// patches to the copy's manifests. It returns the files that it changed, by their names in
// the target. Nothing in dir changes. A patch that fits no manifest is an error.
func Fix(dir, to string, scenarios []string, patches []Patch) (changed []string, err error) {
	t, err := Load(dir, scenarios)
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		return nil, fmt.Errorf("copying %s: %w", dir, err)
	}
	fits := make([]bool, len(patches))
	for _, name := range t.Spec.Manifests {
		path := filepath.Join(to, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading the copy of %s: %w", name, err)
		}
		var docs []string
		patched := false
		for i, d := range documents(text) {
			doc := strings.TrimLeft(string(d.text), "\n")
			for n, p := range patches {
				if !t.about(p.Object, filepath.Join(dir, name), i) {
					continue
				}
				if doc, err = p.apply(doc); err != nil {
					return nil, fmt.Errorf("changing %s, line %d: %w", name, d.line, err)
				}
				fits[n], patched = true, true
			}
			docs = append(docs, doc)
		}
		if !patched {
			continue
		}
		if err := os.WriteFile(path, []byte(strings.Join(docs, "---\n")), 0o644); err != nil {
			return nil, fmt.Errorf("writing the copy of %s: %w", name, err)
		}
		changed = append(changed, name)
	}
	for n, fit := range fits {
		if !fit {
			return nil, fmt.Errorf("the target has no manifest of its %s to change", patches[n].Object)
		}
	}
	return changed, nil
}

// about says whether the manifest with an index in a file is an object that a patch means.
func (t *Target) about(object, file string, index int) bool {
	var in []manifest
	for _, m := range t.manifests {
		if m.file == file {
			in = append(in, m)
		}
	}
	if index >= len(in) {
		return false
	}
	m, w := in[index], t.Spec.Workload
	if t.namespace(m) != w.Namespace {
		return false
	}
	switch object {
	case "workload":
		return m.GetKind() == w.Kind && m.GetName() == w.Name
	case "service":
		return m.GetKind() == "Service" && m.GetName() == t.Spec.Service.Name
	case "pdb":
		var b policyv1.PodDisruptionBudget
		pods, err := t.podLabels()
		if m.GetKind() != "PodDisruptionBudget" || err != nil || m.into(&b) != nil {
			return false
		}
		selector, err := metav1.LabelSelectorAsSelector(b.Spec.Selector)
		return err == nil && selector.Matches(labels.Set(pods))
	}
	return false
}

// patchKinds are the types whose merge keys a patch goes by.
var patchKinds = map[string]any{
	deployment: appsv1.Deployment{}, statefulSet: appsv1.StatefulSet{}, "Service": corev1.Service{}, "PodDisruptionBudget": policyv1.PodDisruptionBudget{},
}

func (p Patch) apply(doc string) (string, error) {
	before, err := kyaml.YAMLToJSON([]byte(doc))
	if err != nil {
		return "", err
	}
	var kind metav1.TypeMeta
	if err := kyaml.Unmarshal([]byte(doc), &kind); err != nil {
		return "", err
	}
	merge, err := kyaml.YAMLToJSON([]byte(p.Merge))
	if err != nil {
		return "", fmt.Errorf("the change is no YAML: %w", err)
	}
	after, err := strategicpatch.StrategicMergePatch(before, merge, patchKinds[kind.Kind])
	if err != nil {
		return "", err
	}
	text, err := kyaml.JSONToYAML(after)
	return string(text), err
}

// Unique is patches, each once.
func Unique(patches []Patch) (unique []Patch) {
	for _, p := range patches {
		if !slices.Contains(unique, p) {
			unique = append(unique, p)
		}
	}
	return unique
}
