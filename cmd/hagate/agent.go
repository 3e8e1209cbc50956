package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"hagate/load/agent"
)

// loadAgent is the command that this program is where it is called agent: the load agent's
// image is made of it.
func loadAgent() *cobra.Command {
	return &cobra.Command{Use: agentName, Hidden: true, DisableFlagParsing: true, RunE: func(_ *cobra.Command, args []string) error {
		// In a container this is process 1, which has no default action for signals.
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return agent.Command(ctx, args)
	}}
}

const agentName = "agent"
