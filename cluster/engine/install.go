package engine

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// install brings docker and what it needs where they are missing, on a Debian-like
// system; elsewhere it returns ErrNone.
func install(ctx context.Context, progress io.Writer) error {
	if have("dockerd", "docker", "runc", "iptables", "ip") {
		return nil
	}
	if !have("apt-get") {
		return ErrNone
	}
	fmt.Fprintln(progress, "hagate: no container engine here: installing docker.io")
	packages := []string{"install", "--yes", "--no-install-recommends", "docker.io", "iptables", "iproute2"}
	if apt(ctx, packages...) == nil {
		return nil
	}
	// the lists are missing or old
	if err := apt(ctx, "update"); err != nil {
		return err
	}
	return apt(ctx, packages...)
}

func have(commands ...string) bool {
	for _, c := range commands {
		if _, err := exec.LookPath(c); err != nil {
			return false
		}
	}
	return true
}

func apt(ctx context.Context, args ...string) error {
	args = append([]string{"-o", "DPkg::Lock::Timeout=120"}, args...)
	cmd := exec.CommandContext(ctx, "apt-get", args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w: %s", strings.Join(args, " "), err, lastLines(string(out), 3))
	}
	return nil
}
