package images

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
)

// embedded is what images are built from: manifests, and a folder for each module. The
// go.mod and go.sum of a module are called module.mod and module.sum here, since go embeds
// no file of another module.
//
//go:embed _modules manifests
var embedded embed.FS

// recipes has the folders of embedded.
var recipes fs.FS = embedded

func manifest(name string) ([]byte, error) {
	return fs.ReadFile(recipes, path.Join("manifests", name))
}

// moduleFiles are the files of one module of recipes.
func moduleFiles(name string) (fs.FS, error) {
	at := path.Join("_modules", name)
	if _, err := fs.Stat(recipes, at); err != nil {
		return nil, err
	}
	return fs.Sub(recipes, at)
}

// checkout writes a module to dir, which must not have its files, as go reads it.
func checkout(module fs.FS, dir string) error {
	if err := os.CopyFS(dir, module); err != nil {
		return err
	}
	for _, kind := range []string{"mod", "sum"} {
		err := os.Rename(filepath.Join(dir, "module."+kind), filepath.Join(dir, "go."+kind))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// download is the folder of the module of that path, in the version and with the checksum
// that module pins.
func download(ctx context.Context, module fs.FS, path string) (string, error) {
	dir, err := os.MkdirTemp("", "hagate-module-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	if err := checkout(module, dir); err != nil {
		return "", fmt.Errorf("making room for %s: %w", path, err)
	}
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", path)
	cmd.Dir = dir
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("no registry answers, so images are built here, and Go is not installed: let this machine reach a registry, or install Go: https://go.dev/doc/install")
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("%s: %w: %s%s", cmd, err, out, exit.Stderr)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", cmd, err)
	}
	var m struct{ Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		return "", fmt.Errorf("%s: %w", cmd, err)
	}
	return m.Dir, nil
}
