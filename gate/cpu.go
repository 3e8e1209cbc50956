package gate

import (
	"context"
	"fmt"
	"time"

	"hagate/cluster/cpu"
	"hagate/record"
)

// startCPU has it recorded every second who uses the machine's cores, where the nodes are
// containers of it. Without that a full machine excuses what fails whoever filled it.
func (r *Run) startCPU(ctx context.Context) {
	if r.cluster.Kind == nil {
		return
	}
	sampler, err := r.cpuSampler(ctx)
	if err != nil {
		fmt.Fprintf(r.out, "hagate: warning: which processes use this machine's CPU is not known, so any failure while it is saturated makes a scenario INVALID: %v\n", err)
		return
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		// As what the agents see: a scenario has it from where its load begins. The writer keeps
		// an error for Close.
		sampler.Run(ctx, func(c record.CPU) { _ = r.relay.take(record.Entry{Time: time.Now(), CPU: &c}) })
	}()
	r.stopCPU = func() {
		cancel()
		<-ended
	}
}

func (r *Run) cpuSampler(ctx context.Context) (*cpu.Sampler, error) {
	nodes, err := r.cluster.Kind.ListNode(ctx)
	if err != nil {
		return nil, err
	}
	o := cpu.Owners{AgentPod: r.agentPod, Service: r.watch.Placed}
	for _, n := range nodes {
		c, err := r.container(ctx, n.Name)
		if err != nil {
			return nil, err
		}
		o.Nodes = append(o.Nodes, c)
	}
	agent, err := r.container(ctx, r.outside())
	if err != nil {
		return nil, err
	}
	o.Agents = []cpu.Container{agent}
	return cpu.New(o)
}

// container asks the engine for a container's ID and first process.
func (r *Run) container(ctx context.Context, name string) (c cpu.Container, err error) {
	out, err := r.engine.Run(ctx, "inspect", "--format", "{{.Id}} {{.State.Pid}}", name)
	if err != nil {
		return c, fmt.Errorf("asking for the first process of container %s: %w", name, err)
	}
	if _, err := fmt.Sscan(string(out), &c.ID, &c.PID); err != nil {
		return c, fmt.Errorf("reading the first process of container %s in %q: %w", name, out, err)
	}
	return c, nil
}
