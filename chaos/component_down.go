package chaos

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

func (f ComponentDown) Declares() record.Fault {
	return record.Fault{Name: f.Component + "-down", Effect: record.Effect{Kind: record.ComponentAway, Away: f.Component}, Returns: true, Victims: []record.Victim{{Kind: "Component", Name: f.Component, Node: f.Node}}}
}

func (f ComponentDown) manifests() (live, parked string) {
	return "/etc/kubernetes/manifests/" + f.Component + ".yaml", "/etc/kubernetes/hagate-" + f.Component + ".yaml"
}

func (f ComponentDown) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) { return f.takeDown(ctx, env) })
}

func (f ComponentDown) takeDown(ctx context.Context, env *Env) ([]record.Text, error) {
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
	evidence := record.Say("the manifest of %s was taken away on node %s at %s", f.Component, f.Node, stamp(began))
	killed, err := f.waitEnded(ctx, env)
	if err != nil {
		return []record.Text{evidence}, err
	}
	all := []record.Text{record.Say("%s, and nothing of it ran at %s", evidence, stamp(time.Now()))}
	if killed {
		all = append(all, record.Say("%s did not end within %s, and was killed", f.Component, endsWithin))
	}
	return all, nil
}

// endsWithin is how long a component may take to end by itself: the API server would wait
// half a minute for those who watch it.
const endsWithin = 5 * time.Second

// waitEnded waits until the component's container no longer runs. It kills one that does
// not end by itself.
func (f ComponentDown) waitEnded(ctx context.Context, env *Env) (killed bool, err error) {
	began := time.Now()
	var last error
	err = wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
		containers, err := f.running(ctx, env)
		if err == nil && len(containers) > 0 && time.Since(began) > endsWithin {
			killed, last = true, f.kill(ctx, env, containers)
		}
		return len(containers) == 0, err
	})
	if err != nil {
		return killed, fmt.Errorf("waiting for %s to end: %w", f.Component, errors.Join(err, last))
	}
	return killed, nil
}

// waitRuns waits until the component's container runs.
func (f ComponentDown) waitRuns(ctx context.Context, env *Env) error {
	err := wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
		containers, err := f.running(ctx, env)
		return len(containers) > 0, err
	})
	if err != nil {
		return fmt.Errorf("waiting for %s to run: %w", f.Component, err)
	}
	return nil
}

func (f ComponentDown) kill(ctx context.Context, env *Env, containers []string) error {
	if _, err := env.NodeExec(ctx, f.Node, append([]string{"crictl", "stop", "--timeout", "0"}, containers...)...); err != nil {
		return fmt.Errorf("killing %s on node %s: %w", f.Component, f.Node, err)
	}
	return nil
}

// running are the component's containers that run.
func (f ComponentDown) running(ctx context.Context, env *Env) (containers []string, err error) {
	out, err := env.NodeExec(ctx, f.Node, "crictl", "ps", "--quiet", "--state", "running", "--name", "^"+f.Component+"$")
	if err != nil {
		return nil, fmt.Errorf("crictl ps: %w", err)
	}
	return strings.Fields(string(out)), nil
}

func (f ComponentDown) Revert(ctx context.Context, env *Env) error {
	return env.revertShown(f.Declares(), func() ([]record.Text, error) { return f.bringBack(ctx, env) })
}

// bringBack returns what it had to do beside moving the manifest back.
func (f ComponentDown) bringBack(ctx context.Context, env *Env) (evidence []record.Text, err error) {
	err = takeBack(env, componentKind, with("component", f.Component), func(args map[string]string) (err error) {
		evidence, err = ComponentDown{args["node"], args["component"]}.moveBack(ctx, env)
		return err
	})
	if err != nil {
		return evidence, err
	}
	if err := f.waitRuns(ctx, env); err != nil {
		return evidence, err
	}
	if err := waitAPI(ctx, env.Client); err != nil {
		return evidence, err
	}
	more, err := f.endBackOff(ctx, env)
	evidence = append(evidence, more...)
	for _, e := range evidence {
		fmt.Fprintln(env.Progress, "hagate:", e)
	}
	return evidence, err
}

// moveBack moves the manifest back. Without etcd the kubelet waits 34 s, again and again,
// for the API server to delete etcd's mirror Pod, which waits for etcd, and starts nothing
// meanwhile: an API server that ends ends that.
func (f ComponentDown) moveBack(ctx context.Context, env *Env) (evidence []record.Text, err error) {
	live, parked := f.manifests()
	if _, err := env.NodeExec(ctx, f.Node, "sh", "-c", `if [ -e "$1" ]; then mv "$1" "$2"; fi`, "sh", parked, live); err != nil {
		return nil, fmt.Errorf("bringing %s back on node %s: %w", f.Component, f.Node, err)
	}
	if f.Component != "etcd" {
		return nil, nil
	}
	waits := ComponentDown{f.Node, "kube-apiserver"}
	containers, err := waits.running(ctx, env)
	if err != nil || len(containers) == 0 {
		return nil, err
	}
	return []record.Text{record.Say("%s was killed on node %s at %s: it waited for etcd, and the kubelet, which has to start etcd, for it", waits.Component, f.Node, stamp(time.Now()))},
		waits.kill(ctx, env, containers)
}

// endBackOff has the controllers run now. They end where they have no API server, and the
// kubelet starts them again later each time, up to 5 min: after several such faults that
// would be what is measured. It remembers no back-off when it is started again itself,
// which is of use only where the API answers: without one, it starts no static Pod for
// 2 min then.
func (f ComponentDown) endBackOff(ctx context.Context, env *Env) (evidence []record.Text, err error) {
	controllers := []ComponentDown{{f.Node, "kube-scheduler"}, {f.Node, "kube-controller-manager"}}
	for _, c := range controllers {
		if containers, err := c.running(ctx, env); err != nil {
			return nil, err
		} else if len(containers) > 0 {
			continue
		}
		evidence = []record.Text{record.Say("the kubelet of node %s was restarted at %s, since %s waited for its back-off to end", f.Node, stamp(time.Now()), c.Component)}
		if _, err := env.NodeExec(ctx, f.Node, "systemctl", "restart", "kubelet"); err != nil {
			return nil, fmt.Errorf("restarting the kubelet of node %s, for %s: %w", f.Node, c.Component, err)
		}
		break
	}
	for _, c := range controllers {
		if err := c.waitRuns(ctx, env); err != nil {
			return evidence, err
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
