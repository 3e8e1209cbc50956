package chaos

import (
	"context"
	"time"

	"hagate/record"
)

// BrokenConfig makes a configuration that Pods take from a ConfigMap unreadable, and
// rolls their workload out. Revert puts both back.
type BrokenConfig struct {
	Workload Object
	Config   Object // a ConfigMap
	Key      string
	Selector string // of the workload's Pods
}

func (f BrokenConfig) Declares() record.Fault {
	return record.Fault{Name: "config-broken", Effect: record.Effect{Kind: record.VersionBroken, Updates: true}, Returns: true}
}

// Inject returns when the containers of a Pod with the broken configuration have run.
func (f BrokenConfig) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		began := time.Now()
		err := setConfig(ctx, env, f.Config, f.Key, func(string) string { return "this { is broken\n" })
		if err != nil {
			return nil, err
		}
		if err := newVersion(ctx, env, f.Workload, began); err != nil {
			return nil, err
		}
		return versionRan(ctx, env, f.Workload, f.Selector, began, record.Say("has %s broken in %s", f.Config, f.Key))
	})
}

func (f BrokenConfig) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return configBack(ctx, env, f.Config, f.Workload) })
}
