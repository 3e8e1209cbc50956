// Command hagate does what surrounds a run of the gate: it looks at the machine and at
// a target's manifests, undoes what a dead run left, renders reports again and cleans
// up. The run itself is the Ginkgo suite in suites/.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"hagate/cluster"
	"hagate/cluster/engine"
	"hagate/cluster/images"
	"hagate/cluster/preflight"
	"hagate/gate"
	"hagate/reports"
)

const usage = `usage: hagate doctor | recover | down | clean | report FOLDER [BASE]
       hagate lint [--output text|json|sarif] DIR

  doctor   what this machine has, what is missing, and the fix
  recover  undo what runs that died left behind
  down     delete clusters that KEEP=1 left up
  clean    down, and stop the container engine that hagate started
  report   render a run's reports again from the record in FOLDER, and compare it
           with BASE: an earlier run's folder, or a folder of runs
  lint     what is wrong with the target in DIR, without a cluster; exits with 1
           where it cannot be tested`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := do(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "hagate:", err)
		os.Exit(1)
	}
}

func do(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	if args[0] == "lint" {
		return lint(os.Stdout, args[1:]) // whatever the environment says
	}
	config, err := gate.FromEnv()
	if err != nil {
		return err
	}
	switch args[0] {
	case "doctor":
		return preflight.Print(os.Stdout, preflight.Checks(ctx, images.Registry))
	case "recover":
		return gate.Recover(ctx, config.StateDir, os.Stdout)
	case "down":
		return down(ctx, config.StateDir)
	case "clean":
		return errors.Join(down(ctx, config.StateDir), engine.Stop())
	case "report":
		if len(args) < 2 || len(args) > 3 {
			return errors.New("report wants the folder of one run, as reports/out/latest, and may have that of an earlier one")
		}
		base := ""
		if len(args) == 3 {
			base = args[2]
		}
		v, err := reports.Render(args[1], base, config.Lang)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %s\n", v.Result, v.Reason)
		return nil
	}
	return fmt.Errorf("%q is not a command\n%s", args[0], usage)
}

func down(ctx context.Context, stateDir string) error {
	eng, err := engine.Find(ctx)
	if errors.Is(err, engine.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(gate.Recover(ctx, stateDir, os.Stdout), cluster.DeleteKept(ctx, eng, stateDir))
}
