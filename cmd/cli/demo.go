package cli

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"hagate/record"
	"hagate/reports"
	"hagate/reports/lang"
)

// recorded is the record of PROFILE=quick against cases/no-prestop.
//
//go:embed demo/record.jsonl.gz
var recorded []byte

func demo() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Render and open the report of a recorded run: no cluster is needed",
		Long: `Render the report of a run that was recorded on a kind cluster, of nginx without a preStop
hook, to a temporary folder, and open it where there is a screen.
REPORT_LANG is the page's language.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			page, err := renderDemo(filepath.Join(os.TempDir(), "hagate-demo"), c.OutOrStdout())
			if err != nil {
				return err
			}
			open(page)
			return nil
		},
	}
}

// renderDemo writes the reports of the recorded run to dir, and returns its page.
func renderDemo(dir string, out io.Writer) (page string, err error) {
	language, err := lang.Parse(os.Getenv("REPORT_LANG"))
	if err != nil {
		return "", err
	}
	z, err := gzip.NewReader(bytes.NewReader(recorded))
	if err != nil {
		return "", fmt.Errorf("unpacking the recorded run: %w", err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return "", fmt.Errorf("unpacking the recorded run: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("creating the report's folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, record.FileName), text, 0o644); err != nil {
		return "", fmt.Errorf("writing the recorded run: %w", err)
	}
	v, err := reports.Render(dir, "", language)
	if err != nil {
		return "", err
	}
	page = filepath.Join(dir, reports.HTMLFile)
	_, err = fmt.Fprintf(out, "a recorded run of %s: %s: %s\nreport: %s\n", v.Run.Target, v.Result, v.Reason, page)
	return page, err
}

// open shows a page in the user's browser, where there is a screen to show it on.
func open(page string) {
	program := "open"
	if runtime.GOOS != "darwin" {
		program = "xdg-open"
		if os.Getenv("DISPLAY")+os.Getenv("WAYLAND_DISPLAY") == "" {
			return
		}
	}
	_ = exec.Command(program, page).Start() // the page's path has been printed
}
