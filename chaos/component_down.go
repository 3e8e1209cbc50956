package chaos

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"hagate/record"
)

// componentKind of journal entry: a component of the control plane was taken down.
const componentKind = "component"

// ComponentDown takes a component of the control plane down by moving the manifest of
// its static Pod out of the kubelet's sight, where kubeadm put it. Revert moves it back
// and waits until the API server is ready, and the component and the controllers run.
type ComponentDown struct {
	Node      string // of the control plane
	Component string // kube-apiserver, etcd, kube-scheduler or kube-controller-manager
}

func (f ComponentDown) Name() string { return f.Component + "-down" }

func (f ComponentDown) fault() record.Fault {
	return record.Fault{Name: f.Name(), Returns: true, Victims: []record.Victim{{Kind: "Component", Name: f.Component, Node: f.Node}}}
}

func (f ComponentDown) manifests() (live, parked string) {
	return "/etc/kubernetes/manifests/" + f.Component + ".yaml", "/etc/kubernetes/hagate-" + f.Component + ".yaml"
}

func (f ComponentDown) Inject(ctx context.Context, env *Env) error {
	return env.inject(ctx, f.fault(), func() ([]string, error) { return f.takeDown(ctx, env) })
}

func (f ComponentDown) takeDown(ctx context.Context, env *Env) ([]string, error) {
	if env.NodeExec == nil {
		return nil, ErrOutOfReach
	}
	if _, err := env.Journal.Add(componentKind, map[string]string{"node": f.Node, "component": f.Component}); err != nil {
		return nil, fmt.Errorf("writing the journal before taking down %s: %w", f.Component, err)
	}
	live, parked := f.manifests()
	began := time.Now()
	if _, err := env.NodeExec(ctx, f.Node, "mv", live, parked); err != nil {
		return nil, fmt.Errorf("taking down %s on node %s: %w", f.Component, f.Node, err)
	}
	evidence := fmt.Sprintf("the manifest of %s was taken away on node %s at %s", f.Component, f.Node, stamp(began))
	if err := f.waitStopped(ctx, env); err != nil {
		return []string{evidence}, err
	}
	return []string{fmt.Sprintf("%s, and nothing of it ran at %s", evidence, stamp(time.Now()))}, nil
}

// waitStopped waits until no container of the component runs.
func (f ComponentDown) waitStopped(ctx context.Context, env *Env) error {
	err := wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
		runs, err := f.runs(ctx, env)
		return !runs, err
	})
	if err != nil {
		return fmt.Errorf("waiting for %s to stop: %w", f.Component, err)
	}
	return nil
}

func (f ComponentDown) runs(ctx context.Context, env *Env) (bool, error) {
	out, err := env.NodeExec(ctx, f.Node, "crictl", "ps", "--quiet", "--state", "running", "--name", "^"+f.Component+"$")
	if err != nil {
		return false, fmt.Errorf("crictl ps: %w", err)
	}
	return len(out) > 0, nil
}

func (f ComponentDown) Revert(ctx context.Context, env *Env) error {
	return env.revertShown(f.fault(), func() ([]string, error) { return f.bringBack(ctx, env) })
}

// bringBack returns what it had to do beside moving the manifest back.
func (f ComponentDown) bringBack(ctx context.Context, env *Env) (evidence []string, err error) {
	err = takeBack(env, componentKind, with("component", f.Component), func(args map[string]string) error {
		return ComponentDown{args["node"], args["component"]}.moveBack(ctx, env)
	})
	if err != nil {
		return nil, err
	}
	evidence, err = f.comeBack(ctx, env, func(ctx context.Context) error { return waitAPI(ctx, env.Client) })
	for _, e := range evidence {
		fmt.Fprintln(env.Progress, "hagate:", e)
	}
	return evidence, err
}

func (f ComponentDown) moveBack(ctx context.Context, env *Env) error {
	live, parked := f.manifests()
	if _, err := env.NodeExec(ctx, f.Node, "sh", "-c", `if [ -e "$1" ]; then mv "$1" "$2"; fi`, "sh", parked, live); err != nil {
		return fmt.Errorf("bringing %s back on node %s: %w", f.Component, f.Node, err)
	}
	return nil
}

// startsWithin is how long the kubelet may take to start what it has a manifest of.
const startsWithin = 10 * time.Second

// comeBack waits until the component runs, the API answers, and the controllers run. What
// ends because it misses another is started again later each time by the kubelet, up to
// 5 min: after such a fault, or several, that would be what is measured.
func (f ComponentDown) comeBack(ctx context.Context, env *Env, answers func(context.Context) error) (evidence []string, err error) {
	evidence, err = f.run(ctx, env, startsWithin, "etcd", "kube-apiserver", f.Component)
	if err != nil {
		return evidence, err
	}
	if err := answers(ctx); err != nil {
		return evidence, err
	}
	more, err := f.run(ctx, env, 0, "kube-scheduler", "kube-controller-manager")
	return append(evidence, more...), err
}

// run waits until all components run. Where one does not within so long, it restarts the
// kubelet, once, which remembers no back-off then.
func (f ComponentDown) run(ctx context.Context, env *Env, within time.Duration, components ...string) (evidence []string, err error) {
	began := time.Now()
	for _, name := range components {
		c := ComponentDown{f.Node, name}
		err := wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
			runs, err := c.runs(ctx, env)
			if runs || err != nil || evidence != nil || time.Since(began) < within {
				return runs, err
			}
			evidence = []string{fmt.Sprintf("the kubelet of node %s was restarted at %s, since %s waited for its back-off to end", c.Node, stamp(time.Now()), c.Component)}
			if _, err := env.NodeExec(ctx, c.Node, "systemctl", "restart", "kubelet"); err != nil {
				return false, fmt.Errorf("restarting the kubelet of node %s: %w", c.Node, err)
			}
			return false, nil
		})
		if err != nil {
			return evidence, fmt.Errorf("waiting for %s to run: %w", c.Component, err)
		}
	}
	return evidence, nil
}

// waitAPI waits until the API server calls itself ready.
func waitAPI(ctx context.Context, client kubernetes.Interface) error {
	var last error
	err := wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
		once, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		last = client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(once).Error()
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for the API server: %w (%v)", context.Cause(ctx), last)
	}
	return nil
}
