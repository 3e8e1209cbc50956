package target

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"go.yaml.in/yaml/v3"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"
)

//go:embed draft.yaml.tmpl
var draftText string

var draftTemplate = template.Must(template.New("hagate.yaml").Funcs(template.FuncMap{
	"plain": plain,
	"name":  func(s string) string { return plain(strings.ReplaceAll(s, ".", "-")) },
}).Parse(draftText))

// Draft is a target file that was made from manifests.
type Draft struct {
	Text    []byte
	LeftOut []string // files of the folder that it does not name, each with the reason
}

// Choice picks a workload and a Service by name, where there are several; empty ones are
// found.
type Choice struct{ Workload, Service string }

// NewDraft makes a target file for the manifests in dir: for the Deployment or StatefulSet
// whose Pods a Service of theirs selects. It is an error where there is none, or more than
// one that choice allows.
func NewDraft(dir string, choice Choice) (Draft, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Draft{}, fmt.Errorf("opening the manifests' folder: %w", err)
	}
	defer root.Close()
	return draft(root.FS(), dir, choice)
}

func draft(files fs.FS, dir string, choice Choice) (d Draft, err error) {
	f, t := &file{dir: dir, name: FileName, rule: ruleManifest}, &Target{}
	names, err := t.manifestFiles(f, files, &d)
	if err != nil {
		return d, err
	}
	served, err := t.choose(dir, choice)
	if err != nil {
		return d, err
	}
	t.Spec.Workload = Workload{Kind: served.workload.GetKind(), Name: served.workload.GetName(), Namespace: cmp.Or(served.workload.GetNamespace(), served.service.Namespace)}
	for what, name := range map[string]string{"workload": t.Spec.Workload.Name, "Service": served.service.Name} {
		if problems := validation.IsDNS1123Subdomain(name); len(problems) > 0 {
			return d, fmt.Errorf("%s: the name %q of the %s is none that Kubernetes takes: render the manifests first", dir, name, what)
		}
	}
	path, probed := served.path()
	port, certain := served.port()
	var text bytes.Buffer
	err = draftTemplate.Execute(&text, map[string]any{
		"Workload": t.Spec.Workload, "Service": Service{served.service.Name, port}, "Certain": certain, "Files": names,
		"Path": path, "Probed": probed, "Configs": t.configs(served.template.Spec), "Rate": DefaultRate,
	})
	if err != nil {
		return d, fmt.Errorf("writing a target file: %w", err)
	}
	d.Text = text.Bytes()
	return d, nil
}

