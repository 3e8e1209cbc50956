package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/cobra"

	"hagate/target"
)

func initialize() *cobra.Command {
	c := &cobra.Command{Use: "init DIR", Short: "Write a hagate.yaml for the manifests in DIR", Args: cobra.ExactArgs(1)}
	workload := c.Flags().String("workload", "", "name of the Deployment or StatefulSet, where more than one is served")
	service := c.Flags().String("service", "", "name of the Service, where more than one leads there")
	c.RunE = func(c *cobra.Command, args []string) error {
		return initDir(c.OutOrStdout(), args[0], target.Choice{Workload: *workload, Service: *service})
	}
	return c
}

// initDir writes the target file of the manifests in dir, and says what is left to do.
func initDir(out io.Writer, dir string, choice target.Choice) error {
	path := filepath.Join(dir, target.FileName)
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s already exists: edit it, or move it away", path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	draft, err := target.NewDraft(dir, choice)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, draft.Text, 0o644); err != nil {
		return err
	}
	for _, file := range draft.LeftOut {
		fmt.Fprintln(out, "left out:", file)
	}
	findings, err := target.Lint(dir)
	if err != nil {
		return err
	}
	if err := lintText(out, dir, findings); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "wrote %s: review its lines marked CHECK, then: hagate test --target %s\n", path, shellescape.Quote(dir))
	return err
}
