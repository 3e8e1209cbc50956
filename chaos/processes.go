package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"hagate/record"
)

// deadWithin is how long the kernel may take over a SIGKILL.
const deadWithin = 10 * time.Second

var errNothingRuns = errors.New("no container runs")

// node runs commands on the node name.
type node struct {
	name string
	exec func(ctx context.Context, node string, args ...string) ([]byte, error)
}

// process is the first process of a container or of a Pod's sandbox.
type process struct {
	of  string // the container's name, or the Pod's
	pid int    // on the node
}

type processes []process

func (p processes) String() string { return p.named().String() }

func (p processes) named() record.Text {
	var s []string
	for _, p := range p {
		s = append(s, fmt.Sprintf("%d (%s)", p.pid, p.of))
	}
	return record.Say("the processes %s", strings.Join(s, ", "))
}

func (p processes) pids() (s []string) {
	for _, p := range p {
		s = append(s, strconv.Itoa(p.pid))
	}
	return s
}

// processes finds what runs of the Pod uid. A Pod without a running container is an
// error. The sandboxes come last.
func (n node) processes(ctx context.Context, uid string) (processes, error) {
	containers, err := n.inspect(ctx, uid, "ps", "inspect")
	if err != nil {
		return nil, err
	}
	if len(containers) == 0 {
		return nil, fmt.Errorf("%w on node %s", errNothingRuns, n.name)
	}
	sandboxes, err := n.inspect(ctx, uid, "pods", "inspectp")
	return append(containers, sandboxes...), err
}

// inspect has crictl list what is up of the Pod uid and looks at each.
func (n node) inspect(ctx context.Context, uid, list, inspect string) (processes, error) {
	state := map[string]string{"ps": "running", "pods": "ready"}[list]
	ids, err := n.exec(ctx, n.name, "crictl", list, "--quiet", "--state", state, "--label", "io.kubernetes.pod.uid="+uid)
	if err != nil {
		return nil, fmt.Errorf("crictl %s: %w", list, err)
	}
	if len(bytes.Fields(ids)) == 0 {
		return nil, nil
	}
	out, err := n.exec(ctx, n.name, append([]string{"crictl", inspect, "--output", "json"}, strings.Fields(string(ids))...)...)
	if err != nil {
		return nil, fmt.Errorf("crictl %s: %w", inspect, err)
	}
	procs, err := parseInspect(out)
	if err != nil {
		return nil, fmt.Errorf("crictl %s: %w", inspect, err)
	}
	return procs, nil
}

// parseInspect reads what `crictl inspect` or `inspectp` prints: an object where one
// thing was looked at, else an array. A pid that stands for no process of a Pod (0:
// not running; 1: the node's own) is an error.
func parseInspect(out []byte) (processes, error) {
	if out = bytes.TrimSpace(out); !bytes.HasPrefix(out, []byte("[")) {
		out = append(append([]byte("["), out...), ']')
	}
	var list []struct {
		Status struct{ Metadata struct{ Name string } }
		Info   struct{ PID int }
	}
	if err := json.Unmarshal(out, &list); err != nil {
		return nil, fmt.Errorf("reading its output: %w", err)
	}
	var procs processes
	for _, l := range list {
		if l.Info.PID <= 1 {
			return nil, fmt.Errorf("%q has the pid %d", l.Status.Metadata.Name, l.Info.PID)
		}
		procs = append(procs, process{l.Status.Metadata.Name, l.Info.PID})
	}
	return procs, nil
}

// listTree prints the processes of the PID namespace of $1, or "host" where that is the
// node's.
const listTree = `ns=$(readlink "/proc/$1/ns/pid"); if [ "$ns" = "$(readlink /proc/1/ns/pid)" ]; then echo host; exit; fi
for d in /proc/[0-9]*; do if [ "$(readlink "$d/ns/pid")" = "$ns" ]; then echo "${d#/proc/}"; fi; done`

// tree is every process in the containers of the Pod uid, and not its sandbox's. A
// Pod without a running container is errNothingRuns; one in the node's own PID namespace
// (hostPID) is an error, since its processes cannot be told from the kubelet's.
func (n node) tree(ctx context.Context, uid string) (processes, error) {
	first, err := n.inspect(ctx, uid, "ps", "inspect")
	if err != nil {
		return nil, err
	}
	var all processes
	for _, p := range first {
		// a container's processes share the PID namespace of its first one
		out, err := n.shell(ctx, listTree, processes{p})
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(string(out)) == "host" {
			return nil, fmt.Errorf("container %s is in the PID namespace of node %s (hostPID), so its processes cannot be told from the node's own", p.of, n.name)
		}
		for _, pid := range strings.Fields(string(out)) {
			if id, err := strconv.Atoi(pid); err == nil && id > 1 {
				all = append(all, process{p.of, id})
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w on node %s", errNothingRuns, n.name)
	}
	return all, nil
}

// signal sends a signal, named without SIG, to all of p in one command. One that is gone
// is passed over, since a container's processes go with its first: none left, or one that
// is there and does not take the signal, is an error.
func (n node) signal(ctx context.Context, name string, p processes) error {
	_, err := n.shell(ctx, `for p; do if kill -`+name+` "$p"; then sent=1; elif [ -e "/proc/$p" ]; then exit 1; fi; done; [ "$sent" ]`, p)
	return err
}

// waitDead waits until none of p is there.
func (n node) waitDead(ctx context.Context, p processes) error {
	ctx, cancel := context.WithTimeoutCause(ctx, deadWithin, fmt.Errorf("not within %s", deadWithin))
	defer cancel()
	var left []string
	err := wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
		out, err := n.shell(ctx, `for p; do if [ -e "/proc/$p" ]; then echo "$p"; fi; done`, p)
		left = strings.Fields(string(out))
		return err == nil && len(left) == 0, err
	})
	if err != nil {
		return errors.Join(fmt.Errorf("waiting for %s to go (%s left): %w", p, strings.Join(left, ", "), err), context.Cause(ctx))
	}
	return nil
}

func (n node) shell(ctx context.Context, script string, p processes) ([]byte, error) {
	return n.exec(ctx, n.name, append([]string{"sh", "-c", script, "sh"}, p.pids()...)...)
}
