package chaos

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"hagate/record"
)

// PodOOM has a container of a Pod run into its memory limit: the kernel kills it, and
// the kubelet starts it again in place.
//
// Where the container has no limit, or more room than oomRoom below it, it gets one
// that leaves it that much. A process of the node then takes memory on the container's
// account, and the container's first process is marked as the one to kill.
type PodOOM struct{ Victim record.Victim }

// oomRoom is in bytes.
const oomRoom = 32 << 20

func (f PodOOM) Declares() record.Fault {
	return record.Fault{Name: "pod-oom", Effect: record.Effect{Kind: record.PodsOutOfMemory}, Victims: []record.Victim{f.Victim}, Returns: true}
}

const (
	// takeMemory sets the limit, marks the process, joins its cgroup and takes memory
	// until it is killed too.
	takeMemory = `echo "$2" >"$1" && echo 1000 >"/proc/$3/oom_score_adj" || exit 1
(echo 0 >"${1%/*}/cgroup.procs" && exec timeout 60 tail /dev/zero) >/dev/null 2>&1 & wait $! || true`
	giveBack = `pkill -f "^tail /dev/zero" || true; if [ -e "$1" ]; then echo "$2" >"$1"; fi`
)

// Inject returns when the container has been started again.
func (f PodOOM) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		if env.NodeExec == nil {
			return nil, ErrOutOfReach
		}
		pod, err := getPod(ctx, env.Client, f.Victim)
		if err != nil {
			return nil, err
		}
		before := restarts(pod)
		host := node{f.Victim.Node, env.NodeExec}
		containers, err := host.inspect(ctx, f.Victim.UID, "ps", "inspect")
		if err == nil && len(containers) == 0 {
			err = errNothingRuns
		}
		if err != nil {
			return nil, fmt.Errorf("finding the processes of %s: %w", nameOf(f.Victim), err)
		}
		of := containers[0]
		limit, low, err := host.memoryLimit(ctx, of)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		err = command(ctx, env, f.Victim.Node, []string{"sh", "-c", takeMemory, "sh", limit.file, low, fmt.Sprint(of.pid)},
			[]string{"sh", "-c", giveBack, "sh", limit.file, limit.value})
		if err != nil {
			return nil, fmt.Errorf("taking memory of %s: %w", nameOf(f.Victim), err)
		}
		evidence := record.Say("on node %s memory was taken up to the limit of container %s (%s bytes, before: %s) at %s", f.Victim.Node, of.of, low, limit.value, stamp(began))
		var said string
		err = wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
			pod, err := getPod(ctx, env.Client, f.Victim)
			if err == nil && restarts(pod) > before {
				said = killed(pod)
			}
			return said != "", nil
		})
		if err != nil {
			return []record.Text{evidence}, fmt.Errorf("waiting for the kubelet to report that a container of %s was killed and restarted: %w", nameOf(f.Victim), context.Cause(ctx))
		}
		return []record.Text{record.Say("%s; the kubelet said %s, and had restarted it at %s", evidence, said, stamp(time.Now()))}, nil
	})
}

// memoryLimit is the limit of a container, and the one that leaves it oomRoom, or its
// own where that is less.
func (n node) memoryLimit(ctx context.Context, p process) (limit assignment, low string, err error) {
	files, err := n.cgroup(ctx, p, "memory", "memory.max", "memory.current", "memory.limit_in_bytes", "memory.usage_in_bytes")
	if err != nil {
		return limit, "", err
	}
	var used uint64
	for _, a := range files {
		switch path.Base(a.file) {
		case "memory.max", "memory.limit_in_bytes":
			limit = a
		default:
			if used, err = strconv.ParseUint(a.value, 10, 64); err != nil {
				return limit, "", fmt.Errorf("reading %s: %w", a.file, err)
			}
		}
	}
	if limit.file == "" || used == 0 {
		return limit, "", fmt.Errorf("the memory cgroup of %s has no limit and use: %v", p.of, files)
	}
	most := used + oomRoom
	if own, err := strconv.ParseUint(limit.value, 10, 64); err == nil { // "max" is none
		most = min(most, own)
	}
	return limit, strconv.FormatUint(most, 10), nil
}

// killed is what the kubelet says of the container that was killed, or nothing. The runtime
// hears of a kill for memory apart from the exit that it causes; where it hears of it
// later, the kubelet says Error, and the exit code is SIGKILL's.
func killed(pod *corev1.Pod) string {
	for _, c := range pod.Status.ContainerStatuses {
		switch end := c.LastTerminationState.Terminated; {
		case end == nil:
		case strings.HasPrefix(end.Reason, "OOM"):
			return end.Reason
		case end.ExitCode == 128+int32(syscall.SIGKILL):
			return fmt.Sprintf("%s, exit code %d", end.Reason, end.ExitCode)
		}
	}
	return ""
}

// Revert puts the limit back where the container is still there.
func (f PodOOM) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return undoCommands(ctx, env, f.Victim.Node) })
}
