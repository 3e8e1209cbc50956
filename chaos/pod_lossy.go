package chaos

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hagate/record"
)

// PodLossy drops a share of the packets to and from a Pod, on its node: those of
// clients and those of its probes. Revert has all of them pass.
type PodLossy struct {
	Victim  record.Victim
	Percent int // of the packets of each direction
}

func (f PodLossy) Declares() record.Fault {
	return record.Fault{Name: "pod-lossy", Effect: record.Effect{Kind: record.PodsHeld}, Victims: []record.Victim{f.Victim}, Returns: true}
}

// lossyRules drop before the packet's address is translated back, and after it was
// translated to the Pod's.
const lossyRules = `table inet hagate {
	chain from { type filter hook prerouting priority -400; %[1]s saddr %[2]s numgen random mod 100 < %[3]d drop; }
	chain to { type filter hook postrouting priority 400; %[1]s daddr %[2]s numgen random mod 100 < %[3]d drop; }
}`

func (f PodLossy) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		pod, err := getPod(ctx, env.Client, f.Victim)
		if err != nil {
			return nil, err
		}
		family := "ip"
		if strings.Contains(pod.Status.PodIP, ":") {
			family = "ip6"
		}
		began := time.Now()
		if err := nftTable(ctx, env, f.Victim.Node, fmt.Sprintf(lossyRules, family, pod.Status.PodIP, f.Percent)); err != nil {
			return nil, fmt.Errorf("dropping packets of %s: %w", nameOf(f.Victim), err)
		}
		return []record.Text{record.Say("node %s drops %d %% of the packets to %s (%s) and of those from it since %s", f.Victim.Node, f.Percent, nameOf(f.Victim), pod.Status.PodIP, stamp(began))}, nil
	})
}

func (f PodLossy) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return undoCommands(ctx, env, f.Victim.Node) })
}

// nftTable gives a node the rules of the table inet hagate; undoing deletes it.
func nftTable(ctx context.Context, env *Env, node, rules string) error {
	return command(ctx, env, node, []string{"sh", "-c", `echo "$1" | nft -f -`, "sh", rules},
		[]string{"sh", "-c", "if nft list table inet hagate >/dev/null 2>&1; then nft delete table inet hagate; fi"})
}
