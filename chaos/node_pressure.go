package chaos

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"hagate/record"
)

// NodePressure has the kubelet of a node believe that its memory runs out, by giving it
// an eviction threshold above what is free: it taints the node and evicts its Pods with
// a second's grace. The threshold is a soft one, since a hard one is taken from what the
// node can allocate, and the kubelet would refuse the Pods rather than evict them.
// Revert takes the threshold away, waits until the node takes Pods again, and deletes
// what is left of those that were evicted.
type NodePressure struct {
	Node    string
	Victims []record.Victim // the Pods on it that serve
}

func (f NodePressure) Declares() record.Fault {
	return record.Fault{Name: "node-pressure", Effect: record.Effect{Kind: record.PodsEvicted}, Victims: f.Victims}
}

const (
	raiseThreshold = `cd /var/lib/kubelet || exit 1
if grep -q '^evictionSoft\|^evictionMaxPodGracePeriod' config.yaml; then echo "its kubelet has soft eviction thresholds of its own" >&2; exit 1; fi
cp config.yaml hagate-config.yaml && cat >>config.yaml <<END && systemctl restart kubelet
evictionSoft: {memory.available: "99.9%"}
evictionSoftGracePeriod: {memory.available: 1s}
evictionMaxPodGracePeriod: 1
END`
	lowerThreshold = `cd /var/lib/kubelet && if [ -e hagate-config.yaml ]; then mv hagate-config.yaml config.yaml && systemctl restart kubelet; fi`
)

// Inject returns when every victim has been evicted.
func (f NodePressure) Inject(ctx context.Context, env *Env) error {
	n, err := env.Client.CoreV1().Nodes().Get(ctx, f.Node, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("putting node %s under pressure: %w", f.Node, err)
	}
	return env.Inject(ctx, onNode(f.Declares(), n), func() ([]record.Text, error) {
		began := time.Now()
		if err := command(ctx, env, f.Node, []string{"sh", "-c", raiseThreshold}, []string{"sh", "-c", lowerThreshold}); err != nil {
			return nil, fmt.Errorf("moving its eviction threshold: %w", err)
		}
		evidence := []record.Text{record.Say("the kubelet of node %s evicts since %s what leaves less than 99.9 %% of the memory free", f.Node, stamp(began))}
		for _, v := range f.Victims {
			if err := waitEvicted(ctx, env, v); err != nil {
				return evidence, err
			}
			evidence = append(evidence, record.Say("%s had been evicted at %s", nameOf(v), stamp(time.Now())))
		}
		return evidence, nil
	})
}

// waitEvicted waits until the kubelet has evicted the victim.
func waitEvicted(ctx context.Context, env *Env, v record.Victim) error {
	err := wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
		pod, err := env.Client.CoreV1().Pods(v.Namespace).Get(ctx, v.Name, metav1.GetOptions{})
		if err != nil {
			return apierrors.IsNotFound(err), nil
		}
		return string(pod.UID) != v.UID || evictedByKubelet(*pod), nil
	})
	if err != nil {
		return fmt.Errorf("waiting for the kubelet to evict %s: %w", nameOf(v), context.Cause(ctx))
	}
	return nil
}

// evictedByKubelet goes by what the kubelet says of it: the phase is that of containers
// that ended by themselves, Succeeded where they ended well.
func evictedByKubelet(p corev1.Pod) bool {
	if p.Status.Phase != corev1.PodFailed && p.Status.Phase != corev1.PodSucceeded {
		return false
	}
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue && c.Reason == corev1.PodReasonTerminationByKubelet {
			return true
		}
	}
	return false
}

func (f NodePressure) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error {
		if err := undoCommands(ctx, env, f.Node); err != nil {
			return err
		}
		if err := waitNoPressure(ctx, env, f.Node); err != nil {
			return err
		}
		return deleteEvicted(ctx, env, f.Node)
	})
}

// waitNoPressure waits until a node is ready and its taint is gone.
func waitNoPressure(ctx context.Context, env *Env, name string) error {
	if err := waitNodeReady(ctx, env.Client, name, true); err != nil {
		return err
	}
	err := wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
		n, err := env.Client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, nil
		}
		for _, t := range n.Spec.Taints {
			if t.Key == corev1.TaintNodeMemoryPressure {
				return false, nil
			}
		}
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for node %s to lose its taint: %w", name, context.Cause(ctx))
	}
	return nil
}

// deleteEvicted deletes what is left of the Pods that a node's kubelet evicted: nothing
// else does.
func deleteEvicted(ctx context.Context, env *Env, node string) error {
	pods, err := env.Client.CoreV1().Pods("").List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + node})
	if err != nil {
		return fmt.Errorf("listing the evicted Pods of node %s: %w", node, err)
	}
	for _, p := range pods.Items {
		if !evictedByKubelet(p) {
			continue
		}
		v := record.Victim{Namespace: p.Namespace, Name: p.Name, UID: string(p.UID)}
		if err := deletePod(ctx, env.Client, v, nil); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return nil
}
