package cli

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"hagate"
	"hagate/cluster/images"
)

func version() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Say which commit this is of, and which Kubernetes its clusters run", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		_, err := fmt.Fprintf(c.OutOrStdout(), "hagate %s\nKubernetes %s\n", cmp.Or(hagate.Commit(), "of an unknown commit"), images.KubernetesVersion)
		return err
	}}
}
