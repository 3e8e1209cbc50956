package chaos

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/kubectl/pkg/drain"

	"hagate/record"
)

// cordonKind of journal entry: node took Pods before, and is to take them again. A
// node that somebody else had cordoned has no entry and stays as it is.
const cordonKind = "cordon"

// cordon keeps new Pods off a node and says what it did.
func cordon(ctx context.Context, env *Env, node *corev1.Node) (evidence record.Text, err error) {
	if node.Spec.Unschedulable {
		return record.Say("node %s was cordoned already", node.Name), nil
	}
	if _, err := env.Journal.Add(cordonKind, map[string]string{"node": node.Name}); err != nil {
		return evidence, fmt.Errorf("writing the journal before cordoning node %s: %w", node.Name, err)
	}
	if err := setCordoned(ctx, env.Client, node, true); err != nil {
		return evidence, fmt.Errorf("cordoning node %s: %w", node.Name, err)
	}
	return record.Say("node %s is cordoned", node.Name), nil
}

// uncordonOwn uncordons node where an entry of the journal says that this run
// cordoned it, and strikes that entry off.
func uncordonOwn(ctx context.Context, env *Env, node string) error {
	return takeBack(env, cordonKind, with("node", node), func(map[string]string) error { return uncordon(ctx, env.Client, node) })
}

// uncordon lets a node take Pods. One that does already, or is gone, is success.
func uncordon(ctx context.Context, client kubernetes.Interface, name string) error {
	node, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
	if err == nil {
		err = setCordoned(ctx, client, node, false)
	}
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("uncordoning node %s: %w", name, err)
	}
	return nil
}

func setCordoned(ctx context.Context, client kubernetes.Interface, node *corev1.Node, cordoned bool) error {
	return drain.RunCordonOrUncordon(&drain.Helper{Ctx: ctx, Client: client}, node, cordoned)
}
