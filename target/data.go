package target

import (
	"path"
	"strings"
)

// checkData wants a path that a shell in the container takes as it is.
func (t *Target) checkData(f *file) {
	dir := t.Spec.Data.Path
	if dir != "" && (!path.IsAbs(dir) || path.Clean(dir) != dir || dir == "/") {
		f.problem("spec.data.path", "%q is no folder of a container: write its whole path, such as /var/lib/shop", dir)
	}
}

// DataContainer is the container of the workload's Pods that has the target's data on
// the volume nearest to it, or the first where none has.
func (t *Target) DataContainer() (name string) {
	m, ok := t.find("apps/v1", t.Spec.Workload.Kind, t.Spec.Workload.Name)
	if !ok {
		return ""
	}
	_, pods, err := m.template()
	if err != nil {
		return ""
	}
	nearest := -1
	for _, c := range pods.Spec.Containers {
		if name == "" {
			name = c.Name
		}
		for _, mount := range c.VolumeMounts {
			at := path.Clean(mount.MountPath)
			if inside := t.Spec.Data.Path == at || strings.HasPrefix(t.Spec.Data.Path, at+"/"); inside && len(at) > nearest {
				name, nearest = c.Name, len(at)
			}
		}
	}
	return name
}
