// Command benchload compares what the load agent costs with what other load generators
// cost, on loopback against the same nginx, in turns. It prints ratios, each with the
// least and the greatest of its rounds. Then it has one of three endpoints go and come back
// on a schedule that it knows, and prints what the load agent saw of that.
//
//	ROUNDS=3 SECONDS=10 RATES="50 200 1000 5000" OUTAGES=1000 go run ./cmd/benchload
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"hagate/record"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "benchload:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	rounds, err := numbers("ROUNDS", "3")
	if err != nil {
		return err
	}
	seconds, err := numbers("SECONDS", "10")
	if err != nil {
		return err
	}
	rates, err := numbers("RATES", "50 200 1000 5000")
	if err != nil {
		return err
	}
	times, err := numbers("OUTAGES", "1000")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "benchload")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	programs, err := install(ctx, dir)
	if err != nil {
		return err
	}
	url, end, err := serve(ctx, dir)
	if err != nil {
		return err
	}
	defer end()
	tools := []tool{{"agent", programs.agent}, {"vegeta", programs.vegeta}}
	fmt.Printf("%-14s %18s %18s %14s %18s %18s %14s\n", "", "agent, CPU µs", "vegeta, CPU µs", "ratio", "agent, p99 µs", "vegeta, p99 µs", "ratio")
	for _, rate := range rates {
		for _, mode := range []string{record.Reused, record.Fresh} {
			job := job{url: url, mode: mode, rate: rate, long: time.Duration(seconds[0]) * time.Second, dir: dir}
			var cpu, p99 [2]spread
			var ratio, latency spread
			for round := range rounds[0] {
				var got [2]cost
				for i := range tools {
					i := (i + round) % 2 // who goes first takes turns
					if got[i], err = tools[i].run(ctx, job); err != nil {
						return fmt.Errorf("%s at %d requests/s, %s: %w", tools[i].name, rate, mode, err)
					}
					cpu[i] = append(cpu[i], got[i].cpu)
					p99[i] = append(p99[i], got[i].p99)
				}
				ratio = append(ratio, got[0].cpu/got[1].cpu)
				latency = append(latency, got[0].p99/got[1].p99)
			}
			fmt.Printf("%-14s %18s %18s %14s %18s %18s %14s\n", fmt.Sprintf("%d/s %s", rate, mode),
				cpu[0].text("%.0f"), cpu[1].text("%.0f"), ratio.text("%.2f"), p99[0].text("%.0f"), p99[1].text("%.0f"), latency.text("%.2f"))
		}
	}
	return outages(ctx, times[0])
}

// spread is a figure in every round.
type spread []float64

func (s spread) text(format string) string {
	return fmt.Sprintf(format+" to "+format, slices.Min(s), slices.Max(s))
}

// numbers are those of a variable.
func numbers(name, usual string) ([]int, error) {
	text := os.Getenv(name)
	if text == "" {
		text = usual
	}
	var all []int
	for _, word := range strings.Fields(text) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s=%s: want numbers from 1 on", name, text)
		}
		all = append(all, n)
	}
	return all, nil
}
