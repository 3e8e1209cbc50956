package target

import (
	"maps"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// checkConfig holds the configuration up to the manifests: the ConfigMap is there, has
// the key, and a container of the workload mounts it.
func (t *Target) checkConfig(f *file) {
	want := t.Spec.Config
	if want == (Config{}) {
		return
	}
	m, ok := t.find("v1", "ConfigMap", want.ConfigMap)
	if !ok {
		f.problem("spec.config.configMap", "no ConfigMap %s/%s in the manifests: add it, or name one of theirs%s",
			t.Spec.Workload.Namespace, want.ConfigMap, t.listed("ConfigMap"))
		return
	}
	var c corev1.ConfigMap
	if m.into(&c) != nil {
		return // said of the manifest
	}
	if _, ok := c.Data[want.Key]; !ok {
		f.problem("spec.config.key", "ConfigMap %s has no key %q: give one that it has (%s)", c.Name, want.Key, strings.Join(slices.Sorted(maps.Keys(c.Data)), ", "))
		return
	}
	if _, _, ok := t.ConfigFile(); !ok {
		f.problem("spec.config.configMap", "no container of %s mounts ConfigMap %s as a volume: mount it, or take the field out", t.Spec.Workload, c.Name)
	}
	if c.Immutable != nil && *c.Immutable {
		f.warn(m, at("immutable"), []string{"config-change", "config-broken"}, "true, so what spec.config of %s names cannot be changed while it is tested: leave it out, or take spec.config out", f)
	}
}

// ConfigFile is the container that mounts the target's configuration, and the file's
// path in it; false where none does, or where the target names no configuration.
func (t *Target) ConfigFile() (container, file string, ok bool) {
	m, found := t.find("apps/v1", t.Spec.Workload.Kind, t.Spec.Workload.Name)
	if !found || t.Spec.Config == (Config{}) {
		return "", "", false
	}
	_, pods, err := m.template()
	if err != nil {
		return "", "", false
	}
	for _, v := range pods.Spec.Volumes {
		if v.ConfigMap == nil || v.ConfigMap.Name != t.Spec.Config.ConfigMap {
			continue
		}
		for _, c := range pods.Spec.Containers {
			for _, mount := range c.VolumeMounts {
				if mount.Name != v.Name {
					continue
				}
				if mount.SubPath != "" {
					return c.Name, mount.MountPath, mount.SubPath == t.Spec.Config.Key
				}
				return c.Name, path.Join(mount.MountPath, t.Spec.Config.Key), true
			}
		}
	}
	return "", "", false
}
