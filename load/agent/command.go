package agent

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

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

// Command is the agent's command line: what the harness runs in the agent's container,
// which needs a folder that it can write to and nothing else. It works until ctx ends.
func Command(ctx context.Context, args []string) error {
	err := command(ctx, args)
	if errors.Is(err, errUsage) {
		return fmt.Errorf("%w\n%s", err, strings.TrimSuffix(usage, "\n"))
	}
	return err
}

func command(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	socket := flags.String("socket", Socket, "unix socket to answer on")
	switch args[0] {
	case "serve":
		path := flags.String("record", RecordFile, "file to record in")
		vantage := flags.String("vantage", "", "where this agent stands: in-cluster or external")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		if *vantage == "" || flags.NArg() > 0 {
			return fmt.Errorf("serve: want --vantage and nothing further: %w", errUsage)
		}
		return Serve(ctx, *socket, *path, *vantage)
	case "ctl":
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		switch flags.NArg() {
		case 1:
			return Call(ctx, *socket, http.MethodGet, flags.Arg(0), nil, os.Stdout)
		case 2:
			return Call(ctx, *socket, flags.Arg(0), flags.Arg(1), os.Stdin, os.Stdout)
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
		return Ask(ctx, os.Stdout, call, flags.Args())
	case "answers":
		return Answers(ctx, os.Stdin, os.Stdout)
	case "fail":
		if len(args) == 1 {
			return fmt.Errorf("fail: want a port: %w", errUsage)
		}
		return Fail(ctx, args[1:])
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
		return Clock(os.Stdin, os.Stdout)
	}
	return fmt.Errorf("%q: %w", args[0], errUsage)
}
