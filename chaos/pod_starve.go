package chaos

import (
	"context"
	"fmt"
	"path"
	"slices"
	"time"

	"hagate/record"
)

// PodStarve leaves each container of a Pod a millisecond of CPU time in every second,
// as a neighbour that takes everything would, or a limit that is far too low. Revert
// puts its own limit back.
type PodStarve struct{ Victim record.Victim }

func (f PodStarve) Declares() record.Fault {
	return record.Fault{Name: "pod-starve", Effect: record.Effect{Kind: record.PodsHeld}, Victims: []record.Victim{f.Victim}, Returns: true}
}

// starved are the least values that the kernel takes, by the control file's name: of
// cgroup version 2, and of version 1.
var starved = map[string]string{
	"cpu.max":           "1000 1000000",
	"cpu.cfs_period_us": "1000000",
	"cpu.cfs_quota_us":  "1000",
}

func (f PodStarve) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		if env.NodeExec == nil {
			return nil, ErrOutOfReach
		}
		host := node{f.Victim.Node, env.NodeExec}
		containers, err := host.inspect(ctx, f.Victim.UID, "ps", "inspect")
		if err != nil {
			return nil, fmt.Errorf("finding the processes of %s: %w", nameOf(f.Victim), err)
		}
		var before, during []assignment
		for _, c := range containers {
			files, err := host.cgroup(ctx, c, "cpu", "cpu.max", "cpu.cfs_period_us", "cpu.cfs_quota_us")
			if err != nil {
				return nil, err
			}
			for _, a := range files {
				during = append(during, assignment{a.file, starved[path.Base(a.file)]})
			}
			slices.Reverse(files) // a quota of version 1 goes up before its period comes down
			before = append(before, files...)
		}
		if len(during) == 0 {
			return nil, fmt.Errorf("%w on node %s", errNothingRuns, f.Victim.Node)
		}
		began := time.Now()
		if err := command(ctx, env, f.Victim.Node, assign(during), assign(before)); err != nil {
			return nil, fmt.Errorf("starving %s: %w", nameOf(f.Victim), err)
		}
		return []record.Text{record.Say("on node %s the containers of %s get 1 ms of CPU time in every second since %s (before: %s)", f.Victim.Node, nameOf(f.Victim), stamp(began), values(before))}, nil
	})
}

func values(list []assignment) (s []string) {
	for _, a := range list {
		s = append(s, path.Base(a.file)+" "+a.value)
	}
	return s
}

func (f PodStarve) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return undoCommands(ctx, env, f.Victim.Node) })
}
