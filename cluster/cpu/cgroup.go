package cpu

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mounted is where cgroups are, from the machine's root.
const mounted = "sys/fs/cgroup"

// group is a cgroup whose CPU time is counted: with cgroup v1 one of the controller
// cpuacct, else one of the unified hierarchy.
type group struct {
	dir string // from the machine's root
	v1  bool
}

// groupOf finds the cgroup of a container. Its first process may be in one further down.
func groupOf(root fs.FS, c Container) (group, error) {
	name := fmt.Sprintf("proc/%d/cgroup", c.PID)
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return group{}, fmt.Errorf("asking for the cgroup of container %s: %w", c.ID, err)
	}
	g, at := group{}, ""
	for line := range strings.Lines(string(text)) { // "4:cpu,cpuacct:/docker/…", or "0::/docker/…"
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(f) < 3:
		case slices.Contains(strings.Split(f[1], ","), "cpuacct"):
			g, at = group{dir: path.Join(mounted, f[1]), v1: true}, f[2]
		case f[0] == "0" && !g.v1:
			g, at = group{dir: mounted}, f[2]
		}
	}
	before, after, ok := strings.Cut(at, c.ID)
	if !ok || strings.Contains(before, "..") {
		return group{}, fmt.Errorf("/%s names no cgroup of container %s in %q: the engine runs on another machine, or the cgroup is out of sight", name, c.ID, text)
	}
	rest, _, _ := strings.Cut(after, "/")
	g.dir = path.Join(g.dir, before+c.ID+rest)
	_, err = g.used(root)
	return g, err
}

// used is the CPU time that all who are or were in g have taken.
func (g group) used(root fs.FS) (time.Duration, error) {
	name, unit := "cpu.stat", time.Microsecond
	if g.v1 {
		name, unit = "cpuacct.usage", time.Nanosecond
	}
	text, err := fs.ReadFile(root, path.Join(g.dir, name))
	if err != nil {
		return 0, fmt.Errorf("reading a cgroup's CPU time: %w", err)
	}
	if !g.v1 {
		first, _, _ := bytes.Cut(text, []byte("\n"))
		text = bytes.TrimPrefix(first, []byte("usage_usec "))
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading a cgroup's CPU time in /%s/%s: %w", g.dir, name, err)
	}
	return time.Duration(n) * unit, nil
}

// podGroup is how the kubelet names a Pod's cgroup: pod<UID> with its cgroupfs driver,
// kubelet-kubepods-burstable-pod<UID>.slice with that of systemd, which allows no dash.
var podGroup = regexp.MustCompile(`pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})(\.slice)?$`)

// onTheWay is what the cgroups between a node's and its Pods' are called.
var onTheWay = regexp.MustCompile(`^kube(let|pods)|^burstable$|^besteffort$`)

// podsIn adds the cgroups of the Pods below g to pods, by UID.
func podsIn(root fs.FS, g group, pods map[string]group) {
	entries, err := fs.ReadDir(root, g.dir)
	if err != nil {
		return // it has gone meanwhile
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		below := group{path.Join(g.dir, e.Name()), g.v1}
		if m := podGroup.FindStringSubmatch(e.Name()); m != nil {
			pods[strings.ReplaceAll(m[1], "_", "-")] = below
		} else if onTheWay.MatchString(e.Name()) {
			podsIn(root, below, pods)
		}
	}
}
