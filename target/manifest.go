package target

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	kyaml "sigs.k8s.io/yaml"
)

// manifest is one object of the target's manifests, and where it stands.
type manifest struct {
	*unstructured.Unstructured
	file string // as messages name it
	node *yaml.Node
}

func (t *Target) readManifests(f *file, files fs.FS) {
	if len(t.Spec.Manifests) == 0 {
		f.problem("spec.manifests", "no manifest is named: list the files of the workload and its Service")
	}
	for i, name := range t.Spec.Manifests {
		field := fmt.Sprintf("spec.manifests[%d]", i)
		text, err := readInside(files, name)
		switch {
		case slices.Contains(t.Spec.Manifests[:i], name):
			f.problem(field, "%s is listed twice: take one out", name)
		case errors.Is(err, errOutside):
			f.problem(field, "%s: %v: move the file beside %s", name, err, FileName)
		case err != nil:
			f.problem(field, "%s: %v: mend the name, or put the file there", name, cause(err))
		default:
			t.manifests = append(t.manifests, f.objects(filepath.Join(f.dir, name), text)...)
		}
	}
}

var errOutside = errors.New("outside the target's folder")

func readInside(files fs.FS, name string) ([]byte, error) {
	if !filepath.IsLocal(name) {
		return nil, errOutside
	}
	text, err := fs.ReadFile(files, path.Clean(filepath.ToSlash(name)))
	if err != nil && strings.Contains(err.Error(), "escapes") { // a link; package os exports no error for it
		return nil, errOutside
	}
	return text, err
}

// objects reads every object of a manifest file.
func (f *file) objects(name string, text []byte) []manifest {
	var found []manifest
	for _, d := range documents(text) {
		var doc yaml.Node
		if err := yaml.Unmarshal(d.text, &doc); err != nil {
			f.syntax(name, err)
			continue
		}
		m := manifest{file: name, node: doc.Content[0]}
		asJSON, err := kyaml.YAMLToJSONStrict(d.text)
		if err != nil {
			f.syntax(name, err)
			continue
		}
		obj, _, err := unstructured.UnstructuredJSONScheme.Decode(asJSON, nil, nil)
		if err != nil {
			f.problemAt(name, m.line(), "", "no Kubernetes object (%v): give it apiVersion, kind and metadata.name", err)
			continue
		}
		u, ok := obj.(*unstructured.Unstructured)
		if !ok {
			f.problemAt(name, m.line("kind"), "kind", "a list: write its items as documents of their own, with --- between them")
			continue
		}
		m.Unstructured = u
		if u.GetAPIVersion() == "" || u.GetName() == "" {
			f.problemAt(name, m.line("metadata"), "", "%s without apiVersion or metadata.name: give it both", u.GetKind())
			continue
		}
		found = append(found, m)
	}
	return found
}

// line is where the field that keys lead to stands, or the nearest one around it.
func (m manifest) line(keys ...string) int {
	n, line := m.node, m.node.Line
	for _, key := range keys {
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		i := -1
		switch n.Kind {
		case yaml.MappingNode: // a name, its value, a name, its value, …
			for j := 0; j+1 < len(n.Content); j += 2 {
				if n.Content[j].Value == key {
					i = j + 1
				}
			}
		case yaml.SequenceNode:
			if j, err := strconv.Atoi(key); err == nil && j < len(n.Content) {
				i = j
			}
		}
		if i < 0 {
			return line
		}
		if line = n.Content[i].Line; n.Kind == yaml.MappingNode {
			line = n.Content[i-1].Line
		}
		n = n.Content[i]
	}
	return line
}

// finding is one about the field at path.
func (m manifest) finding(severity Severity, path []string) Finding {
	o := Object{Kind: m.GetKind(), Namespace: m.GetNamespace(), Name: m.GetName()}
	return Finding{Severity: severity, File: m.file, Line: m.line(path...), Object: o.String(), Field: field(path)}
}

// into converts the object to a type of the Kubernetes API.
func (m manifest) into(typed any) error {
	return runtime.DefaultUnstructuredConverter.FromUnstructured(m.Object, typed)
}

// document is one YAML document of a file. Its text keeps its line numbers.
type document struct {
	text []byte
	line int
}

// documents splits a file at its --- lines and drops what holds comments alone.
func documents(text []byte) []document {
	var docs []document
	current := document{line: 1}
	holds := false
	end := func() {
		if holds {
			docs = append(docs, current)
		}
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if rest, ok := strings.CutPrefix(line, "---"); ok && strings.TrimLeft(rest, " \t\r\n") != rest || line == "---" {
			end()
			current, holds = document{text: []byte(strings.Repeat("\n", n-1)), line: n}, false
			line = "   " + rest
		}
		if bare := strings.TrimSpace(line); bare != "" && !strings.HasPrefix(bare, "#") {
			holds = true
		}
		current.text = append(current.text, line...)
	}
	end()
	return docs
}
