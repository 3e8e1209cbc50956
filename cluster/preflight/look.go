package preflight

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"hagate/cluster/engine"
)

// facts are what a machine is like. Sizes are in bytes; -1 is unknown.
type facts struct {
	engine        *engine.Engine // nil where none answers
	engineVersion string
	engineErr     error
	root, debian  bool
	missing       []string // capabilities
	cgroup        int      // version
	instances     int64    // fs.inotify.max_user_instances
	watches       int64    // fs.inotify.max_user_watches
	files         int64    // hard limit of open files
	disk          int64    // free where the engine keeps its data
	memory        int64    // available
	cores         int
	registryErr   error
	goVersion     string // empty where there is none
}

func look(ctx context.Context, registry func(context.Context) error) facts {
	f := facts{
		root:      os.Geteuid() == 0,
		missing:   engine.MissingCapabilities(),
		cgroup:    engine.CgroupVersion(),
		instances: number("/proc/sys/fs/inotify/max_user_instances"),
		watches:   number("/proc/sys/fs/inotify/max_user_watches"),
		files:     openFiles(),
		memory:    available(),
		cores:     runtime.NumCPU(),
	}
	_, err := exec.LookPath("apt-get")
	f.debian = err == nil
	data := "/var/lib"
	if f.engine, f.engineErr = engine.Find(ctx); f.engineErr == nil {
		f.engineVersion = version(ctx, f.engine)
		if out, err := f.engine.Run(ctx, "info", "--format", "{{.DockerRootDir}}"); err == nil {
			data = strings.TrimSpace(string(out))
		}
	}
	f.disk = free(data)
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	f.registryErr = registry(ctx)
	f.goVersion = say(ctx, "go", "env", "GOVERSION")
	return f
}

func version(ctx context.Context, e *engine.Engine) string {
	for _, format := range []string{"{{.Server.Version}}", "{{.Client.Version}}"} { // podman has no server
		if out, err := e.Run(ctx, "version", "--format", format); err == nil {
			return strings.TrimSpace(string(out))
		}
	}
	return "of unknown version"
}

func say(ctx context.Context, command string, args ...string) string {
	out, _ := exec.CommandContext(ctx, command, args...).Output()
	return strings.TrimSpace(string(out))
}

func number(path string) int64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return -1
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func openFiles() int64 {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return -1
	}
	return int64(min(limit.Max, 1<<62))
}

// free is what is left for the file system of path or, where it does not exist, "/".
func free(path string) int64 {
	var s unix.Statfs_t
	err := unix.Statfs(path, &s)
	if errors.Is(err, os.ErrNotExist) {
		err = unix.Statfs("/", &s)
	}
	if err != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize)
}

func available() int64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return -1
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > 1 && fields[0] == "MemAvailable:" {
			kib, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return -1
			}
			return kib << 10
		}
	}
	return -1
}
