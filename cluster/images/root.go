package images

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Debian's release whose systemd (252) still runs on cgroup v1 hosts.
const suite = "bookworm"

var (
	nodePackages = []string{"systemd", "systemd-sysv", "conntrack", "iptables", "nftables", "iproute2", "ethtool", "util-linux", "mount",
		"kmod", "libseccomp2", "pigz", "e2fsprogs", "bash", "ca-certificates", "curl", "jq", "procps", "runc"}
	nginxPackages = []string{"nginx-light", "nftables", "iptables", "conntrack", "iproute2"}
)

// debianStep makes root.tar, a Debian root file system with packages.
func debianStep(name string, packages []string, finish func(ctx context.Context, root string) error, inputs string) step {
	return step{name: name, inputs: suite + strings.Join(packages, " ") + inputs, run: func(ctx context.Context, dir string) error {
		if err := needPackages(ctx, map[string]string{"debootstrap": "debootstrap"}); err != nil {
			return err
		}
		root := filepath.Join(dir, "root")
		defer os.RemoveAll(root)
		args := []string{"--variant=minbase", "--include=" + strings.Join(packages, ","), suite, root}
		if m := mirror(ctx); m != "" {
			args = append(args, m)
		}
		cmd := exec.CommandContext(ctx, "debootstrap", args...)
		if err := run(cmd); err != nil {
			return err
		}
		for _, waste := range []string{"var/cache/apt", "var/lib/apt/lists", "var/log", "usr/share/doc", "usr/share/man", "usr/share/locale"} {
			if err := emptyDir(filepath.Join(root, waste)); err != nil {
				return err
			}
		}
		if err := finish(ctx, root); err != nil {
			return err
		}
		return run(exec.CommandContext(ctx, "tar", "--numeric-owner", "-C", root, "-cf", filepath.Join(dir, "root.tar"), "."))
	}}
}

// needPackages installs the Debian packages of those commands and files that are missing.
func needPackages(ctx context.Context, packages map[string]string) error {
	var missing []string
	for what, pkg := range packages {
		if !installed(what) {
			missing = append(missing, pkg)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	if !installed("apt-get") || os.Geteuid() != 0 {
		return fmt.Errorf("missing: %s; install it, or run as root on a Debian-like system and hagate does", strings.Join(missing, ", "))
	}
	if err := run(exec.CommandContext(ctx, "apt-get", "update")); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "apt-get", append([]string{"install", "--yes", "--no-install-recommends"}, missing...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	return run(cmd)
}

// installed says whether there is a file of this path, or a command of this name.
func installed(what string) bool {
	if filepath.IsAbs(what) {
		_, err := os.Stat(what)
		return err == nil
	}
	_, err := exec.LookPath(what)
	return err == nil
}

// mirror is the Debian archive that this machine uses, or nothing: debootstrap has
// a default of its own.
func mirror(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "apt-get", "indextargets", "--format", "$(SITE) $(ORIGIN) $(COMPONENT)").Output()
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) == 3 && f[1] == "Debian" && f[2] == "main" && !strings.Contains(f[0], "security") {
			return f[0]
		}
	}
	return ""
}

func emptyDir(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// finishNode does to a Debian root what kind's base image does: its files, and
// services enabled and disabled.
func finishNode(kindFiles string) func(context.Context, string) error {
	return func(ctx context.Context, root string) error {
		script := `set -eu
cp -r --no-preserve=mode,ownership "$FILES"/. "$ROOT"/
chmod 0755 "$ROOT"/usr/local/bin/* "$ROOT"/kind "$ROOT"/kind/bin "$ROOT"/kind/bin/*
cd "$ROOT"
find usr/lib/systemd/system/sysinit.target.wants -name systemd-tmpfiles-setup.service -delete
rm -f usr/lib/systemd/system/multi-user.target.wants/* etc/systemd/system/*.wants/* \
  usr/lib/systemd/system/local-fs.target.wants/* usr/lib/systemd/system/sockets.target.wants/*udev* \
  usr/lib/systemd/system/sockets.target.wants/*initctl* usr/lib/systemd/system/basic.target.wants/*
echo ReadKMsg=no >> etc/systemd/journald.conf
mkdir -p etc/kubernetes/manifests kind/manifests opt/cni/bin
[ -e usr/local/sbin/runc ] || ln -s /usr/sbin/runc usr/local/sbin/runc
ln -sf /lib/systemd/systemd sbin/init
chroot . systemctl enable kubelet.service containerd.service undo-mount-hacks.service
chroot . systemctl mask systemd-binfmt.service
`
		cmd := exec.CommandContext(ctx, "sh", "-c", script)
		cmd.Env = append(os.Environ(), "FILES="+kindFiles, "ROOT="+root)
		return run(cmd)
	}
}

// finishNginx makes nginx log to the container's output.
func finishNginx(ctx context.Context, root string) error {
	for _, l := range [][2]string{{"/dev/stdout", "access.log"}, {"/dev/stderr", "error.log"}} {
		if err := os.MkdirAll(filepath.Join(root, "var/log/nginx"), 0o755); err != nil {
			return err
		}
		if err := os.Symlink(l[0], filepath.Join(root, "var/log/nginx", l[1])); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}

// criBase is containerd's base runtime specification as kind's base image makes it:
// `ctr oci spec` with kind's hook and without limits.
func criBase(ctx context.Context, ctr string) ([]byte, error) {
	out, err := exec.CommandContext(ctx, ctr, "oci", "spec").Output()
	if err != nil {
		return nil, fmt.Errorf("%s oci spec: %w", ctr, err)
	}
	var spec map[string]any
	if err := json.Unmarshal(out, &spec); err != nil {
		return nil, fmt.Errorf("reading containerd's base specification: %w", err)
	}
	hooks, _ := spec["hooks"].(map[string]any)
	if hooks == nil {
		hooks = map[string]any{}
	}
	list, _ := hooks["createContainer"].([]any)
	hooks["createContainer"] = slices.Concat(list, []any{map[string]any{"path": "/kind/bin/mount-product-files.sh"}})
	spec["hooks"] = hooks
	if process, ok := spec["process"].(map[string]any); ok {
		delete(process, "rlimits")
	}
	return json.MarshalIndent(spec, "", "  ")
}
