package images

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// KubernetesVersion is the release that the node image is of.
const KubernetesVersion = "v1.37.2"

// component is a set of commands built from one pinned module.
type component struct {
	module   string // folder in _modules/
	packages []string
	apart    []string // more of them, whose imports collide with those of the others
	ldflags  string
	tags     string
}

// nodePrograms are all that the node image gets from Go modules: one module, so that what
// they share is compiled once. Versions are in its module.mod.
var nodePrograms = component{module: "node",
	packages: []string{"./kubernetes", "./etcd", "./coredns", "./podnet",
		"github.com/containerd/containerd/v2/cmd/containerd", "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
		"github.com/containerd/containerd/v2/cmd/ctr", "sigs.k8s.io/cri-tools/cmd/crictl",
		"github.com/containernetworking/plugins/plugins/ipam/host-local", "github.com/containernetworking/plugins/plugins/main/loopback",
		"github.com/containernetworking/plugins/plugins/main/ptp", "github.com/containernetworking/plugins/plugins/meta/portmap"},
	apart: []string{"github.com/rancher/local-path-provisioner"},
	tags:  "no_aufs,no_zfs,no_btrfs,no_devmapper",
	ldflags: "-X k8s.io/component-base/version.gitVersion=" + KubernetesVersion + " -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=37 -X k8s.io/client-go/pkg/version.gitVersion=" + KubernetesVersion +
		" -X github.com/containerd/containerd/v2/version.Version=v2.4.2"}

// step builds the component's commands, statically, into bin/.
func (c component) step() (step, error) {
	files, err := moduleFiles(c.module)
	if err != nil {
		return step{}, err
	}
	sources, err := hashFiles(files)
	if err != nil {
		return step{}, err
	}
	return step{name: c.module, inputs: sources + strings.Join(slices.Concat(c.packages, c.apart), " ") + c.ldflags + c.tags,
		run: func(ctx context.Context, dir string) error {
			source := filepath.Join(dir, "source")
			defer os.RemoveAll(source)
			if err := checkout(files, source); err != nil {
				return err
			}
			for _, packages := range [][]string{c.packages, c.apart} {
				if len(packages) == 0 {
					continue
				}
				args := append([]string{"build", "-mod=readonly", "-trimpath", "-tags", c.tags,
					"-ldflags", "-s -w " + c.ldflags, "-o", filepath.Join(dir, "bin") + "/"}, packages...)
				cmd := exec.CommandContext(ctx, "go", args...)
				cmd.Dir = source
				cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
				if err := run(cmd); err != nil {
					return err
				}
			}
			return nil
		}}, nil
}

// pauseStep builds the sandbox's pause from Kubernetes' own source.
func pauseStep() step {
	return step{name: "pause", inputs: KubernetesVersion, run: func(ctx context.Context, dir string) error {
		files, err := moduleFiles(nodePrograms.module)
		if err != nil {
			return err
		}
		src, err := download(ctx, files, "k8s.io/kubernetes")
		if err != nil {
			return err
		}
		if err := needPackages(ctx, map[string]string{"gcc": "gcc", "/usr/include/stdio.h": "libc6-dev"}); err != nil {
			return err
		}
		return run(exec.CommandContext(ctx, "gcc", "-Os", "-Wall", "-static", "-DVERSION="+KubernetesVersion,
			"-o", filepath.Join(dir, "pause"), filepath.Join(src, "build", "pause", "linux", "pause.c")))
	}}
}

// run runs cmd; the error carries the last lines of what it printed. When cmd's context
// ends, it and its children are interrupted, not killed: debootstrap has mounts to undo.
func run(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 20 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("%s: %w: %s", cmd, err, strings.Join(lines[max(0, len(lines)-5):], "\n"))
	}
	return nil
}
