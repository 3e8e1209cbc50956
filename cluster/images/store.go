package images

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// importAll fills containerd's store below fs with the images of a node, by running
// containerd on it: pinned and not unpacked, as kind does.
func importAll(ctx context.Context, tmp, fs string, dirs map[string]string) (err error) {
	all, err := nodeImages(ctx, dirs)
	if err != nil {
		return err
	}
	archive := filepath.Join(tmp, "images.tar")
	tags := map[name.Tag]v1.Image{}
	for ref, img := range all {
		t, err := name.NewTag(ref)
		if err != nil {
			return err
		}
		tags[t] = img
	}
	if err := tarball.MultiWriteToFile(archive, tags); err != nil {
		return fmt.Errorf("writing the node's images: %w", err)
	}
	store, state := filepath.Join(fs, "var/lib/containerd"), filepath.Join(tmp, "state")
	socket := filepath.Join(tmp, "containerd.sock")
	config := filepath.Join(tmp, "config.toml")
	// the runtime and the cgroups of this host do not matter to the store
	if err := os.WriteFile(config, []byte("version = 3\ndisabled_plugins = [\"io.containerd.cri.v1.runtime\", \"io.containerd.cri.v1.images\", \"io.containerd.grpc.v1.cri\"]\n[plugins.\"io.containerd.internal.v1.opt\"]\n  path = \""+filepath.Join(tmp, "opt")+"\"\n"), 0o600); err != nil {
		return err
	}
	daemon := exec.CommandContext(ctx, filepath.Join(dirs[nodePrograms.module], "bin", "containerd"), "--config", config, "--root", store, "--state", state, "--address", socket)
	log, err := os.Create(filepath.Join(tmp, "containerd.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	daemon.Stdout, daemon.Stderr = log, log
	daemon.Cancel = func() error { return daemon.Process.Signal(os.Interrupt) }
	if err := daemon.Start(); err != nil {
		return fmt.Errorf("starting containerd: %w", err)
	}
	defer func() {
		daemon.Process.Signal(os.Interrupt)
		if werr := daemon.Wait(); werr != nil && err == nil {
			var exit *exec.ExitError
			if !errors.As(werr, &exit) {
				err = werr
			}
		}
	}()
	ctr := func(args ...string) error {
		return run(exec.CommandContext(ctx, filepath.Join(dirs[nodePrograms.module], "bin", "ctr"), append([]string{"--address", socket, "--namespace", "k8s.io"}, args...)...))
	}
	for i := 0; ; i++ {
		if err = ctr("version"); err == nil {
			break
		}
		if i == 60 || ctx.Err() != nil {
			text, _ := os.ReadFile(log.Name())
			return fmt.Errorf("containerd does not answer: %w: %s", err, text)
		}
		time.Sleep(500 * time.Millisecond)
	}
	return ctr("images", "import", "--label=io.cri-containerd.pinned=pinned", "--all-platforms", "--no-unpack", "--digests", archive)
}
