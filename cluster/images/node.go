package images

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// nodeLayout changes when the node image is put together in another way.
const nodeLayout = "4"

// nodeImage is a Debian root with the commands, kind's manifests and the images that a
// node must have: what kind's own node image is made of.
func nodeImage(ctx context.Context, dirs map[string]string) (v1.Image, error) {
	tmp, err := os.MkdirTemp("", "hagate-node-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	fs := filepath.Join(tmp, "fs")
	if err := placeCommands(fs, dirs); err != nil {
		return nil, err
	}
	cri, err := criBase(ctx, filepath.Join(dirs[nodePrograms.module], "bin", "ctr"))
	if err != nil {
		return nil, err
	}
	files := map[string]string{"kind/version": KubernetesVersion, "etc/containerd/cri-base.json": string(cri)}
	for _, m := range []string{"default-cni.yaml", "default-storage.yaml"} {
		text, err := manifest(m)
		if err != nil {
			return nil, err
		}
		files["kind/manifests/"+m] = string(text)
	}
	for at, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(fs, at)), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(fs, at), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	if err := importAll(ctx, tmp, fs, dirs); err != nil {
		return nil, err
	}
	layerFile := filepath.Join(dirs[nodeRoot], "commands.tar")
	if err := run(exec.CommandContext(ctx, "tar", "--numeric-owner", "--owner=0", "--group=0", "-C", fs, "-cf", layerFile, ".")); err != nil {
		return nil, err
	}
	base, err := rootImage(dirs[nodeRoot], v1.Config{})
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromFile(layerFile)
	if err != nil {
		return nil, err
	}
	img, err := mutate.AppendLayers(base, layer)
	if err != nil {
		return nil, err
	}
	return configured(img, v1.Config{Entrypoint: []string{"/usr/local/bin/entrypoint", "/sbin/init"}, StopSignal: "SIGRTMIN+3",
		Env: []string{searchPath, "container=docker"}, Labels: map[string]string{builtLabel: "true"}})
}

// placeCommands puts every command where kind looks for it.
func placeCommands(fs string, dirs map[string]string) error {
	for to, commands := range map[string][]string{
		"usr/bin":       {kubernetes},
		"usr/local/bin": {"containerd", "containerd-shim-runc-v2", "ctr", "crictl"},
		"opt/cni/bin":   {"host-local", "loopback", "ptp", "portmap"},
	} {
		if err := os.MkdirAll(filepath.Join(fs, to), 0o755); err != nil {
			return err
		}
		for _, c := range commands {
			text, err := os.ReadFile(filepath.Join(dirs[nodePrograms.module], "bin", c))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(fs, to, c), text, 0o755); err != nil {
				return err
			}
		}
	}
	for _, name := range []string{"kubelet", "kubeadm", "kubectl"} {
		if err := os.Symlink(kubernetes, filepath.Join(fs, "usr/bin", name)); err != nil {
			return err
		}
	}
	return nil
}

// kubernetes is the program that is each of Kubernetes' own by the name it is started by.
const kubernetes = "kubernetes"

// nodeImages are the images that a node must have, by name: those that kubeadm asks
// for, containerd's sandbox, and those of the manifests.
func nodeImages(ctx context.Context, dirs map[string]string) (map[string]v1.Image, error) {
	base, err := nginxImage(dirs[nginxRoot])
	if err != nil {
		return nil, err
	}
	program := func(name string) string { return filepath.Join(dirs[nodePrograms.module], "bin", name) }
	kubeadm := exec.CommandContext(ctx, program(kubernetes), "config", "images", "list", "--kubernetes-version", KubernetesVersion)
	kubeadm.Args[0] = "kubeadm"
	out, err := kubeadm.Output()
	if err != nil {
		return nil, fmt.Errorf("asking kubeadm for its images: %w", err)
	}
	all, err := os.ReadFile(program(kubernetes))
	if err != nil {
		return nil, err
	}
	ofKubernetes, err := programLayer(all, "/usr/local/bin/"+kubernetes)
	if err != nil {
		return nil, err
	}
	refs := append(strings.Fields(string(out)), sandboxRef, "docker.io/hagate/podnet:1", "docker.io/hagate/local-path-provisioner:1", NginxRef)
	images := map[string]v1.Image{}
	for _, ref := range refs {
		name, _, _ := strings.Cut(path.Base(ref), ":")
		var img v1.Image
		switch name {
		case "nginx":
			img = base
		case "kube-apiserver", "kube-controller-manager", "kube-scheduler":
			img, err = linkedImage(empty.Image, ofKubernetes, kubernetes, "/usr/local/bin/"+name)
		case "kube-proxy":
			img, err = linkedImage(base, ofKubernetes, kubernetes, "/usr/local/bin/"+name)
		case "etcd":
			img, err = binaryImage(nil, program(name), "/usr/local/bin/etcd")
		case "coredns":
			img, err = binaryImage(nil, program(name), "/coredns", "/coredns")
		case "pause":
			img, err = binaryImage(nil, filepath.Join(dirs["pause"], "pause"), "/pause", "/pause")
		case "podnet":
			img, err = binaryImage(base, program(name), "/podnet", "/podnet")
		case "local-path-provisioner":
			img, err = binaryImage(nil, program(name), "/local-path-provisioner", "/local-path-provisioner")
		default:
			err = fmt.Errorf("kubeadm %s asks for %s, and nothing here builds it", KubernetesVersion, ref)
		}
		if err != nil {
			return nil, err
		}
		images[ref] = img
	}
	return images, nil
}

// sandboxRef is in kind's containerd configuration.
const sandboxRef = "registry.k8s.io/pause:3.10"
