// Package capability reads the capabilities that a process may ever have and takes
// those that it may not out of OCI runtime specifications.
package capability

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// names is every capability by its bit: include/uapi/linux/capability.h.
var names = []string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
	"CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN",
	"CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE",
	"CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL",
	"CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
}

// Bounding is this process's bounding set, a bit a capability.
func Bounding() (uint64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("reading the capability bounding set: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(line, "CapBnd:"); ok {
			return strconv.ParseUint(strings.TrimSpace(v), 16, 64)
		}
	}
	return 0, fmt.Errorf("/proc/self/status has no CapBnd")
}

// Missing names the capabilities up to bit last that bounding lacks.
func Missing(bounding uint64, last int) []string {
	var missing []string
	for bit := 0; bit <= last && bit < len(names); bit++ {
		if bounding&(1<<bit) == 0 {
			missing = append(missing, names[bit])
		}
	}
	return missing
}

// Strip takes missing out of every capability set below v, a decoded OCI process or
// config: wherever a key "capabilities" holds sets of names.
func Strip(v any, missing []string) {
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	for key, value := range m {
		if sets, ok := value.(map[string]any); ok && key == "capabilities" {
			for set, list := range sets {
				if l, ok := list.([]any); ok {
					sets[set] = slices.DeleteFunc(l, func(c any) bool {
						s, _ := c.(string)
						return slices.Contains(missing, s)
					})
				}
			}
			continue
		}
		Strip(value, missing)
	}
}
