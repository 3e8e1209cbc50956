package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"hagate/record"
)

// fillerKind of journal entry: the Pod name in namespace takes room on a node, and is
// to go.
const fillerKind = "filler"

// NodeFull takes all room on a node that is left, and then has a Pod of it deleted. The
// filler asks for that Pod's room as well before it goes, by an in-place resize that the
// kubelet defers: the scheduler counts what is asked for, so whatever takes the Pod's
// place has to go elsewhere. Revert deletes the filler.
type NodeFull struct {
	Node   string
	Victim record.Victim
	Filler *corev1.Pod       // bound to Node; asks in its first container for all that is left
	All    resource.Quantity // of CPU, that the filler asks for in the end: with the victim's
}

func (f NodeFull) Declares() record.Fault {
	return record.Fault{Name: "node-full", Effect: record.Effect{Kind: record.NodesFull}, Victims: []record.Victim{f.Victim}}
}

// Inject returns when the victim has left the API.
func (f NodeFull) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
		pods, filler := env.Client.CoreV1().Pods(f.Filler.Namespace), f.Filler
		if _, err := env.Journal.Add(fillerKind, map[string]string{"namespace": filler.Namespace, "name": filler.Name}); err != nil {
			return nil, fmt.Errorf("writing the journal before filling node %s: %w", f.Node, err)
		}
		began := time.Now()
		if _, err := pods.Create(ctx, filler, metav1.CreateOptions{}); err != nil {
			return nil, fmt.Errorf("filling node %s: creating Pod %s/%s: %w", f.Node, filler.Namespace, filler.Name, err)
		}
		err := wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
			p, err := pods.Get(ctx, filler.Name, metav1.GetOptions{})
			return err == nil && p.Status.Phase == corev1.PodRunning, nil
		})
		if err != nil {
			return nil, fmt.Errorf("waiting for Pod %s/%s to run on node %s: %w", filler.Namespace, filler.Name, f.Node, context.Cause(ctx))
		}
		first := filler.Spec.Containers[0]
		patch, err := json.Marshal(map[string]any{"spec": map[string]any{"containers": []any{
			map[string]any{"name": first.Name, "resources": map[string]any{"requests": map[string]any{"cpu": f.All.String()}}}}}})
		if err != nil {
			return nil, fmt.Errorf("encoding the filler's size: %w", err)
		}
		if _, err := pods.Patch(ctx, filler.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "resize"); err != nil {
			return nil, fmt.Errorf("filling node %s: having Pod %s/%s ask for %s of CPU: %w", f.Node, filler.Namespace, filler.Name, f.All.String(), err)
		}
		evidence := []record.Text{record.Say("all CPU of node %s that was left, %s, was taken at %s, and that of %s asked for: %s in all",
			f.Node, first.Resources.Requests.Cpu(), stamp(began), nameOf(f.Victim), f.All.String())}
		gone := PodDelete{Victims: []record.Victim{f.Victim}}
		asked, err := gone.ask(ctx, env, f.Victim)
		if err != nil {
			return evidence, err
		}
		if err := WaitGone(ctx, env.Client, f.Victim); err != nil {
			return append(evidence, asked), err
		}
		return append(evidence, record.Say("%s, and had left the API at %s", asked, stamp(time.Now()))), nil
	})
}

// Revert deletes the filler.
func (f NodeFull) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error {
		return takeBack(env, fillerKind, with("name", f.Filler.Name), func(args map[string]string) error {
			return removeFiller(ctx, env.Client, args)
		})
	})
}

// removeFiller deletes a filler without grace. One that is gone is success.
func removeFiller(ctx context.Context, client kubernetes.Interface, args map[string]string) error {
	err := client.CoreV1().Pods(args["namespace"]).Delete(ctx, args["name"], metav1.DeleteOptions{GracePeriodSeconds: new(int64)})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("deleting Pod %s/%s: %w", args["namespace"], args["name"], err)
	}
	return nil
}
