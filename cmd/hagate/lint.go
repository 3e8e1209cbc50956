package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"

	"hagate/target"
	"hagate/target/sarif"
)

// lint says what is wrong with a target without a cluster. Errors among that are one.
func lint(out io.Writer, args []string) error {
	flags := flag.NewFlagSet("lint", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	format := flags.String("output", "text", "")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("lint: %w\n%s", err, usage)
	}
	if flags.NArg() != 1 {
		return errors.New("lint wants one folder with a hagate.yaml, as target/nginx")
	}
	dir := flags.Arg(0)
	findings, err := target.Lint(dir)
	if err != nil {
		return err
	}
	switch *format {
	case "text":
		err = lintText(out, dir, findings)
	case "json":
		text := json.NewEncoder(out)
		text.SetIndent("", "  ")
		err = text.Encode(append([]target.Finding{}, findings...))
	case "sarif":
		err = sarif.Write(out, findings)
	default:
		err = fmt.Errorf("--output %q is not known: %s", *format, target.Instead(*format, []string{"text", "json", "sarif"}))
	}
	if failed := count(findings, target.Error); err == nil && failed > 0 {
		err = fmt.Errorf("%s cannot be tested: %d to mend", dir, failed)
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
