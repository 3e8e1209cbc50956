package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// StartProcess starts a load agent as a process of this machine, for where no container
// engine is: program is the agent's, and dir, which is there, has all that it writes. It
// outlives its caller, whatever becomes of that, until EndProcess.
func StartProcess(dir string, program []byte, vantage string) error {
	path := filepath.Join(dir, "agent")
	if err := os.WriteFile(path, program, 0o700); err != nil {
		return fmt.Errorf("writing the load agent's program: %w", err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return fmt.Errorf("creating the load agent's log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(path, "serve", "--vantage", vantage, "--socket", filepath.Join(dir, "socket"), "--record", filepath.Join(dir, "record"))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a terminal's Ctrl-C is not for it
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting the load agent: %w", err)
	}
	go cmd.Wait() // so that it leaves no zombie; what it said is in its log
	return nil
}

// ProcessExec runs the commands of the agent that StartProcess started in dir.
func ProcessExec(dir string) Exec {
	return func(ctx context.Context, stdin io.Reader, stdout io.Writer, args ...string) error {
		args = args[1:] // the program's name in its image
		if len(args) > 0 && args[0] == "ctl" {
			args = append([]string{"ctl", "--socket", filepath.Join(dir, "socket")}, args[1:]...)
		}
		cmd := exec.CommandContext(ctx, filepath.Join(dir, "agent"), args...)
		var stderr bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, &stderr
		cmd.SysProcAttr, cmd.WaitDelay = &syscall.SysProcAttr{Setpgid: true}, time.Second // a terminal's Ctrl-C is not for it
		if err := cmd.Run(); err != nil {
			said, _ := os.ReadFile(filepath.Join(dir, "log")) // of the agent that serves, where it ended
			return fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(stderr.String()+string(said)))
		}
		return nil
	}
}

// EndProcess ends what runs of the agent in dir, and removes dir. It is success where
// nothing is left.
func EndProcess(dir string) error {
	program := filepath.Join(dir, "agent")
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	errs := []error{err}
	for _, link := range links {
		if of, err := os.Readlink(link); err != nil || strings.TrimSuffix(of, " (deleted)") != program {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(link, "/proc/%d/exe", &pid); err != nil {
			continue
		}
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
			errs = append(errs, fmt.Errorf("ending the load agent, process %d: %w", pid, err))
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		errs = append(errs, fmt.Errorf("removing the load agent's folder: %w", err))
	}
	return errors.Join(errs...)
}
