// Package cli is the command line of hagate: `hagate test` plays the scenarios in suites/
// against a service. The other commands are what surrounds that: they look at the machine and
// at a target's manifests, undo what a dead run left, render reports again and clean up.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"hagate/cluster"
	"hagate/cluster/engine"
	"hagate/cluster/images"
	"hagate/cluster/preflight"
	"hagate/gate"
	"hagate/reports"
	"hagate/reports/lang"
)

// Run is the whole program but for its end, with the arguments after its name. It returns the
// exit code.
func Run(args []string) int {
	all := commands()
	all.SetArgs(args)
	of, err := all.ExecuteC()
	if err == nil {
		return 0
	}
	code, known := errors.AsType[ended](err)
	if !known {
		fmt.Fprintln(os.Stderr, "hagate:", err)
		if of == all {
			return wrongUse // there is no such command
		}
		return failed
	}
	if code.why != nil {
		fmt.Fprintln(os.Stderr, "hagate:", code.why)
	}
	return code.code
}

// ended is how a command ends that has an exit code of its own.
type ended struct {
	code int
	why  error // what is still to be said
}

func (e ended) Error() string { return fmt.Sprintf("exit code %d: %v", e.code, e.why) }

func commands() *cobra.Command {
	all := &cobra.Command{
		Use:           "hagate",
		Short:         "Test the availability of a service on Kubernetes before it goes live",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	all.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return ended{wrongUse, fmt.Errorf("%s: %w: see hagate %[1]s --help", c.Name(), err)}
	})
	all.AddCommand(test(), demo(), initialize(), lint(),
		plain("doctor", "Check this machine: what it has, what is missing, and the fix", func(ctx context.Context) error {
			return preflight.Print(os.Stdout, preflight.Checks(ctx, images.Registry))
		}),
		plain("recover", "Clean up after crashed runs", func(ctx context.Context) error {
			state, err := gate.StateDir()
			if err != nil {
				return err
			}
			return gate.Recover(ctx, state, os.Stdout)
		}),
		plain("down", "Delete clusters that KEEP=1 left up", down),
		plain("clean", "Do what down does, and stop the container engine that hagate started", func(ctx context.Context) error {
			return errors.Join(down(ctx), engine.Stop())
		}),
		report(), version())
	return all
}

// plain is a command without arguments that Ctrl-C ends.
func plain(name, short string, do func(context.Context) error) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return do(ctx)
	}}
}

func report() *cobra.Command {
	return &cobra.Command{
		Use:   "report FOLDER [BASE]",
		Short: "Render a run's reports again from its record",
		Long: `Render the reports of the run in FOLDER again from its record, and compare it with
BASE: an earlier run's folder, or a folder of runs. REPORT_LANG is the page's language.`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			language, err := lang.Parse(os.Getenv("REPORT_LANG"))
			if err != nil {
				return err
			}
			v, err := reports.Render(args[0], append(args, "")[1], language)
			if err != nil {
				return err
			}
			fmt.Printf("%s: %s\n", v.Result, v.Reason)
			return nil
		},
	}
}

func down(ctx context.Context) error {
	state, err := gate.StateDir()
	if err != nil {
		return err
	}
	recovered := gate.Recover(ctx, state, os.Stdout)
	eng, err := engine.Find(ctx)
	switch {
	case errors.Is(err, engine.ErrNone):
		return recovered
	case err != nil:
		return errors.Join(recovered, err)
	}
	return errors.Join(recovered, cluster.DeleteKept(ctx, eng, state))
}
