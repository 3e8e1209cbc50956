package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// buildWrapper builds the runtime that leaves missing capabilities out, ./ociwrap,
// and returns its path.
func buildWrapper(ctx context.Context) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", fmt.Errorf("building the runtime wrapper: %w", err)
	}
	path := filepath.Join(stateDir, "runc-within-bounds")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "./cluster/engine/ociwrap")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the runtime wrapper: %w: %s", err, lastLines(string(out), 3))
	}
	return path, nil
}

// moduleRoot is the nearest folder upwards whose go.mod is hagate's.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module hagate\n") {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("hagate's source is not here: run the command from its repository")
		}
	}
}
