package agent

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"hagate/record"
)

// watchHealth emits how the machine and this process are, once a second until end
// is closed.
func watchHealth(end <-chan struct{}, vantage string, inFlight func() int, emit func(record.Entry)) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	machine, own := machineTimes(), ownTime()
	for {
		select {
		case <-end:
			return
		case now := <-tick.C:
			m, o := machineTimes(), ownTime()
			emit(record.Entry{Time: now, Health: &record.Health{Vantage: vantage, Busy: m.busySince(machine), Own: o - own, Workers: inFlight()}})
			machine, own = m, o
		}
	}
}

// userHZ is the unit of /proc/stat, in ticks/second: 100 on every Linux.
const userHZ = 100

// times is what all cores together have been idle since boot, at a moment.
type times struct {
	at    time.Time
	cores int
	idle  uint64 // clock ticks
}

// busySince is the share of all cores that was not idle since an earlier reading, 0
// to 1; -1 where it is unknown. It is idle time against the clock, as the kernel
// measures idleness: most kernels only sample what the rest was, once a tick, and a
// load of short bursts that begin at timers falls between the samples.
func (t times) busySince(before times) float64 {
	whole := t.at.Sub(before.at).Seconds() * float64(t.cores) * userHZ
	if whole <= 0 || t.cores != before.cores || t.idle < before.idle {
		return -1
	}
	return max(0, 1-float64(t.idle-before.idle)/whole)
}

// machineTimes reads /proc/stat, which shows the whole machine in a container too.
// It is zero where that cannot be read.
func machineTimes() times {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return times{}
	}
	t, err := parseTimes(string(b))
	if err != nil {
		return times{}
	}
	t.at = time.Now()
	return t
}

// parseTimes reads "cpu user nice system idle iowait …" and counts the lines of single
// cores after it. Waiting for a disk is idleness.
func parseTimes(stat string) (times, error) {
	var t times
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
					return times{}, fmt.Errorf("/proc/stat, first line: %w", err)
				}
				t.idle += n
			}
		}
	}
	if t.cores == 0 {
		return times{}, errors.New("/proc/stat: no line of a core")
	}
	return t, nil
}

// ownTime is the CPU time that this process has taken.
func ownTime() time.Duration {
	var r syscall.Rusage
	// It fails on bad arguments only.
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
