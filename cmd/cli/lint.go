package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"hagate/target"
	"hagate/target/sarif"
)

func lint() *cobra.Command {
	c := &cobra.Command{Use: "lint DIR", Short: "Say what is wrong with a target, without a cluster; exit with 1 where it cannot be tested", Args: cobra.ExactArgs(1)}
	format := c.Flags().String("output", "text", "text, json or sarif")
	c.RunE = func(c *cobra.Command, args []string) error { return lintDir(c.OutOrStdout(), *format, args[0]) }
	return c
}

// lintDir says what is wrong with the target in dir. Errors among that are one.
func lintDir(out io.Writer, format, dir string) error {
	findings, err := target.Lint(dir)
	if err != nil {
		return err
	}
	switch format {
	case "text":
		err = lintText(out, dir, findings)
	case "json":
		text := json.NewEncoder(out)
		text.SetIndent("", "  ")
		err = text.Encode(append([]target.Finding{}, findings...))
	case "sarif":
		err = sarif.Write(out, findings)
	default:
		err = fmt.Errorf("--output %q is not known: %s", format, target.Instead(format, []string{"text", "json", "sarif"}))
	}
	if failed := count(findings, target.Error); err == nil && failed > 0 {
		err = fmt.Errorf("%s cannot be tested: %d errors to fix", dir, failed)
	}
	return err
}

func lintText(out io.Writer, dir string, findings []target.Finding) error {
	for _, x := range findings {
		if _, err := fmt.Fprintln(out, x.Error()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "%s: errors: %d, warnings: %d\n", dir, count(findings, target.Error), count(findings, target.Warning))
	return err
}

func count(findings []target.Finding, severity target.Severity) (n int) {
	for _, x := range findings {
		if x.Severity == severity {
			n++
		}
	}
	return n
}
