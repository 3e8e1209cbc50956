package engine

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// wrapperSource is the source of the runtime that leaves missing capabilities out. It is a
// program of its own, since the engine starts it for every command in a container.
//
//go:embed ociwrap/main.go capability/capability.go
var wrapperSource embed.FS

// buildWrapper builds that runtime as path.
func buildWrapper(ctx context.Context, path string) error {
	source, err := os.MkdirTemp("", "hagate-ociwrap-")
	if err != nil {
		return fmt.Errorf("building the runtime wrapper: %w", err)
	}
	defer os.RemoveAll(source)
	if err := os.CopyFS(filepath.Join(source, "cluster", "engine"), wrapperSource); err != nil {
		return fmt.Errorf("building the runtime wrapper: %w", err)
	}
	if err := os.WriteFile(filepath.Join(source, "go.mod"), []byte("module hagate\n\ngo 1.24\n"), 0o600); err != nil {
		return fmt.Errorf("building the runtime wrapper: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "./cluster/engine/ociwrap")
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the runtime wrapper: %w: %s", err, lastLines(string(out), 3))
	}
	return nil
}
