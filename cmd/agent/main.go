// Command agent is the load agent, the only file of its image. It is a program of its own, and
// hagate carries it: it is started often, also within the limits of the service's containers.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"hagate/load/agent"
)

func main() {
	// In a container this is process 1, which has no default action for signals.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := agent.Command(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		os.Exit(1)
	}
}
