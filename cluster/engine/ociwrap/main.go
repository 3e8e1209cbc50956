// Command ociwrap is runc for a host whose root lacks capabilities that the engine
// hands out: it takes them out of the specification, then becomes runc.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"hagate/cluster/engine/capability"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ociwrap:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	bounding, err := capability.Bounding()
	if err != nil {
		return err
	}
	missing := capability.Missing(bounding, 63)
	if bundle := option(args, "--bundle", "-b"); bundle != "" {
		if err := rewrite(filepath.Join(bundle, "config.json"), missing); err != nil {
			return err
		}
	}
	if process := option(args, "--process", "-p"); process != "" {
		if err := rewrite(process, missing); err != nil {
			return err
		}
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		return err
	}
	return syscall.Exec(runc, append([]string{"runc"}, args...), os.Environ())
}

// option is the value of a flag, given as "--flag value" or "--flag=value".
func option(args []string, names ...string) string {
	for i, a := range args {
		for _, name := range names {
			if a == name && i+1 < len(args) {
				return args[i+1]
			}
			if v, ok := strings.CutPrefix(a, name+"="); ok {
				return v
			}
		}
	}
	return ""
}

func rewrite(path string, missing []string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var spec map[string]any
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber() // sizes above 2^53 stay whole
	if err := in.Decode(&spec); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	capability.Strip(spec, missing)
	if text, err = json.Marshal(spec); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
