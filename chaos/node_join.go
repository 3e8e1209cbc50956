package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"hagate/record"
)

// NodeJoin takes a node out of the cluster, as one is that is replaced: it is drained, its
// kubelet stopped and its object deleted. Then the kubelet is started: the node registers
// anew, and the workload is scaled up. Revert scales it down.
type NodeJoin struct {
	Scale
	Node    string
	Victims []record.Victim // the Pods on it that serve
}

func (f NodeJoin) Declares() record.Fault {
	return record.Fault{Name: "node-join", Effect: record.Effect{Kind: record.NodesReplaced, Evicts: true}, Victims: f.Victims, Replicas: f.Replicas}
}

// Inject returns when the workload has its new replicas.
func (f NodeJoin) Inject(ctx context.Context, env *Env) error {
	old, err := env.Client.CoreV1().Nodes().Get(ctx, f.Node, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("taking node %s out: %w", f.Node, err)
	}
	return env.Inject(ctx, onNode(f.Declares(), old), func() ([]record.Text, error) {
		cordoned, err := cordon(ctx, env, old)
		if err != nil {
			return nil, err
		}
		evidence, err := NodeDrain{Node: f.Node, Victims: f.Victims}.evict(ctx, env)
		evidence = append([]record.Text{cordoned}, evidence...)
		if err != nil {
			return evidence, err
		}
		left, err := f.leave(ctx, env, old)
		if err != nil {
			return evidence, err
		}
		evidence = append(evidence, left)
		if err := f.join(ctx, env); err != nil {
			return evidence, err
		}
		evidence = append(evidence, record.Say("it registered anew and was ready, its Pod network too, at %s", stamp(time.Now())))
		grown, err := f.grow(ctx, env)
		return append(evidence, grown...), err
	})
}

// leave stops the node's kubelet and deletes its object. What people have written on that
// is in the journal, to be written on the next one.
func (f NodeJoin) leave(ctx context.Context, env *Env, old *corev1.Node) (evidence record.Text, err error) {
	written := map[string]any{"metadata": map[string]any{"labels": old.Labels, "annotations": old.Annotations}}
	// those of node.kubernetes.io are the control plane's, and say how the node is now
	own := slices.DeleteFunc(slices.Clone(old.Spec.Taints), func(t corev1.Taint) bool { return strings.HasPrefix(t.Key, "node.kubernetes.io/") })
	if len(own) > 0 {
		written["spec"] = map[string]any{"taints": own}
	}
	keep, err := json.Marshal(written)
	if err != nil {
		return evidence, fmt.Errorf("encoding what is written on node %s: %w", f.Node, err)
	}
	if _, err := env.Journal.Add(changeKind, map[string]string{"kind": "Node", "namespace": "", "name": f.Node, "patch": string(keep)}); err != nil {
		return evidence, fmt.Errorf("writing the journal before deleting node %s: %w", f.Node, err)
	}
	stopped := time.Now()
	if err := command(ctx, env, f.Node, []string{"systemctl", "stop", "kubelet"}, []string{"systemctl", "start", "kubelet"}); err != nil {
		return evidence, fmt.Errorf("stopping the kubelet: %w", err)
	}
	uid := old.UID
	err = env.Client.CoreV1().Nodes().Delete(ctx, f.Node, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}})
	if err != nil && !apierrors.IsNotFound(err) {
		return evidence, fmt.Errorf("deleting node %s: %w", f.Node, err)
	}
	err = wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
		n, err := env.Client.CoreV1().Nodes().Get(ctx, f.Node, metav1.GetOptions{})
		return apierrors.IsNotFound(err) || err == nil && n.UID != uid, nil
	})
	if err != nil {
		return evidence, fmt.Errorf("waiting for node %s to leave the API: %w", f.Node, context.Cause(ctx))
	}
	fmt.Fprintf(env.Progress, "hagate: node %s has left the cluster\n", f.Node)
	return record.Say("the kubelet of node %s was stopped at %s, and the node had left the API at %s", f.Node, stamp(stopped), stamp(time.Now())), nil
}

// join starts the kubelet, waits until the node is back, and writes on it what was
// written on the one before it.
func (f NodeJoin) join(ctx context.Context, env *Env) error {
	if err := undoCommands(ctx, env, f.Node); err != nil {
		return err
	}
	if err := waitNodeBack(ctx, env, f.Node); err != nil {
		return err
	}
	if err := putBack(ctx, env, Object{"Node", "", f.Node}); err != nil {
		return err
	}
	return uncordonOwn(ctx, env, f.Node)
}

// Revert scales down again, and has the node join where Inject did not come to that.
func (f NodeJoin) Revert(ctx context.Context, env *Env) error {
	back := f.Declares()
	return env.Revert(back, func() error {
		if err := f.join(ctx, env); err != nil {
			return err
		}
		return f.shrink(ctx, env)
	})
}
