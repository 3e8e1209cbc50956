package engine

import (
	"os"
	"strconv"
	"strings"

	"hagate/cluster/engine/capability"
)

// MissingCapabilities names the capabilities that the kernel knows and this
// process's bounding set lacks.
func MissingCapabilities() []string {
	last, err := os.ReadFile("/proc/sys/kernel/cap_last_cap")
	if err != nil {
		return nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(last)))
	if err != nil {
		return nil
	}
	bounding, err := capability.Bounding()
	if err != nil {
		return nil
	}
	return capability.Missing(bounding, n)
}

// CgroupVersion is 1 or 2, of this host.
func CgroupVersion() int {
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err != nil {
		return 1
	}
	return 2
}
