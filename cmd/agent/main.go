// Command agent is the load agent, the only file of its image. It needs a folder that
// it can write to and nothing else.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"hagate/load/agent"
	"hagate/record"
)

const usage = `usage:
  agent serve --vantage NAME [--socket PATH] [--record PATH]
  agent ctl   [--socket PATH] [METHOD] PATH    one request to a serving agent
  agent clock                                  answers every line with the time
  agent ask   --call JSON URL...               makes a request to each once
  agent answers                                asks Pods until stdin ends, which begins with whom
  agent fail  PORT...                          answers every request with 500
  agent idle  DURATION                         does nothing for so long
`

// errUsage means that the arguments are none of the above.
var errUsage = errors.New("unknown arguments")

func main() {
	// In a container this is process 1, which has no default action for signals.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		if errors.Is(err, errUsage) {
			fmt.Fprint(os.Stderr, usage)
		}
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	socket := flags.String("socket", agent.Socket, "unix socket to answer on")
	switch args[0] {
	case "serve":
		path := flags.String("record", agent.RecordFile, "file to record in")
		vantage := flags.String("vantage", "", "where this agent stands: in-cluster or external")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		if *vantage == "" || flags.NArg() > 0 {
			return fmt.Errorf("serve: want --vantage and nothing further: %w", errUsage)
		}
		return agent.Serve(ctx, *socket, *path, *vantage)
	case "ctl":
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		switch flags.NArg() {
		case 1:
			return agent.Call(ctx, *socket, http.MethodGet, flags.Arg(0), nil, os.Stdout)
		case 2:
			return agent.Call(ctx, *socket, flags.Arg(0), flags.Arg(1), os.Stdin, os.Stdout)
		}
		return fmt.Errorf("ctl: want a path, or a method and a path: %w", errUsage)
	case "ask":
		text := flags.String("call", "", "the request, a call as the record has it")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		var call record.Call
		if err := json.Unmarshal([]byte(*text), &call); err != nil {
			return fmt.Errorf("ask: --call: %w: %w", err, errUsage)
		}
		return agent.Ask(ctx, os.Stdout, call, flags.Args())
	case "answers":
		return agent.Answers(ctx, os.Stdin, os.Stdout)
	case "fail":
		if len(args) == 1 {
			return fmt.Errorf("fail: want a port: %w", errUsage)
		}
		return agent.Fail(ctx, args[1:])
	case "idle":
		if len(args) != 2 {
			return fmt.Errorf("idle: want a duration: %w", errUsage)
		}
		long, err := time.ParseDuration(args[1])
		if err != nil {
			return fmt.Errorf("idle: %w: %w", err, errUsage)
		}
		select {
		case <-ctx.Done():
		case <-time.After(long):
		}
		return nil
	case "clock":
		return agent.Clock(os.Stdin, os.Stdout)
	}
	return fmt.Errorf("%q: %w", args[0], errUsage)
}
