package cluster

import (
	"context"
	"os"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
)

func TestBorrowCopiesOneContext(t *testing.T) {
	user, state := userKubeconfig(t), t.TempDir()
	before := read(t, user)
	c, err := Borrow(context.Background(), nil, user, "staging", state)
	if err != nil {
		t.Fatal(err)
	}
	if read(t, user) != before {
		t.Error("the user's kubeconfig was written")
	}
	if !c.Borrowed || c.Name != "staging" || c.Context != "staging" || c.Kind != nil || !strings.HasPrefix(c.Kubeconfig, state) {
		t.Errorf("got %+v", c)
	}
	text := read(t, c.Kubeconfig)
	if strings.Contains(text, "production") {
		t.Errorf("the copy knows production:\n%s", text)
	}
	config, err := clientcmd.Load([]byte(text))
	if err != nil || config.CurrentContext != "staging" || len(config.Contexts) != 1 {
		t.Errorf("copy: %+v, %v", config, err)
	}
	info, err := os.Stat(c.Kubeconfig)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy's mode is %v, %v", info.Mode(), err)
	}
}

// The end of one run leaves another, which can then say that the cluster is taken, its way
// to the cluster.
func TestEachRunBorrowsByItself(t *testing.T) {
	user, state := userKubeconfig(t), t.TempDir()
	var both [2]*Cluster
	for i := range both {
		var err error
		if both[i], err = Borrow(context.Background(), nil, user, "staging", state); err != nil {
			t.Fatal(err)
		}
	}
	if err := Forget(both[1].Handle()); err != nil {
		t.Fatal(err)
	}
	if _, err := both[0].Destructive(); err != nil {
		t.Error(err)
	}
}

func TestBorrowRefuses(t *testing.T) {
	for name, c := range map[string]struct{ context, want string }{
		"no name":       {"", "CONTEXT is empty"},
		"unknown":       {"prod", "has no such context; it has: production, staging"},
		"a prefix":      {"stag", "no such context"},
		"another case":  {"Staging", "no such context"},
		"space around":  {"staging ", "no such context"},
		"cluster alone": {"staging/", "no such context"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Borrow(context.Background(), nil, userKubeconfig(t), c.context, t.TempDir())
			if got != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestBorrowWithoutServer(t *testing.T) {
	user := userKubeconfig(t)
	text := strings.ReplaceAll(read(t, user), "server: "+stagingURL, `server: ""`)
	if err := os.WriteFile(user, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Borrow(context.Background(), nil, user, "staging", t.TempDir()); err == nil || !strings.Contains(err.Error(), "names no server") {
		t.Errorf("error %v", err)
	}
}
