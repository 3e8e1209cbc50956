package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"hagate/cluster/engine"
)

// Borrow takes the cluster of a context that the user named, exactly as the user
// typed it. The kubeconfig (files as in $KUBECONFIG; the usual ones where empty) is
// read only: a copy with that context alone, of this run's own, is made below stateDir,
// and Forget removes it.
func Borrow(_ context.Context, eng *engine.Engine, kubeconfig, contextName, stateDir string) (*Cluster, error) {
	if contextName == "" {
		return nil, errors.New("CONTEXT is empty: name the kube context of the cluster that faults may disrupt")
	}
	config, err := readContext(kubeconfig, contextName)
	if err != nil {
		return nil, err
	}
	server := serverOf(config)
	copies := filepath.Join(stateDir, "borrowed")
	if err := os.MkdirAll(copies, 0o700); err != nil {
		return nil, fmt.Errorf("copying the kubeconfig: %w", err)
	}
	own, err := os.MkdirTemp(copies, "")
	if err != nil {
		return nil, fmt.Errorf("copying the kubeconfig: %w", err)
	}
	path := filepath.Join(own, "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return nil, fmt.Errorf("copying the kubeconfig: %w", err)
	}
	c := &Cluster{Name: contextName, Kubeconfig: path, Context: contextName, Borrowed: true,
		Kind: kindBehind(eng, contextName, server, stateDir)}
	c.guard, err = newGuard(c)
	return c, err
}

// readContext reads the kubeconfig down to one context, with all that it refers to in it.
func readContext(kubeconfig, contextName string) (*api.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	if kubeconfig != "" {
		rules.Precedence = filepath.SplitList(kubeconfig)
	}
	config, err := rules.Load()
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	if config.Contexts[contextName] == nil {
		known := slices.Sorted(maps.Keys(config.Contexts))
		return nil, fmt.Errorf("CONTEXT=%s: the kubeconfig (%s) has no such context; it has: %s",
			contextName, strings.Join(rules.Precedence, ", "), strings.Join(known, ", "))
	}
	config.CurrentContext = contextName
	if err := api.MinifyConfig(config); err != nil {
		return nil, fmt.Errorf("CONTEXT=%s: %w", contextName, err)
	}
	if err := api.FlattenConfig(config); err != nil {
		return nil, fmt.Errorf("CONTEXT=%s: %w", contextName, err)
	}
	if serverOf(config) == "" {
		return nil, fmt.Errorf("CONTEXT=%s: its cluster names no server in the kubeconfig", contextName)
	}
	return config, nil
}

// kindBehind is the kind cluster of this machine's engine that a context reaches, or
// nil. The name alone is no proof: the API server has to be that cluster's.
func kindBehind(eng *engine.Engine, contextName, server, stateDir string) *Provider {
	name, ok := strings.CutPrefix(contextName, "kind-")
	if !ok || name == "" || eng == nil {
		return nil
	}
	p := NewProvider(eng, name, stateDir)
	text, err := p.kind.KubeConfig(name, false)
	if err != nil {
		return nil
	}
	config, err := clientcmd.Load([]byte(text))
	if err != nil || serverOf(config) != server {
		return nil
	}
	return p
}

// Forget removes what Borrow copied; it leaves a cluster that was made here alone.
func Forget(handle map[string]string) error {
	if handle["borrowed"] == "" {
		return nil
	}
	if err := os.RemoveAll(filepath.Dir(handle["kubeconfig"])); err != nil {
		return fmt.Errorf("removing the copy of the kubeconfig: %w", err)
	}
	return nil
}
