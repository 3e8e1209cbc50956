package chaos

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"hagate/record"
)

// ComponentDown takes a component of the control plane down by moving the manifest of
// its static Pod out of the kubelet's sight, where kubeadm put it. Revert moves it back
// and waits until the API server is ready and the component runs.
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
	return env.inject(ctx, f.fault(), func() ([]string, error) {
		live, parked := f.manifests()
		began := time.Now()
		move := `if [ -e "$1" ]; then mv "$1" "$2"; fi`
		err := command(ctx, env, f.Node, []string{"mv", live, parked}, []string{"sh", "-c", move, "sh", parked, live})
		if err != nil {
			return nil, err
		}
		evidence := fmt.Sprintf("the manifest of %s was taken away on node %s at %s", f.Component, f.Node, stamp(began))
		if err := f.waitRunning(ctx, env, false); err != nil {
			return []string{evidence}, err
		}
		return []string{fmt.Sprintf("%s, and nothing of it ran at %s", evidence, stamp(time.Now()))}, nil
	})
}

// waitRunning waits until the component's container runs, or no longer does.
func (f ComponentDown) waitRunning(ctx context.Context, env *Env, want bool) error {
	err := wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
		out, err := env.NodeExec(ctx, f.Node, "crictl", "ps", "--quiet", "--state", "running", "--name", "^"+f.Component+"$")
		if err != nil {
			return false, fmt.Errorf("crictl ps: %w", err)
		}
		return len(out) > 0 == want, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for %s to run %t: %w", f.Component, want, err)
	}
	return nil
}

func (f ComponentDown) Revert(ctx context.Context, env *Env) error {
	return env.revert(f.fault(), func() error {
		if err := undoCommands(ctx, env, f.Node); err != nil {
			return err
		}
		if err := f.waitRunning(ctx, env, true); err != nil {
			return err
		}
		return waitAPI(ctx, env.Client)
	})
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
