// Package engine is the container engine, used through its command line: the one
// that is on the machine, or one that hagate installs and starts with settings of
// its own. An engine that was there keeps its configuration untouched.
package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Engine is a container engine that answers.
type Engine struct {
	Name string   // "docker", "podman" or "nerdctl": the command, and kind's name for the provider
	Env  []string // what the command and kind need on top of the environment; empty for an engine found on the machine
	Own  bool     // started by hagate
}

// ErrNone means that no engine answers and hagate may not install one.
var ErrNone = errors.New("no container engine answers: install and start Docker (https://docs.docker.com/engine/install/), Podman or nerdctl, or run as root on a Debian-like system and hagate installs one")

// Find returns the engine that answers: the one that KIND_EXPERIMENTAL_PROVIDER
// names, else docker, podman, nerdctl, else the one that hagate started earlier. It
// returns ErrNone where none does. Its Env is set in this process too, for kind.
func Find(ctx context.Context) (*Engine, error) {
	chosen := os.Getenv("KIND_EXPERIMENTAL_PROVIDER")
	for _, e := range candidates(chosen) {
		if e.answers(ctx) {
			return e, e.export()
		}
	}
	if chosen != "" && chosen != "docker" {
		return nil, fmt.Errorf("KIND_EXPERIMENTAL_PROVIDER=%s does not answer: start it, or unset the variable (known: docker, podman, nerdctl)", chosen)
	}
	return nil, ErrNone
}

// candidates are the engines to try, in order. An environment that already points at
// hagate's own engine means that engine, not one of the machine's.
func candidates(chosen string) []*Engine {
	own := &Engine{Name: "docker", Env: []string{"DOCKER_HOST=" + ownHost}, Own: true}
	var list []*Engine
	for _, name := range []string{"docker", "podman", "nerdctl"} {
		switch {
		case chosen != "" && chosen != name:
		case name == "docker" && os.Getenv("DOCKER_HOST") == ownHost:
			list = append(list, own)
		default:
			list = append(list, &Engine{Name: name})
		}
	}
	if chosen == "" || chosen == "docker" {
		list = append(list, own)
	}
	return list
}

// export makes kind, which runs the command itself, meet the same engine.
func (e *Engine) export() error {
	for _, kv := range e.Env {
		k, v, _ := strings.Cut(kv, "=")
		if err := os.Setenv(k, v); err != nil {
			return fmt.Errorf("pointing kind at the engine: %w", err)
		}
	}
	return nil
}

func (e *Engine) answers(ctx context.Context) bool {
	if _, err := exec.LookPath(e.Name); err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := e.Run(ctx, "ps", "--quiet")
	return err == nil
}

// Run runs the command and returns what it printed. The error carries the command
// and the last lines of what it complained of.
func (e *Engine) Run(ctx context.Context, args ...string) ([]byte, error) {
	var out bytes.Buffer
	err := e.Pipe(ctx, nil, &out, args...)
	return out.Bytes(), err
}

// Pipe is Run with standard input and output connected; either may be nil. A signal
// from the terminal does not reach the command, so that what Ctrl-C has to undo can
// still be undone; ctx ends it.
func (e *Engine) Pipe(ctx context.Context, stdin io.Reader, stdout io.Writer, args ...string) error {
	cmd := exec.CommandContext(ctx, e.Name, args...)
	cmd.Env = append(os.Environ(), e.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", e.Name, strings.Join(args, " "), err, lastLines(stderr.String(), 3))
	}
	return nil
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "; ")
}
