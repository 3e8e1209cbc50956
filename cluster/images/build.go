package images

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"hagate"
	"hagate/cluster/engine"
)

// Names of the steps that are Debian roots.
const (
	nodeRoot  = "node-root"
	nginxRoot = "nginx-root"
)

// buildNginx builds nginx from Debian's package.
func buildNginx(ctx context.Context, eng *engine.Engine, o Options) (Image, error) {
	s := nginxStep()
	if img, ok := present(ctx, eng, NginxRef, "built here"); ok && builtFrom(ctx, eng, NginxRef) == s.key() {
		return img, nil
	}
	dirs, err := build(ctx, o.Progress, []step{s})
	if err != nil {
		return Image{}, err
	}
	img, err := nginxImage(dirs[nginxRoot])
	if err != nil {
		return Image{}, err
	}
	return load(ctx, eng, NginxRef, img)
}

func nginxStep() step { return debianStep(nginxRoot, nginxPackages, finishNginx, "") }

func nginxImage(dir string) (v1.Image, error) {
	return rootImage(dir, v1.Config{Cmd: []string{"nginx", "-g", "daemon off;"}, Env: []string{searchPath}, StopSignal: "SIGQUIT",
		Labels: map[string]string{builtLabel: nginxStep().key()}})
}

// buildNode builds the node image from source; its name carries what it is made of.
func buildNode(ctx context.Context, eng *engine.Engine, o Options) (Image, error) {
	kind, err := download(ctx, hagate.Module, "sigs.k8s.io/kind")
	if err != nil {
		return Image{}, err
	}
	programs, err := nodePrograms.step()
	if err != nil {
		return Image{}, err
	}
	compiled := []step{programs}
	packaged := []step{pauseStep(), nginxStep(), // apt runs once at a time
		debianStep(nodeRoot, nodePackages, finishNode(filepath.Join(kind, "images", "base", "files")), filepath.Base(kind))}
	folder, err := fs.Sub(recipes, "manifests")
	if err != nil {
		return Image{}, err
	}
	manifests, err := hashFiles(folder)
	if err != nil {
		return Image{}, err
	}
	inputs := manifests + nodeLayout
	for _, s := range slices.Concat(compiled, packaged) {
		inputs += s.name + s.key()
	}
	ref := "docker.io/hagate/node:" + hash(inputs)
	if img, ok := present(ctx, eng, ref, "built here"); ok {
		return img, nil
	}
	dirs, err := build(ctx, o.Progress, compiled, packaged)
	if err != nil {
		return Image{}, err
	}
	fmt.Fprintln(o.Progress, "hagate: assembling the node image")
	img, err := nodeImage(ctx, dirs)
	if err != nil {
		return Image{}, fmt.Errorf("putting the node image together: %w", err)
	}
	return load(ctx, eng, ref, img)
}
