package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"hagate/load/agent"
	"hagate/record"
)

// job is a load to send.
type job struct {
	url  string
	mode string // record.Fresh or record.Reused
	rate int    // requests/second
	long time.Duration
	dir  string // for files
}

// cost is what a load cost whoever sent it.
type cost struct {
	cpu float64 // µs of user and system time a request
	p99 float64 // µs from when a request was due to its answer's end
}

// tool sends a load.
type tool struct {
	name string
	run  func(ctx context.Context, j job) (cost, error)
}

// programs are the paths of those that are compared.
type programs struct{ dir string }

func (p programs) path(name string) string { return filepath.Join(p.dir, name) }

// install builds the agent and the others, and installs what Debian has.
func install(ctx context.Context, dir string) (programs, error) {
	p := programs{dir}
	version, err := output(ctx, nil, "go", "list", "-m", "-f", "{{.Version}}", "github.com/tsenart/vegeta/v12")
	if err != nil {
		return p, err
	}
	if _, err := output(ctx, nil, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", p.path("agent"), "./cmd/agent"); err != nil {
		return p, err
	}
	if _, err := output(ctx, []string{"GOBIN=" + dir}, "go", "install", "github.com/tsenart/vegeta/v12@"+strings.TrimSpace(version)); err != nil {
		return p, err
	}
	if _, err := exec.LookPath("nginx"); err == nil {
		return p, nil
	}
	// Without its dependencies' recommendations it starts no service.
	_, err = output(ctx, []string{"DEBIAN_FRONTEND=noninteractive"}, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "nginx-light")
	return p, err
}

// output is what a command says.
func output(ctx context.Context, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(said.String()))
	}
	return out.String(), nil
}

// agent sends the load as a gate run does: over the agent's socket, with its record
// followed.
func (p programs) agent(ctx context.Context, j job) (cost, error) {
	socket, path := filepath.Join(j.dir, "socket"), filepath.Join(j.dir, "record")
	cmd := exec.CommandContext(ctx, p.path("agent"), "serve", "--vantage", record.External, "--socket", socket, "--record", path)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return cost{}, err
	}
	end := func() { cmd.Process.Signal(os.Interrupt); cmd.Wait() }
	defer end()
	for range 100 {
		if agent.Call(ctx, socket, "GET", "/status", nil, io.Discard) == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	order, err := json.Marshal(agent.Order{Scenario: "bench", Longest: j.long, Plan: record.Plan{Rate: j.rate,
		Requests: []record.Call{{Method: "GET", Path: "/", Status: 200}},
		Streams:  []record.Stream{{Vantage: record.External, Mode: j.mode, URL: j.url}}}})
	if err != nil {
		return cost{}, err
	}
	if err := agent.Call(ctx, socket, "POST", "/attack", bytes.NewReader(order), io.Discard); err != nil {
		return cost{}, err
	}
	var lines bytes.Buffer
	if err := agent.Call(ctx, socket, "GET", "/record?follow=1", nil, &lines); err != nil {
		return cost{}, err
	}
	end()
	var sum record.LatencySum
	requests, failed := 0, 0
	err = entries(&lines, func(e record.Entry) error {
		if e.Second == nil {
			return nil
		}
		requests += e.Second.Due
		failed += e.Second.FailedTotal()
		return sum.Add(e.Second.Latency)
	})
	if err != nil {
		return cost{}, err
	}
	if failed > 0 || requests == 0 {
		return cost{}, fmt.Errorf("%d of %d requests failed", failed, requests)
	}
	return cost{cpu: cpu(cmd) / float64(requests), p99: float64(sum.Histogram().ValueAtQuantile(99))}, nil
}

// vegeta sends the load with vegeta's own command.
func (p programs) vegeta(ctx context.Context, j job) (cost, error) {
	path := filepath.Join(j.dir, "vegeta.bin")
	args := []string{"attack", "-rate", fmt.Sprint(j.rate), "-duration", j.long.String(), "-timeout", "2s", "-output", path}
	if j.mode == record.Fresh {
		args = append(args, "-keepalive=false")
	}
	cmd := exec.CommandContext(ctx, p.path("vegeta"), args...)
	cmd.Stdin, cmd.Stderr = strings.NewReader("GET "+j.url+"/\n"), os.Stderr
	if err := cmd.Run(); err != nil {
		return cost{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return cost{}, err
	}
	defer f.Close()
	var all []vegeta.Result
	for decode := vegeta.DecoderFor(f); ; {
		var r vegeta.Result
		if err := decode(&r); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return cost{}, fmt.Errorf("reading vegeta's results: %w", err)
		}
		if r.Error != "" {
			return cost{}, fmt.Errorf("request %d: %s", r.Seq, r.Error)
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		return cost{}, errors.New("no result")
	}
	slices.SortFunc(all, func(a, b vegeta.Result) int { return a.Timestamp.Compare(b.Timestamp) })
	// Request n was due n/rate after the first.
	var latency []float64
	for n, r := range all {
		due := all[0].Timestamp.Add(time.Duration(n) * time.Second / time.Duration(j.rate))
		latency = append(latency, float64(r.Timestamp.Add(r.Latency).Sub(due).Microseconds()))
	}
	slices.Sort(latency)
	return cost{cpu: cpu(cmd) / float64(len(all)), p99: latency[len(latency)*99/100]}, nil
}

// cpu is the user and system time of a command that ended, in µs.
func cpu(cmd *exec.Cmd) float64 {
	return float64((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Microseconds())
}
