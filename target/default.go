package target

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// defaultTarget is nginx behind a Service.
//
//go:embed nginx
var defaultTarget embed.FS

// WriteDefault writes the default target below dir, where it is not there, and returns its
// folder: of its own for what it holds, so that no run changes another's.
func WriteDefault(dir string) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(defaultTarget, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := defaultTarget.ReadFile(path)
		fmt.Fprintf(sum, "%s\x00%s", path, text)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("reading the default target: %w", err)
	}
	at := filepath.Join(dir, "target", hex.EncodeToString(sum.Sum(nil)[:6]))
	if _, err := os.Stat(at); err == nil {
		return filepath.Join(at, "nginx"), nil
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		return "", fmt.Errorf("writing the default target: %w", err)
	}
	half, err := os.MkdirTemp(filepath.Dir(at), "half-")
	if err != nil {
		return "", fmt.Errorf("writing the default target: %w", err)
	}
	defer os.RemoveAll(half)
	if err := os.CopyFS(half, defaultTarget); err != nil {
		return "", fmt.Errorf("writing the default target: %w", err)
	}
	if err := os.Rename(half, at); err != nil && !errors.Is(err, fs.ErrExist) { // another run was faster
		return "", fmt.Errorf("writing the default target: %w", err)
	}
	return filepath.Join(at, "nginx"), nil
}
