package cluster

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hagate"
	"hagate/cluster/engine"
)

// fakeEngine is a docker that lists nodes as the nodes of every cluster, and writes
// every call down in the file that it returns.
func fakeEngine(t *testing.T, nodes string) (eng *engine.Engine, calls string) {
	t.Helper()
	dir := t.TempDir()
	calls = filepath.Join(dir, "calls")
	script := "#!/bin/sh\necho \"$*\" >> " + calls + "\ncase \"$1 $2\" in 'ps '*) printf '" + nodes + "';; esac\n"
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return &engine.Engine{Name: "docker"}, calls
}

func TestDeleteRefusesWhatIsNotOurs(t *testing.T) {
	eng, calls := fakeEngine(t, "team-control-plane\\n")
	for name, want := range map[string]string{
		"":         "is no name for a cluster",
		"kind":     "is no name for a cluster",
		"../users": "is no name for a cluster",
		"team":     "hagate did not make it",
	} {
		if err := Delete(context.Background(), eng, name, t.TempDir()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", name, err, want)
		}
	}
	if text, _ := os.ReadFile(calls); strings.Contains("\n"+string(text), "\nrm ") {
		t.Errorf("something was removed:\n%s", text)
	}
}

func TestDeleteHalfMade(t *testing.T) {
	eng, calls := fakeEngine(t, "hagate-1-worker\\n")
	state := t.TempDir()
	dir := filepath.Join(state, "clusters", "hagate-1")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Delete(context.Background(), eng, "hagate-1", state); err != nil {
		t.Fatal(err)
	}
	if text := read(t, calls); !strings.Contains(text, "rm --force --volumes hagate-1-worker") {
		t.Errorf("the node is left:\n%s", text)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("its kubeconfig is left")
	}
}

func TestDeleteGone(t *testing.T) {
	eng, _ := fakeEngine(t, "")
	if err := Delete(context.Background(), eng, "hagate-1", t.TempDir()); err != nil {
		t.Error(err)
	}
}

func TestCreateRefusesATakenName(t *testing.T) {
	eng, _ := fakeEngine(t, "team-control-plane\\n")
	created := false
	_, err := Create(context.Background(), eng, Options{Name: "team", Config: hagate.KindConfig, StateDir: t.TempDir(),
		OnCreate: func() error { created = true; return nil }})
	if err == nil || !strings.Contains(err.Error(), "there is one of that name already") {
		t.Errorf("error %v", err)
	}
	if created {
		t.Error("the journal would delete somebody else's cluster")
	}
}
