package cluster

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

const (
	stagingURL    = "https://127.0.0.1:6443"
	productionURL = "https://production.example:6443"
)

// userKubeconfig writes a kubeconfig with a staging and a production context, of
// which the latter is current.
func userKubeconfig(t *testing.T) string {
	t.Helper()
	config := api.NewConfig()
	for name, server := range map[string]string{"staging": stagingURL, "production": productionURL} {
		config.Clusters[name] = &api.Cluster{Server: server}
		config.AuthInfos[name] = &api.AuthInfo{Token: name}
		config.Contexts[name] = &api.Context{Cluster: name, AuthInfo: name}
	}
	config.CurrentContext = "production"
	path := filepath.Join(t.TempDir(), "config")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// borrow borrows the staging context of a kubeconfig whose current one is production.
func borrow(t *testing.T) *Cluster {
	t.Helper()
	c, err := Borrow(context.Background(), nil, userKubeconfig(t), "staging", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestGuardAllowsTheContextNamed(t *testing.T) {
	c := borrow(t)
	if _, err := c.Destructive(); err != nil {
		t.Errorf("the cluster that the user named is refused: %v", err)
	}
	config, err := c.RESTConfig()
	if err != nil {
		t.Fatal(err)
	}
	if config.Host != stagingURL || config.BearerToken != "staging" {
		t.Errorf("the client goes to %s as %s, want staging", config.Host, config.BearerToken)
	}
	if err := c.Guard().Allow(config); err != nil {
		t.Error(err)
	}
}

func TestGuardRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, c *Cluster)
		want  string
	}{
		"the user's own kubeconfig, production current": {func(t *testing.T, c *Cluster) { c.Kubeconfig = userKubeconfig(t) }, `is "production", and only "staging" may be disrupted`},
		"another context of it": {func(t *testing.T, c *Cluster) {
			c.Kubeconfig, c.Context = userKubeconfig(t), "production"
		}, "neither created by hagate nor named for this run"},
		"no context":            {func(t *testing.T, c *Cluster) { c.Context = "" }, "neither created by hagate nor named for this run"},
		"nobody named it":       {func(t *testing.T, c *Cluster) { c.guard = nil }, "neither created by hagate nor named for this run"},
		"the kubeconfig gone":   {func(t *testing.T, c *Cluster) { os.Remove(c.Kubeconfig) }, "reading its kubeconfig"},
		"another server behind": {rewriteServer, `the API server is "` + productionURL + `", and only "` + stagingURL + `"`},
	} {
		t.Run(name, func(t *testing.T) {
			b := borrow(t)
			c.spoil(t, b)
			client, err := b.Destructive()
			if client != nil || err == nil {
				t.Fatal("a client was given out")
			}
			if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "refusing to touch cluster") {
				t.Errorf("error %q, want %q", err, c.want)
			}
		})
	}
}

// rewriteServer points the copy's context at production, under the old name.
func rewriteServer(t *testing.T, c *Cluster) {
	text := strings.ReplaceAll(read(t, c.Kubeconfig), stagingURL, productionURL)
	if err := os.WriteFile(c.Kubeconfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestNoGuardAllowsNothing(t *testing.T) {
	for name, g := range map[string]*Guard{"nil": nil, "zero": {}} {
		if err := g.Allow(&rest.Config{}); err == nil {
			t.Errorf("a %s guard allows a client of no host", name)
		}
		if err := g.Allow(&rest.Config{Host: stagingURL}); err == nil {
			t.Errorf("a %s guard allows %s", name, stagingURL)
		}
	}
	if _, err := new(Cluster).Destructive(); err == nil {
		t.Error("a cluster out of nowhere may be disrupted")
	}
}

func TestOpen(t *testing.T) {
	c := borrow(t)
	again, err := Open(c.Handle())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Destructive(); err != nil {
		t.Errorf("what a dead run left cannot be undone: %v", err)
	}

	for name, change := range map[string]map[string]string{
		"another context": {"context": "production"},
		"made, not named": {"borrowed": ""},
		"user's file":     {"kubeconfig": userKubeconfig(t)},
	} {
		h := maps.Clone(c.Handle())
		maps.Copy(h, change)
		if _, err := Open(h); err == nil {
			t.Errorf("%s: opened", name)
		}
	}

	if err := Forget(c.Handle()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(c.Handle()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Forget: %v, want fs.ErrNotExist", err)
	}
}
