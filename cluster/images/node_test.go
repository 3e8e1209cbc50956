package images

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hagate"
)

// asked is what kubeadm of KubernetesVersion asks for, its versions aside.
const asked = `registry.k8s.io/kube-apiserver:v1
registry.k8s.io/kube-controller-manager:v1
registry.k8s.io/kube-scheduler:v1
registry.k8s.io/kube-proxy:v1
registry.k8s.io/coredns/coredns:v1
registry.k8s.io/pause:3.10.1
registry.k8s.io/etcd:3.6
`

// built are folders as the steps leave them; kubeadm asks for refs.
func built(t *testing.T, refs string) map[string]string {
	t.Helper()
	dirs := map[string]string{"pause": writeFiles(t, map[string]string{"pause": "pause"}), nginxRoot: t.TempDir()}
	debianRoot(t, dirs[nginxRoot])
	files := map[string]string{}
	for _, command := range nodePrograms.commands() {
		files["bin/"+command] = command
	}
	files["bin/"+kubernetes] = "#!/bin/sh\n[ \"$*\" = 'config images list --kubernetes-version " + KubernetesVersion + "' ] && cat <<E\n" + refs + "E\n"
	dirs[nodePrograms.module] = writeFiles(t, files)
	return dirs
}

func TestPlaceCommands(t *testing.T) {
	dirs, fs := built(t, asked), t.TempDir()
	if err := placeCommands(fs, dirs); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"usr/bin/kubernetes": kubernetes, "usr/bin/kubelet": kubernetes, "usr/bin/kubeadm": kubernetes, "usr/bin/kubectl": kubernetes,
		"usr/local/bin/containerd": "containerd", "usr/local/bin/containerd-shim-runc-v2": "containerd-shim-runc-v2", "usr/local/bin/ctr": "ctr",
		"usr/local/bin/crictl": "crictl", "opt/cni/bin/host-local": "host-local", "opt/cni/bin/loopback": "loopback", "opt/cni/bin/ptp": "ptp", "opt/cni/bin/portmap": "portmap",
	}
	var placed []string
	err := filepath.WalkDir(fs, func(at string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(fs, at)
		if err != nil {
			return err
		}
		placed = append(placed, rel)
		text, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		source, err := os.ReadFile(filepath.Join(dirs[nodePrograms.module], "bin", want[rel]))
		if err != nil {
			return err
		}
		info, err := os.Stat(at)
		if err != nil {
			return err
		}
		if string(text) != string(source) || info.Mode() != 0o755 {
			t.Errorf("%s: mode %v, %q", rel, info.Mode(), text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if w := slices.Sorted(maps.Keys(want)); !slices.Equal(placed, w) {
		t.Errorf("placed %q, want %q", placed, w)
	}
	if err := placeCommands(t.TempDir(), map[string]string{}); err == nil {
		t.Error("commands that nothing built passed")
	}
}

func TestNodeImages(t *testing.T) {
	images, err := nodeImages(t.Context(), built(t, asked))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{ // the program, where it is, and whether on top of nginx's root
		"registry.k8s.io/kube-apiserver:v1":          "kubernetes at usr/local/bin/kubernetes, usr/local/bin/kube-apiserver",
		"registry.k8s.io/kube-controller-manager:v1": "kubernetes at usr/local/bin/kubernetes, usr/local/bin/kube-controller-manager",
		"registry.k8s.io/kube-scheduler:v1":          "kubernetes at usr/local/bin/kubernetes, usr/local/bin/kube-scheduler",
		"registry.k8s.io/kube-proxy:v1":              "kubernetes at usr/local/bin/kubernetes, usr/local/bin/kube-proxy on debian",
		"registry.k8s.io/coredns/coredns:v1":         "coredns at coredns",
		"registry.k8s.io/pause:3.10.1":               "pause at pause",
		"registry.k8s.io/pause:3.10":                 "pause at pause",
		"registry.k8s.io/etcd:3.6":                   "etcd at usr/local/bin/etcd",
		"docker.io/hagate/podnet:1":                  "podnet at podnet on debian",
		"docker.io/hagate/local-path-provisioner:1":  "local-path-provisioner at local-path-provisioner",
		NginxRef: " at  on debian",
	}
	got := map[string]string{}
	for ref, img := range images {
		var text, at, on, link string
		for name, e := range entries(t, img) {
			switch {
			case name == "etc/os-release":
				on = " on " + e.text
			case e.link != "":
				link = ", " + name
				if e.link != kubernetes {
					t.Errorf("%s: %s leads to %s", ref, name, e.link)
				}
			case strings.HasPrefix(e.text, "#!"):
				text, at = kubernetes, name
			case e.text != "":
				text, at = e.text, name
			}
		}
		got[ref] = text + " at " + at + link + on
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestNodeImagesUnknown(t *testing.T) {
	_, err := nodeImages(t.Context(), built(t, asked+"registry.k8s.io/novelty:v1\n"))
	if err == nil || !strings.Contains(err.Error(), "registry.k8s.io/novelty:v1") {
		t.Errorf("error %v, want the image that nothing builds", err)
	}
}

// The manifests' Pods never pull: their images and programs must be in the node.
func TestManifestsImages(t *testing.T) {
	images, err := nodeImages(t.Context(), built(t, asked))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []string{"default-cni.yaml", "default-storage.yaml"} {
		text, err := manifest(m)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`docker\.io/[a-z/-]+:[0-9a-z.]+`).FindAllString(string(text), -1)
		if len(found) == 0 {
			t.Errorf("%s names no image", m)
		}
		for _, ref := range found {
			if images[ref] == nil {
				t.Errorf("%s: %s is not in the node", m, ref)
			}
		}
	}
}

func TestSandboxRef(t *testing.T) {
	kind, err := download(t.Context(), hagate.Module, "sigs.k8s.io/kind")
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(kind, "images", "base", "files", "etc", "containerd", "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"` + sandboxRef + `"`, `"/etc/containerd/cri-base.json"`} {
		if !strings.Contains(string(config), want) {
			t.Errorf("kind's containerd does not ask for %s", want)
		}
	}
}

func TestCRIBase(t *testing.T) {
	const kindHook = `"hooks": {
    "createContainer": [`
	for name, c := range map[string]struct {
		spec, wantErr string
		want, wantNot []string
	}{
		"as ctr prints it": {spec: `{"ociVersion":"1.2.0","process":{"cwd":"/","rlimits":[{"type":"RLIMIT_NOFILE"}]}}`,
			want: []string{kindHook, `"/kind/bin/mount-product-files.sh"`, `"cwd": "/"`, `"ociVersion": "1.2.0"`}, wantNot: []string{"rlimits"}},
		"with hooks": {spec: `{"hooks":{"createContainer":[{"path":"/first"}],"poststop":[{"path":"/last"}]}}`,
			want: []string{`"/first"`, `"/kind/bin/mount-product-files.sh"`, `"/last"`}},
		"not JSON": {spec: `no`, wantErr: "reading containerd's base specification"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeFiles(t, map[string]string{"ctr": "#!/bin/sh\n[ \"$*\" = 'oci spec' ] && echo '" + c.spec + "'\n"})
			got, err := criBase(t.Context(), path.Join(dir, "ctr"))
			if c.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantErr) {
					t.Errorf("error %v, want %q", err, c.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range c.want {
				if !strings.Contains(string(got), w) {
					t.Errorf("no %s in %s", w, got)
				}
			}
			for _, w := range c.wantNot {
				if strings.Contains(string(got), w) {
					t.Errorf("%s in %s", w, got)
				}
			}
		})
	}
}
