package cluster

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHash(t *testing.T) {
	one := Hash([]byte("config"), "image")
	if again := Hash([]byte("config"), "image"); one != again {
		t.Errorf("the same cluster, two hashes: %s, %s", one, again)
	}
	if one == Hash([]byte("config"), "image2") || one == Hash([]byte("config2"), "image") {
		t.Error("two clusters, one hash")
	}
}

// keepOne registers a cluster whose API server does not exist.
func keepOne(t *testing.T) (state string, release func(), calls string, c *Cluster) {
	t.Helper()
	eng, calls := fakeEngine(t, "")
	state = t.TempDir()
	c = NewProvider(eng, "hagate-1", state).cluster()
	if err := os.MkdirAll(filepath.Dir(c.Kubeconfig), 0o700); err != nil {
		t.Fatal(err)
	}
	release, err := Keep(state, c, "hash")
	if err != nil {
		t.Fatal(err)
	}
	return state, release, calls, c
}

func TestFindKept(t *testing.T) {
	ctx := context.Background()
	state, release, _, c := keepOne(t)
	find := func(hash string) bool {
		t.Helper()
		found, _, err := FindKept(ctx, c.Kind.engine, state, hash)
		if err != nil {
			t.Fatal(err)
		}
		return found != nil
	}
	registered := func() bool {
		_, err := os.Stat(filepath.Join(keptDir(state), c.Name))
		return err == nil
	}
	if find("hash") || !registered() {
		t.Error("a cluster that another run holds was taken or deleted")
	}
	release()
	if find("other") || !registered() {
		t.Error("a cluster of another hash was taken or deleted")
	}
	if find("hash") {
		t.Error("a dead cluster was taken")
	}
	if registered() {
		t.Error("a dead cluster stays registered")
	}
	if find("hash") {
		t.Error("found after it was deleted")
	}
}

func TestDeleteKept(t *testing.T) {
	ctx := context.Background()
	state, release, calls, c := keepOne(t)
	if err := DeleteKept(ctx, c.Kind.engine, state); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(calls); err == nil {
		t.Errorf("a cluster in use was touched:\n%s", read(t, calls))
	}
	release()
	if err := DeleteKept(ctx, c.Kind.engine, state); err != nil {
		t.Fatal(err)
	}
	if text := read(t, calls); !strings.Contains(text, clusterLabel+"=hagate-1") {
		t.Errorf("nothing was looked for:\n%s", text)
	}
	if _, err := os.Stat(filepath.Dir(c.Kubeconfig)); !os.IsNotExist(err) {
		t.Error("its kubeconfig is left")
	}
}

func TestNothingKept(t *testing.T) {
	eng, _ := fakeEngine(t, "")
	found, _, err := FindKept(context.Background(), eng, t.TempDir(), "hash")
	if found != nil || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
}
