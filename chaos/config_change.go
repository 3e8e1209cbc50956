package chaos

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"hagate/record"
)

// ConfigChange adds a comment to a configuration that Pods take from a ConfigMap, and
// rolls their workload out so that they take it. Revert puts both back.
type ConfigChange struct {
	Workload Object
	Config   Object // a ConfigMap
	Key      string
	Comment  string          // the line that is added
	Victims  []record.Victim // the Pods with the old configuration
}

func (f ConfigChange) Declares() record.Fault {
	return record.Fault{Name: "config-change", Effect: record.Effect{Kind: record.PodsReplaced, Updates: true}, Victims: f.Victims}
}

// kubeletsHear is how long the kubelets are given to hear of the change, which they watch:
// a Pod that starts before that has the old configuration.
const kubeletsHear = 2 * time.Second

func (f ConfigChange) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		began := time.Now()
		err := setConfig(ctx, env, f.Config, f.Key, func(old string) string { return old + "\n" + f.Comment + "\n" })
		if err != nil {
			return nil, err
		}
		select {
		case <-time.After(kubeletsHear):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if err := newVersion(ctx, env, f.Workload, began); err != nil {
			return nil, err
		}
		evidence := record.Say("%s got a comment in %s at %s, and %s a new version %s later, for the kubelets to hear of it", f.Config, f.Key, stamp(began), f.Workload, kubeletsHear)
		if err := waitGrown(ctx, env, f.Workload); err != nil {
			return []record.Text{evidence}, err
		}
		return []record.Text{record.Say("%s, and was rolled out at %s", evidence, stamp(time.Now()))}, nil
	})
}

func (f ConfigChange) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return configBack(ctx, env, f.Config, f.Workload) })
}

// configBack puts the configuration back before the Pods take it again.
func configBack(ctx context.Context, env *Env, config, workload Object) error {
	if err := putBack(ctx, env, config); err != nil {
		return err
	}
	return rollBack(ctx, env, workload)
}

func setConfig(ctx context.Context, env *Env, o Object, key string, edit func(string) string) error {
	return change(ctx, env, o, func(c *corev1.ConfigMap) error {
		old, ok := c.Data[key]
		if !ok {
			return fmt.Errorf("it has no key %q", key)
		}
		c.Data[key] = edit(old)
		return nil
	})
}