// plain is a string as a value in a flow of YAML.
func plain(s string) string {
	var value any
	if yaml.Unmarshal([]byte(s), &value) != nil || value != any(s) || strings.ContainsAny(s, "{}[],&*#?|<>=!%@:\\\"' ") {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return s
}

// manifestFiles reads the YAML files at the top of files into t, and names those that hold
// objects.
func (t *Target) manifestFiles(f *file, files fs.FS, d *Draft) (names []string, err error) {
	for _, pattern := range []string{"*.yaml", "*.yml"} {
		found, err := fs.Glob(files, pattern)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	kept := names[:0]
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		switch {
		case err != nil:
			return nil, fmt.Errorf("reading %s: %w", filepath.Join(f.dir, name), err)
		case name == FileName:
			continue
		case name == "Chart.yaml":
			return nil, fmt.Errorf("%s is a Helm chart: render it with helm template, and give the folder of what comes out", f.dir)
		case strings.HasPrefix(name, "kustomization."):
			return nil, fmt.Errorf("%s is a kustomization: render it with kubectl kustomize, and give the folder of what comes out", f.dir)
		case !holdsObject(text):
			d.LeftOut = append(d.LeftOut, name+": it holds no Kubernetes object")
			continue
		}
		t.manifests = append(t.manifests, f.objects(filepath.Join(f.dir, name), text)...)
		kept = append(kept, name)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("%s holds no manifests: give the folder of the service's YAML files", f.dir)
	}
	return kept, nil
}

// holdsObject says whether a document of a YAML file is, or tries to be, an object of the
// Kubernetes API.
func holdsObject(text []byte) bool {
	for _, d := range documents(text) {
		var object struct {
			APIVersion string `yaml:"apiVersion"`
			Metadata   any    `yaml:"metadata"`
			Items      any    `yaml:"items"`
		}
		if err := yaml.Unmarshal(d.text, &object); err != nil || object.APIVersion != "" && (object.Metadata != nil || object.Items != nil) {
			return true
		}
	}
	return false
}

// served is a workload whose Pods a Service selects.
type served struct {
	workload maker
	service  corev1.Service
	template corev1.PodTemplateSpec
}

func (s served) String() string {
	return fmt.Sprintf("%s/%s behind Service %s", s.workload.GetKind(), s.workload.GetName(), s.service.Name)
}

// choose finds the workload that is served.
func (t *Target) choose(dir string, choice Choice) (served, error) {
	var all, chosen []served
	for _, m := range t.manifests {
		made, ok := t.maker(m)
		if kind := m.GetKind(); !ok || kind != deployment && kind != statefulSet {
			continue
		}
		for _, o := range t.manifests {
			var s corev1.Service
			if o.GetKind() != "Service" || !sameNamespace(m, o) || o.into(&s) != nil || len(s.Spec.Selector) == 0 ||
				!labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(made.template.Labels)) {
				continue
			}
			one := served{made, s, made.template}
			all = append(all, one)
			if cmp.Or(choice.Workload, m.GetName()) == m.GetName() && cmp.Or(choice.Service, s.Name) == s.Name && len(one.ports()) > 0 {
				chosen = append(chosen, one)
			}
		}
	}
	if headless := func(s served) bool { return Headless(&s.service) }; choice.Service == "" && slices.ContainsFunc(chosen, func(s served) bool { return !headless(s) }) {
		chosen = slices.DeleteFunc(chosen, headless) // its members' names, not what clients ask
	}
	var names []string
	for _, s := range all {
		names = append(names, s.String())
	}
	list := strings.Join(names, "; ")
	switch {
	case len(all) == 0:
		return served{}, fmt.Errorf("%s: no Service selects the Pods of a Deployment or StatefulSet: add the Service that clients ask", dir)
	case len(chosen) == 0:
		return served{}, fmt.Errorf("%s: none of what is served there is chosen, or it has no TCP port: it has %s", dir, list)
	case len(chosen) > 1 && chosen[0].String() == chosen[1].String():
		return served{}, fmt.Errorf("%s: %s stands twice (%s, %s): give a folder of one of the two", dir, chosen[0], chosen[0].workload.file, chosen[1].workload.file)
	case len(chosen) > 1:
		return served{}, fmt.Errorf("%s: more than one is served: choose with --workload and --service: %s", dir, list)
	}
	return chosen[0], nil
}

// sameNamespace says whether two objects are in one namespace, where one that names none goes
// to the other's.
func sameNamespace(a, b manifest) bool {
	return a.GetNamespace() == b.GetNamespace() || a.GetNamespace() == "" || b.GetNamespace() == ""
}

// ports are those that speak TCP.
func (s served) ports() []corev1.ServicePort {
	return slices.DeleteFunc(slices.Clone(s.service.Spec.Ports), func(p corev1.ServicePort) bool { return p.Protocol != "" && p.Protocol != corev1.ProtocolTCP })
}

// port is the only one, or the one called http or web; else the first, which is not certain.
func (s served) port() (port int, certain bool) {
	all := s.ports()
	for _, p := range all {
		if p.Name == "http" || p.Name == "web" {
			return int(p.Port), true
		}
	}
	return int(all[0].Port), len(all) == 1
}

// path is what the readiness probe asks for on the port that the Service leads to, or the root
// where it asks for nothing there.
func (s served) path() (path string, probed bool) {
	number, _ := s.port()
	port, _ := PortOf(&s.service, number)
	for _, c := range s.template.Spec.Containers {
		p := c.ReadinessProbe
		if p == nil || p.HTTPGet == nil || !strings.HasPrefix(p.HTTPGet.Path, "/") {
			continue
		}
		leads := map[string]bool{fmt.Sprint(port.Port): port.TargetPort.String() == "0", port.TargetPort.String(): true}
		for _, named := range c.Ports {
			if leads[named.Name] || leads[fmt.Sprint(named.ContainerPort)] {
				leads[named.Name], leads[fmt.Sprint(named.ContainerPort)] = true, true
			}
		}
		if leads[p.HTTPGet.Port.String()] {
			return p.HTTPGet.Path, true
		}
	}
	return "/", false
}

// configs are the files that Pods mount from ConfigMaps of the manifests.
func (t *Target) configs(pods corev1.PodSpec) (list []Config) {
	for _, v := range pods.Volumes {
		if v.ConfigMap == nil {
			continue
		}
		m, ok := t.find("v1", "ConfigMap", v.ConfigMap.Name)
		var c corev1.ConfigMap
		if !ok || m.into(&c) != nil {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(c.Data)) {
			list = append(list, Config{c.Name, key})
		}
	}
	return list
}
