package cpu

import (
	"bufio"
	"bytes"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// waits are how long each thread of a Pod has waited for a core since it began, and how long
// limits of the Pod's own have held it back, which the kernel may count as waiting, too.
type waits struct {
	threads map[string]time.Duration // by folder in /proc
	held    time.Duration
}

// waitsOf reads them of a Pod's cgroup and of those below it: its containers'. What has
// gone meanwhile is not among them.
func waitsOf(root fs.FS, g group) waits {
	w := waits{threads: map[string]time.Duration{}}
	_ = fs.WalkDir(root, g.dir, func(dir string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return nil
		}
		w.held += heldBack(root, group{dir, g.v1})
		procs, _ := fs.ReadFile(root, path.Join(dir, "cgroup.procs"))
		for pid := range strings.FieldsSeq(string(procs)) {
			tasks := path.Join("proc", pid, "task")
			threads, _ := fs.ReadDir(root, tasks)
			for _, t := range threads {
				text, _ := fs.ReadFile(root, path.Join(tasks, t.Name(), "schedstat")) // ran, waited, times
				if f := strings.Fields(string(text)); len(f) > 1 {
					ns, _ := strconv.ParseInt(f[1], 10, 64)
					w.threads[path.Join(tasks, t.Name())] = time.Duration(ns)
				}
			}
		}
		return nil
	})
	return w
}

// heldBack is how long a CPU limit has held a cgroup back; 0 where it has none.
func heldBack(root fs.FS, g group) time.Duration {
	dir, field, unit := g.dir, "throttled_usec", time.Microsecond
	if g.v1 {
		dir, field, unit = strings.Replace(dir, "/cpuacct/", "/cpu/", 1), "throttled_time", time.Nanosecond
	}
	text, _ := fs.ReadFile(root, path.Join(dir, "cpu.stat"))
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if name, value, _ := strings.Cut(lines.Text(), " "); name == field {
			n, _ := strconv.ParseInt(value, 10, 64)
			return time.Duration(n) * unit
		}
	}
	return 0
}

// since is the longest that a thread has waited since before, other than for its own limit,
// and how many were looked at: one that has begun since then is not.
func (w waits) since(before waits) (longest time.Duration, threads int) {
	for thread, now := range w.threads {
		if was, ok := before.threads[thread]; ok {
			longest = max(longest, now-was)
			threads++
		}
	}
	return max(0, longest-max(0, w.held-before.held)), threads // what held a container that has gone has gone with it
}
