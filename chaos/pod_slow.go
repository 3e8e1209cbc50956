package chaos

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hagate/record"
)

// PodSlow holds every packet to a Pod back on its node, as a bad link or a busy switch
// does; none is dropped. Where the node's kernel has netem each is late by the same time,
// else by up to that: a token bucket is shut and opened again and again. Revert has all of
// them pass.
type PodSlow struct {
	Victim record.Victim
	By     time.Duration // that a packet is late, at the most
}

func (f PodSlow) Declares() record.Fault {
	return record.Fault{Name: "pod-slow", Effect: record.Effect{Kind: record.PodsLate}, Victims: []record.Victim{f.Victim}, Returns: true}
}

// Delay is what a node's kernel has to hold packets back with.
type Delay string

const (
	Netem Delay = "netem" // each packet by the same time
	Tbf   Delay = "tbf"   // by up to that time
)

// Delays asks a node what its kernel has. It tries in a network namespace of its own, which
// goes with the command. The error names what is missing.
func Delays(ctx context.Context, exec func(context.Context, string, ...string) ([]byte, error), node string) (Delay, error) {
	var errs []error
	for _, way := range []struct {
		delay Delay
		args  string
	}{{Netem, "delay 1ms"}, {Tbf, "rate 1mbit burst 2000 limit 10000"}} {
		_, err := exec(ctx, node, "unshare", "--net", "sh", "-c", "tc qdisc add dev lo root "+string(way.delay)+" "+way.args)
		if err == nil {
			return way.delay, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", way.delay, err))
	}
	return "", fmt.Errorf("node %s cannot delay packets: %w", node, errors.Join(errs...))
}

const (
	// findLink prints the node's end of the link of the Pod of a process.
	findLink = `n=$(nsenter --target "$1" --net ip -o link show eth0 | sed -n 's/.*@if\([0-9]*\):.*/\1/p')
ip -o link | sed -n "s/^$n: \([^:@]*\)[:@].*/\1/p"`
	unslow = `tc qdisc del dev "$1" root`
	// holdBack shuts a token bucket and opens it again and again. Shut, it has every packet
	// cost all that it gathers in that time, so that only the first passes; opened, it
	// looks at what it holds when the next packet comes, and so is sent one.
	holdBack = `shut() { tc qdisc "$2" dev "$1" root stab mtu 2048 tsize 128 mpu 1600 tbf rate %[1]dbit burst 2000 limit 16mb; }
shut "$1" add || exit 1
while :; do sleep %.3[2]f
	tc qdisc change dev "$1" root tbf rate 10gbit burst 16mb limit 16mb; echo >"/dev/udp/$2/9"; sleep 0.050
	shut "$1" change
done`
)

// Inject returns when the node has held packets back for a while.
func (f PodSlow) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		if env.NodeExec == nil {
			return nil, ErrOutOfReach
		}
		host := node{f.Victim.Node, env.NodeExec}
		delay, err := Delays(ctx, env.NodeExec, f.Victim.Node)
		if err != nil {
			return nil, err
		}
		pod, err := getPod(ctx, env.Client, f.Victim)
		if err != nil {
			return nil, err
		}
		link, err := host.link(ctx, f.Victim)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		if delay == Netem {
			err = command(ctx, env, f.Victim.Node, []string{"tc", "qdisc", "add", "dev", link, "root", "netem", "delay", fmt.Sprintf("%dms", f.By.Milliseconds()), "limit", "100000"},
				[]string{"sh", "-c", unslow + " 2>/dev/null || true", "sh", link})
		} else {
			script := fmt.Sprintf(holdBack, int(1600*8/f.By.Seconds()), f.By.Seconds())
			err = transient(ctx, env, f.Victim.Node, "hagate-slow", script, unslow, link, pod.Status.PodIP)
		}
		if err != nil {
			return nil, fmt.Errorf("holding the packets to %s back: %w", nameOf(f.Victim), err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(2 * f.By):
		}
		count, err := env.NodeExec(ctx, f.Victim.Node, "tc", "-s", "qdisc", "show", "dev", link)
		if err != nil {
			return nil, fmt.Errorf("counting the packets to %s: %w", nameOf(f.Victim), err)
		}
		how := record.Say("by %s each", f.By)
		if delay == Tbf {
			how = record.Say("by up to %s", f.By)
		}
		return []record.Text{record.Say("node %s holds the packets to %s back %s with %s on %s since %s; its count at %s: %s",
			f.Victim.Node, nameOf(f.Victim), how, delay, link, stamp(began), stamp(time.Now()), strings.Join(strings.Fields(string(count)), " "))}, nil
	})
}

// link names the node's end of a Pod's link.
func (n node) link(ctx context.Context, v record.Victim) (string, error) {
	sandbox, err := n.inspect(ctx, v.UID, "pods", "inspectp")
	if err == nil && len(sandbox) == 0 {
		err = errNothingRuns
	}
	if err != nil {
		return "", fmt.Errorf("finding the sandbox of %s: %w", nameOf(v), err)
	}
	out, err := n.shell(ctx, findLink, sandbox[:1])
	link := strings.TrimSpace(string(out))
	if err == nil && (link == "" || strings.ContainsAny(link, " \n")) {
		err = fmt.Errorf("its end on the node is %q", link)
	}
	if err != nil {
		return "", fmt.Errorf("finding the link of %s: %w", nameOf(v), err)
	}
	return link, nil
}

func (f PodSlow) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return undoCommands(ctx, env, f.Victim.Node) })
}
