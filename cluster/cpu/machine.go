package cpu

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// userHZ is the unit of /proc/stat, in ticks/second: 100 on every Linux.
const userHZ = 100

// Times is what all cores together have been idle since boot, at a moment.
type Times struct {
	at    time.Time
	cores int
	idle  uint64 // clock ticks
}

// BusySince is the share of all cores that was not idle since an earlier reading, 0
// to 1; -1 where it is unknown. It is idle time against the clock, as the kernel
// measures idleness: most kernels only sample what the rest was, once a tick, and a
// load of short bursts that begin at timers falls between the samples.
func (t Times) BusySince(before Times) float64 {
	whole := t.at.Sub(before.at).Seconds() * float64(t.cores) * userHZ
	if whole <= 0 || t.cores != before.cores || t.idle < before.idle {
		return -1
	}
	return max(0, 1-float64(t.idle-before.idle)/whole)
}

// MachineTimes reads /proc/stat, which shows the whole machine in a container too.
// It is zero where that cannot be read.
func MachineTimes() Times { return machineTimes(os.DirFS("/")) }

func machineTimes(root fs.FS) Times {
	b, err := fs.ReadFile(root, "proc/stat")
	if err != nil {
		return Times{}
	}
	t, err := parseTimes(string(b))
	if err != nil {
		return Times{}
	}
	t.at = time.Now()
	return t
}

// parseTimes reads "cpu user nice system idle iowait …" and counts the lines of single
// cores after it. Waiting for a disk is idleness.
func parseTimes(stat string) (Times, error) {
	var t Times
	for line := range strings.Lines(stat) {
		f := strings.Fields(line)
		switch {
		case len(f) < 6 || !strings.HasPrefix(f[0], "cpu"):
		case f[0] != "cpu":
			t.cores++
		default:
			for _, s := range f[4:6] {
				n, err := strconv.ParseUint(s, 10, 62)
				if err != nil {
					return Times{}, fmt.Errorf("/proc/stat, first line: %w", err)
				}
				t.idle += n
			}
		}
	}
	if t.cores == 0 {
		return Times{}, errors.New("/proc/stat: no line of a core")
	}
	return t, nil
}

// OwnTime is the CPU time that this process has taken.
func OwnTime() time.Duration {
	var r syscall.Rusage
	// It fails on bad arguments only.
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
