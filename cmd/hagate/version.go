package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"hagate/cluster/images"
)

func version() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Say which commit this is of, and which Kubernetes its clusters run", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		_, err := fmt.Fprintf(c.OutOrStdout(), "hagate %s\nKubernetes %s\n", commit(), images.KubernetesVersion)
		return err
	}}
}

// commit is that of the sources, and says so where they were changed.
func commit() string {
	of, changed := "of an unknown commit", ""
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return of
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			of = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ", changed"
		}
	}
	return of + changed
}
