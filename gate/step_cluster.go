package gate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"

	"hagate/cluster"
	"hagate/cluster/engine"
	"hagate/cluster/images"
	"hagate/journal"
	"hagate/record"
)

func (r *Run) recoverDead(ctx context.Context) error {
	if err := Recover(ctx, r.Config.StateDir, r.out); err != nil {
		fmt.Fprintln(r.out, "hagate: warning:", err)
	}
	j, err := journal.Create(r.Config.StateDir, r.ID)
	r.journal = j
	return err
}

// findEngine has an engine answer. A borrowed cluster needs none: the load from outside comes
// from a process of this machine then.
func (r *Run) findEngine(ctx context.Context) error {
	if r.Config.Context != "" {
		eng, err := engine.Find(ctx)
		if r.engine = eng; errors.Is(err, engine.ErrNone) {
			return r.setting(record.Say("external load agent"), record.Say("a process of this machine"), record.Say("no container engine answers here, and a borrowed cluster needs none"))
		}
		return err
	}
	eng, concessions, err := engine.Ensure(ctx, r.out)
	if err != nil {
		return err
	}
	r.engine = eng
	for _, c := range concessions {
		if err := r.setting(c.Name, c.Value, c.Reason); err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) ensureImages(ctx context.Context) error {
	if r.engine == nil {
		r.images.agent.Detail = r.Config.AgentImage
		return withoutEngine(r.Config.AgentImage, r.target.Images())
	}
	o := images.Options{Mode: r.Config.Images, Progress: r.out}
	var err error
	if r.images.agent, err = images.Agent(ctx, r.engine); err != nil {
		return err
	}
	if slices.Contains(r.target.Images(), images.NginxRef) {
		if r.images.nginx, err = images.Nginx(ctx, r.engine, o); err != nil {
			return err
		}
	}
	if r.Config.Context == "" {
		r.images.node, err = images.Node(ctx, r.engine, o)
	}
	return err
}

// withoutEngine says which images of a run are only to be had from a container engine.
func withoutEngine(agent string, target []string) error {
	switch {
	case runtime.GOOS != "linux":
		return errors.New("no container engine answers, and the load agent is a program for Linux: start an engine")
	case agent == "":
		return errors.New("AGENT_IMAGE is empty, and no container engine answers that could make the load agent's image: name an image of it that the cluster can pull, or start an engine")
	case slices.Contains(target, images.NginxRef):
		return fmt.Errorf("the target uses %s, which a container engine makes, and none answers: name another image, or a target of your own (TARGET), or start an engine", images.NginxRef)
	}
	return nil
}

// openCluster borrows the cluster that the user named, takes one that was kept, or
// makes one.
func (r *Run) openCluster(ctx context.Context) (err error) {
	switch {
	case r.Config.Context != "":
		r.cluster, err = cluster.Borrow(ctx, r.engine, r.Config.Kubeconfig, r.Config.Context, r.Config.StateDir)
	default:
		r.cluster, err = r.ownCluster(ctx)
	}
	if err != nil {
		return err
	}
	if err := r.creating(undoHandle, r.cluster.Handle()); err != nil {
		return err
	}
	for _, s := range r.cluster.Settings {
		if err := r.setting(s.Name, s.Value, s.Reason); err != nil {
			return err
		}
	}
	for _, t := range r.cluster.Phases {
		if err := r.write(record.Entry{Timing: &record.Timing{Step: record.Say("cluster: %s", t.Name), Took: t.Took}}); err != nil {
			return err
		}
	}
	if r.rest, err = r.cluster.RESTConfig(); err != nil {
		return err
	}
	if r.destructive, err = r.cluster.Destructive(); err != nil {
		return err
	}
	return r.takeLease(ctx)
}

// takeLease keeps other runs off the cluster, also those of other machines.
func (r *Run) takeLease(ctx context.Context) error {
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("asking for this machine's name: %w", err)
	}
	holder := "run " + r.ID + " on " + host
	if err := r.creating(undoLease, map[string]string{"holder": holder}); err != nil {
		return err
	}
	return cluster.TakeLease(ctx, r.destructive, holder)
}

func (r *Run) ownCluster(ctx context.Context) (*cluster.Cluster, error) {
	hash := cluster.Hash(r.Config.KindConfig, r.images.node.Ref)
	kept, release, err := cluster.FindKept(ctx, r.engine, r.Config.StateDir, hash)
	if err != nil {
		return nil, err
	}
	if kept != nil {
		fmt.Fprintf(r.out, "hagate: reusing the kept cluster %s\n", kept.Name)
		r.release = release
		if !r.Config.Keep {
			err = r.creating(undoCluster, r.clusterArgs(kept.Name))
		}
		return kept, err
	}
	name := "hagate-" + r.ID
	made, err := cluster.Create(ctx, r.engine, cluster.Options{
		Name: name, Config: r.Config.KindConfig, NodeImage: r.images.node.Ref, StateDir: r.Config.StateDir, Progress: r.out,
		OnCreate: func() error { return r.creating(undoCluster, r.clusterArgs(name)) },
	})
	if err != nil || !r.Config.Keep {
		return made, err
	}
	return made, r.keep(made, hash)
}

// keep hands the cluster over to the next run: it is no longer this one's to delete.
func (r *Run) keep(c *cluster.Cluster, hash string) error {
	release, err := cluster.Keep(r.Config.StateDir, c, hash)
	if err != nil {
		return err
	}
	r.release = release
	return r.forget(undoCluster)
}

func (r *Run) clusterArgs(name string) map[string]string {
	return map[string]string{"name": name, "state": r.Config.StateDir}
}

func (r *Run) loadImages(ctx context.Context) error {
	if r.cluster.Kind == nil {
		return nil
	}
	refs, pulled := append(r.target.Images(), r.images.agent.Ref), r.target.PulledImages()
	for _, ref := range refs {
		if _, err := r.engine.Run(ctx, "image", "inspect", ref); err != nil {
			fmt.Fprintf(r.out, "hagate: image %s is not on this machine, so the nodes will pull it\n", ref)
			continue
		}
		if err := r.cluster.Kind.LoadImage(ctx, ref); err != nil {
			return err
		}
		if slices.Contains(pulled, ref) {
			fmt.Fprintf(r.out, "hagate: image %s is on the nodes now, and they pull it all the same, from its registry: imagePullPolicy is Always, the default for the tag latest and for none; IfNotPresent or another tag takes the image that is here\n", ref)
		}
	}
	return nil
}

func (r *Run) engineName() record.Text {
	if r.engine == nil {
		return record.Say("no container engine")
	}
	return record.Words(r.engine.Name)
}
