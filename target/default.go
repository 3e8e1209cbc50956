package target

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// defaultTarget is nginx behind a Service.
//
//go:embed nginx
var defaultTarget embed.FS

// WriteDefault writes the default target below dir and returns its folder.
func WriteDefault(dir string) (string, error) {
	to := filepath.Join(dir, "target")
	err := fs.WalkDir(defaultTarget, ".", func(path string, d fs.DirEntry, err error) error {
		at := filepath.Join(to, filepath.FromSlash(path))
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.MkdirAll(at, 0o755)
		}
		text, err := defaultTarget.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(at, text, 0o644)
	})
	if err != nil {
		return "", fmt.Errorf("writing the default target: %w", err)
	}
	return filepath.Join(to, "nginx"), nil
}
