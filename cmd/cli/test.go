package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"hagate/gate"
	"hagate/suites"
	"hagate/verdict"
)

// Exit codes of `hagate test`, beside 0 for PASS.
const (
	failed      = 1
	wrongUse    = 2
	invalid     = 3
	interrupted = 130
)

const testHelp = `Play scenarios against a service and judge it from what its clients saw.

A cluster is made with kind, unless --context names one that may be borrowed. Each flag
stands for the environment variable beside it, and for make's variable of that name.

Exit codes:
  0    PASS
  1    FAIL: the service does not keep a promise
  2    a setting or the target is wrong, so that nothing was begun
  3    INVALID: the harness could not measure
  130  interrupted`

// settings are the flags of `hagate test`, each with its environment variable.
var settings = []struct{ flag, env, does string }{
	{"target", "TARGET", "folder of a hagate.yaml; nginx behind a Service where empty"},
	{"labels", "LABELS", "scenarios, as a Ginkgo label filter: 'drain || pod-loss'"},
	{"profile", "PROFILE", "quick, gate or full, where no labels are given"},
	{"context", "CONTEXT", "kube context of a cluster to borrow; one is made where empty"},
	{"kind-config", "KIND_CONFIG", "kind's configuration of the cluster that is made, in place of hagate's own"},
	{"kubeconfig", "KUBECONFIG", "where the context is looked up"},
	{"rate", "RATE", "requests/second of each stream, over the target's own; auto: what the machine carries"},
	{"duration", "DURATION", "of the steady scenario, such as 90s or 10m"},
	{"images", "IMAGES", "auto, pull or build"},
	{"agent-image", "AGENT_IMAGE", "load agent that a borrowed cluster can pull itself"},
	{"out", "OUT", "folder of all runs' reports"},
	{"report-lang", "REPORT_LANG", "en or ko, of the page"},
	{"keep", "KEEP", "1: leave the cluster up for the next run"},
	{"watch", "WATCH", "1: serve the page on loopback while the run goes on"},
	{"fix", "FIX", "1: rerun the failed scenarios on a copy of the target with the proposed changes"},
}

func test() *cobra.Command {
	c := &cobra.Command{Use: "test", Short: "Run scenarios against a service and judge it", Long: testHelp, Args: noArgs}
	for _, s := range settings {
		c.Flags().String(s.flag, "", s.does+" ("+s.env+")")
		if strings.HasPrefix(s.does, "1: ") {
			c.Flags().Lookup(s.flag).NoOptDefVal = "1"
		}
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		for _, s := range settings {
			if given := c.Flags().Lookup(s.flag); given.Changed {
				os.Setenv(s.env, given.Value.String()) // what repeats the run names it, and a run that follows has it
			}
		}
		if f := c.Flags(); f.Lookup("profile").Changed && !f.Lookup("labels").Changed {
			os.Setenv("LABELS", "") // what is said here goes over what is set
		}
		config, err := gate.FromEnv()
		if err != nil {
			return ended{wrongUse, err}
		}
		v, err := suites.Run(config, os.Stdout)
		return end(v, err)
	}
	return c
}

func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return ended{wrongUse, fmt.Errorf("%s takes no arguments, but got %q: see hagate %[1]s --help", c.Name(), args)}
}

// end is how the command ends after a run; nil for a PASS.
func end(v verdict.Verdict, err error) error {
	switch {
	case v.Result == "":
		return ended{wrongUse, err}
	case errors.Is(err, suites.ErrInterrupted):
		return ended{interrupted, nil}
	case v.Result == verdict.Invalid:
		return ended{invalid, err}
	case v.Result != verdict.Pass || err != nil:
		return ended{failed, err}
	}
	return nil
}
