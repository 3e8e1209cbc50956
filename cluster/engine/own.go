package engine

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
	"strconv"
	"strings"
	"syscall"
	"time"

	"hagate/record"
)

// Files of the engine that hagate starts. None of them is the system's.
const (
	stateDir   = "/var/lib/hagate/engine"
	configFile = stateDir + "/daemon.json"
	logFile    = stateDir + "/dockerd.log"
	runDir     = "/run/hagate"
	pidFile    = runDir + "/docker.pid"
	ownHost    = "unix://" + runDir + "/docker.sock"
)

// The cgroup that all its containers are in where the host has cgroup v1, and its weight: one
// process beside them has 1024, as they would have together, and a compiler would make the
// service and the load agents wait for a core.
const (
	ownCgroup = "/hagate"
	ownShares = "16384"
	cgroupDir = "/sys/fs/cgroup/cpu" + ownCgroup
)

// Ensure is Find. Where none answers and this is root on a Debian-like system, it
// installs docker.io and starts it with hagate's own files. It returns what it had to
// concede to the host. progress gets a line a step.
func Ensure(ctx context.Context, progress io.Writer) (*Engine, []record.Setting, error) {
	e, err := Find(ctx)
	if errors.Is(err, ErrNone) && os.Geteuid() == 0 {
		e, err = bringUp(ctx, progress)
	}
	if err != nil {
		return nil, nil, err
	}
	if !e.Own {
		return e, nil, nil
	}
	concessions := []record.Setting{{Name: record.Say("container engine"), Value: record.Say("docker, started by hagate"), Reason: record.Say("none answered on this host")}}
	if missing := MissingCapabilities(); len(missing) > 0 {
		concessions = append(concessions, record.Setting{Name: record.Say("container runtime"), Value: record.Say("runc without %s", strings.Join(missing, ", ")),
			Reason: record.Say("this host's root lacks them, and the engine hands privileged containers every capability")})
	}
	if config, err := os.ReadFile(configFile); err == nil && bytes.Contains(config, []byte(`"`+ownCgroup+`"`)) { // as it was started
		join(os.Getpid())
		concessions = append(concessions, record.Setting{Name: record.Say("CPU shares of the container engine"), Value: record.Words(ownShares),
			Reason: record.Say("a process beside the containers has 1024: the service and the load agents must not wait for a core behind it")})
	}
	return e, concessions, nil
}

// bringUp installs and starts an engine, one command at a time.
func bringUp(ctx context.Context, progress io.Writer) (*Engine, error) {
	if err := os.MkdirAll(stateDir, 0o711); err != nil {
		return nil, fmt.Errorf("creating the engine's folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(stateDir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the engine's folder: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("locking the engine's folder: %w", err)
	}
	if err := install(ctx, progress); err != nil {
		return nil, err
	}
	// another command may have started one, and so may the installation
	if e, err := Find(ctx); err == nil {
		return e, nil
	}
	fmt.Fprintln(progress, "hagate: starting a container engine of its own")
	exited, err := start(ctx)
	if err != nil {
		return nil, err
	}
	return waitFor(ctx, exited)
}

// start starts dockerd, detached: it outlives this command for the next run. The
// channel is closed should it exit.
func start(ctx context.Context) (<-chan struct{}, error) {
	if err := os.MkdirAll(runDir, 0o711); err != nil {
		return nil, fmt.Errorf("creating the engine's folder: %w", err)
	}
	weighed := weigh()
	if err := configure(ctx, weighed); err != nil {
		return nil, err
	}
	if _, alive := ownPID(); !alive {
		os.Remove(pidFile) // a dead one's would stop the start
	}
	log, err := os.Create(logFile)
	if err != nil {
		return nil, fmt.Errorf("creating the engine's log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command("dockerd", "--config-file", configFile)
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting dockerd: %w", err)
	}
	if weighed {
		join(cmd.Process.Pid)
	}
	exited := make(chan struct{})
	go func() {
		cmd.Wait()
		close(exited)
	}()
	return exited, nil
}

// weigh makes the cgroup of the engine's containers, where the host has cgroup v1 and lets it,
// and says whether it did.
func weigh() bool {
	if CgroupVersion() != 1 {
		return false
	}
	return os.MkdirAll(cgroupDir, 0o755) == nil && os.WriteFile(filepath.Join(cgroupDir, "cpu.shares"), []byte(ownShares), 0o644) == nil
}

// join puts a process beside the containers, so that it need not wait for a core behind them.
// One that cannot be put there does.
func join(pid int) {
	_ = os.WriteFile(filepath.Join(cgroupDir, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0o644)
}

// configure writes the configuration of hagate's own engine.
func configure(ctx context.Context, weighed bool) error {
	config := map[string]any{
		"data-root": filepath.Join(stateDir, "data"),
		"exec-root": filepath.Join(runDir, "docker"),
		"pidfile":   pidFile,
		"hosts":     []string{ownHost},
	}
	if weighed {
		config["cgroup-parent"] = ownCgroup
	}
	if len(MissingCapabilities()) > 0 {
		wrapper := filepath.Join(stateDir, "runc-within-bounds")
		if err := buildWrapper(ctx, wrapper); err != nil {
			return err
		}
		config["runtimes"] = map[string]any{"hagate": map[string]string{"path": wrapper}}
		config["default-runtime"] = "hagate"
	}
	text, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(configFile, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing the engine's configuration: %w", err)
	}
	return nil
}

func waitFor(ctx context.Context, exited <-chan struct{}) (*Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		if e, err := Find(ctx); err == nil {
			return e, nil
		}
		select {
		case <-tick.C:
			continue
		case <-exited:
		case <-ctx.Done():
		}
		text, _ := os.ReadFile(logFile)
		return nil, fmt.Errorf("the container engine that hagate started does not answer: %s (whole log: %s)", lastLines(string(text), 5), logFile)
	}
}

// ownPID is the process of hagate's own engine and whether it is alive.
func ownPID() (int, bool) {
	text, err := os.ReadFile(pidFile)
	if err != nil {
		return 0, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, false
	}
	command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return pid, bytes.Contains(command, []byte(configFile))
}

// Stop stops the engine that hagate started, and the containers in it, where it runs.
func Stop() error {
	pid, alive := ownPID()
	if !alive {
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return fmt.Errorf("stopping the container engine: %w", err)
	}
	for range 150 {
		if _, alive := ownPID(); !alive {
			return nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	return fmt.Errorf("the container engine (process %d) did not stop within 30 s", pid)
}
