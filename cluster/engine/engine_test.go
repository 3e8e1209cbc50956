package engine

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// stub puts a command into an otherwise empty PATH.
func stub(t *testing.T, name, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
}

func TestFind(t *testing.T) {
	const down = "echo cannot connect >&2; exit 1"
	for name, c := range map[string]struct {
		command, script, chosen, host string
		want                          Engine
		wantErr                       string
	}{
		"docker answers":          {command: "docker", script: "exit 0", want: Engine{Name: "docker"}},
		"podman answers":          {command: "podman", script: "exit 0", want: Engine{Name: "podman"}},
		"the machine's is down":   {command: "docker", script: `[ "$DOCKER_HOST" = ` + ownHost + ` ]`, want: Engine{Name: "docker", Own: true}},
		"own, inherited":          {command: "docker", script: "exit 0", host: ownHost, want: Engine{Name: "docker", Own: true}},
		"none":                    {command: "docker", script: down, wantErr: "no container engine answers"},
		"chosen answers":          {command: "nerdctl", script: "exit 0", chosen: "nerdctl", want: Engine{Name: "nerdctl"}},
		"chosen does not":         {command: "docker", script: "exit 0", chosen: "podman", wantErr: "KIND_EXPERIMENTAL_PROVIDER=podman does not answer"},
		"chosen docker, own runs": {command: "docker", script: `[ -n "$DOCKER_HOST" ]`, chosen: "docker", want: Engine{Name: "docker", Own: true}},
	} {
		t.Run(name, func(t *testing.T) {
			stub(t, c.command, c.script)
			t.Setenv("KIND_EXPERIMENTAL_PROVIDER", c.chosen)
			t.Setenv("DOCKER_HOST", c.host)
			got, err := Find(context.Background())
			if c.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantErr) {
					t.Fatalf("error %v, want %q", err, c.wantErr)
				}
				if c.chosen != "" && errors.Is(err, ErrNone) {
					t.Error("an engine that was chosen must not be replaced by installing another")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Name != c.want.Name || got.Own != c.want.Own {
				t.Errorf("got %+v, want %+v", *got, c.want)
			}
			if got.Own && os.Getenv("DOCKER_HOST") != ownHost {
				t.Error("kind would not meet hagate's own engine")
			}
		})
	}
}

func TestRunError(t *testing.T) {
	stub(t, "docker", "echo out; echo one >&2; echo two >&2; echo three >&2; echo four >&2; exit 3")
	out, err := (&Engine{Name: "docker"}).Run(context.Background(), "rm", "x")
	if string(out) != "out\n" {
		t.Errorf("output %q", out)
	}
	if want := "docker rm x: exit status 3: two; three; four"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestPipe(t *testing.T) {
	stub(t, "docker", "read line; echo got $line in $WHERE")
	var out strings.Builder
	e := &Engine{Name: "docker", Env: []string{"WHERE=here"}}
	if err := e.Pipe(context.Background(), strings.NewReader("it\n"), &out, "load"); err != nil {
		t.Fatal(err)
	}
	if out.String() != "got it in here\n" {
		t.Errorf("output %q", out.String())
	}
}

// The wrapper is built from what the program carries, wherever it runs.
func TestBuildWrapper(t *testing.T) {
	t.Chdir(t.TempDir())
	path := filepath.Join(t.TempDir(), "runc")
	if err := buildWrapper(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, "--bundle", "none").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "ociwrap: open none/config.json") {
		t.Errorf("%s said %s, %v", path, out, err)
	}
}
