package cpu

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// A thread that has work for a moment only waits for a moment each time, however busy the
// machine is, and that harms nobody, though it adds up. Its waiting counts where it had a
// core for worked in a second, so wanted it for most of it, or waited for stuck at a time.
const (
	worked = 200 * time.Millisecond
	stuck  = 50 * time.Millisecond
)

// waits are what each thread of a Pod has had of a core since it began, and how long limits
// of the Pod's own have held it back, which the kernel may count as waiting, too.
type waits struct {
	threads map[string]thread // by folder in /proc
	held    time.Duration
}

// thread is the schedstat of one.
type thread struct {
	ran, waited time.Duration
	times       int64 // that it was given a core
}

// waitsOf reads them of a Pod's cgroup and of those below it: its containers'. What has
// gone meanwhile is not among them.
func waitsOf(root fs.FS, g group) waits {
	w := waits{threads: map[string]thread{}}
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
				text, _ := fs.ReadFile(root, path.Join(tasks, t.Name(), "schedstat"))
				var n thread
				if _, err := fmt.Sscan(string(text), (*int64)(&n.ran), (*int64)(&n.waited), &n.times); err == nil {
					w.threads[path.Join(tasks, t.Name())] = n
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

// since is the longest that a thread has waited since before, a second ago, other than for
// its own limit, and how many were looked at: one that has begun since then is not.
func (w waits) since(before waits) (longest time.Duration, threads int) {
	for name, now := range w.threads {
		was, ok := before.threads[name]
		if !ok {
			continue
		}
		threads++
		waited := now.waited - was.waited
		if now.ran-was.ran >= worked || waited >= stuck*time.Duration(max(1, now.times-was.times)) {
			longest = max(longest, waited)
		}
	}
	return max(0, longest-(w.held-before.held)), threads
}
