package chaos

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hagate/record"
)

// PodKill has a Pod die at once: its processes get SIGKILL on their node, and the Pod
// is deleted with no grace before the kubelet can start it again. Where nodes are out
// of reach the kubelet does the killing, when it hears of the delete; the evidence
// says which it was.
//
// SIGKILL goes to the first process of every container and of the sandbox, whose PID
// namespaces end with them. With hostPID a container's other processes are left to
// the kubelet.
type PodKill struct {
	Victim record.Victim
	Of     string // the component that the Pod is of, such as DNS; the workload's where empty
}

func (f PodKill) Declares() record.Fault {
	kill := record.Fault{Name: "pod-kill", Effect: record.Effect{Kind: record.PodsKilled}, Victims: []record.Victim{f.Victim}}
	if f.Of != "" {
		kill.Name, kill.Effect = strings.ToLower(f.Of)+"-kill", record.Effect{Kind: record.ComponentAway, Away: f.Of}
	}
	return kill
}

func (f PodKill) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) { return f.kill(ctx, env) })
}

func (f PodKill) kill(ctx context.Context, env *Env) ([]record.Text, error) {
	procs, err := f.aim(ctx, env)
	if err != nil {
		return nil, err
	}
	return f.strike(ctx, env, procs)
}

// aim finds what strike is to kill: nothing where nodes are out of reach.
func (f PodKill) aim(ctx context.Context, env *Env) (processes, error) {
	if _, err := getPod(ctx, env.Client, f.Victim); err != nil {
		return nil, err
	}
	if env.NodeExec == nil {
		return nil, nil
	}
	procs, err := node{f.Victim.Node, env.NodeExec}.processes(ctx, f.Victim.UID)
	if err != nil {
		return nil, fmt.Errorf("finding the processes of %s: %w", nameOf(f.Victim), err)
	}
	return procs, nil
}

func (f PodKill) strike(ctx context.Context, env *Env, procs processes) ([]record.Text, error) {
	if env.NodeExec == nil {
		return f.deleteOnly(ctx, env)
	}
	host, killed := node{f.Victim.Node, env.NodeExec}, time.Now()
	if err := host.signal(ctx, "KILL", procs); err != nil {
		return nil, fmt.Errorf("killing the processes of %s: %w", nameOf(f.Victim), err)
	}
	sent := record.Say("on node %s %s got SIGKILL at %s", f.Victim.Node, procs.named(), stamp(killed))
	deleted, err := f.forceDelete(ctx, env)
	if err != nil {
		return []record.Text{sent}, err
	}
	if err := host.waitDead(ctx, procs); err != nil {
		return []record.Text{sent, deleted}, fmt.Errorf("killing the processes of %s: %w", nameOf(f.Victim), err)
	}
	return []record.Text{record.Say("%s, and are gone", sent), deleted}, nil
}

func (f PodKill) deleteOnly(ctx context.Context, env *Env) ([]record.Text, error) {
	deleted, err := f.forceDelete(ctx, env)
	if err != nil {
		return nil, err
	}
	return []record.Text{deleted, record.Say("nodes are not accessible from here: the kubelet was left to kill the processes after the delete, and that was not observed")}, nil
}

func (f PodKill) forceDelete(ctx context.Context, env *Env) (evidence record.Text, err error) {
	asked := time.Now()
	if err := deletePod(ctx, env.Client, f.Victim, new(int64)); err != nil {
		return evidence, err
	}
	if err := WaitGone(ctx, env.Client, f.Victim); err != nil {
		return evidence, err
	}
	return record.Say("%s was deleted with no grace at %s, and had left the API at %s", nameOf(f.Victim), stamp(asked), stamp(time.Now())), nil
}

// Revert has nothing to put back: the workload's controller makes a new Pod.
func (f PodKill) Revert(_ context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return nil })
}
