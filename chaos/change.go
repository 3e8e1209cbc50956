package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/client-go/kubernetes"

	"hagate/journal"
)

// changeKind of journal entry: an object was edited, and a merge patch puts back what
// the edit changed.
const changeKind = "change"

// Object names what a fault edits. Kind is Deployment, StatefulSet, Pod, ConfigMap,
// PodDisruptionBudget, or Node, which has no namespace.
type Object struct{ Kind, Namespace, Name string }

func (o Object) String() string {
	return o.Kind + " " + strings.TrimPrefix(o.Namespace+"/"+o.Name, "/")
}

// change edits o as an operator would, after writing down how to put it back. Edit
// gets the object as it is, and changes it in place.
func change[T runtime.Object](ctx context.Context, env *Env, o Object, edit func(T) error) error {
	before, err := o.get(ctx, env.Client)
	if err != nil {
		return fmt.Errorf("reading %s: %w", o, err)
	}
	after := before.DeepCopyObject()
	if err := edit(after.(T)); err != nil {
		return fmt.Errorf("changing %s: %w", o, err)
	}
	old, err := json.Marshal(before)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", o, err)
	}
	now, err := json.Marshal(after)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", o, err)
	}
	forward, err := mergePatch(old, now)
	if err != nil {
		return fmt.Errorf("changing %s: %w", o, err)
	}
	back, err := mergePatch(now, old)
	if err != nil {
		return fmt.Errorf("changing %s: %w", o, err)
	}
	args := map[string]string{"kind": o.Kind, "namespace": o.Namespace, "name": o.Name, "patch": string(back)}
	if _, err := env.Journal.Add(changeKind, args); err != nil {
		return fmt.Errorf("writing the journal before changing %s: %w", o, err)
	}
	if err := o.patch(ctx, env.Client, forward); err != nil {
		return fmt.Errorf("changing %s: %w", o, err)
	}
	return nil
}

// mergePatch is RFC 7386's, which takes the object from one state to the other.
func mergePatch(from, to []byte) ([]byte, error) {
	return jsonmergepatch.CreateThreeWayJSONMergePatch(from, to, from)
}

// putBack undoes the changes of o that the journal has, newest first, and strikes
// them off.
func putBack(ctx context.Context, env *Env, o Object) error {
	return takeBack(env, changeKind, func(args map[string]string) bool { return objectOf(args) == o }, func(args map[string]string) error {
		return undoChange(ctx, env.Client, args)
	})
}

// changed says whether the journal has a change of o that was not put back.
func changed(env *Env, o Object) bool {
	return slices.ContainsFunc(env.Journal.Pending(), func(e journal.Entry) bool { return e.Kind == changeKind && objectOf(e.Args) == o })
}

func objectOf(args map[string]string) Object {
	return Object{args["kind"], args["namespace"], args["name"]}
}

// undoChange puts back what a change changed. An object that is gone is success.
func undoChange(ctx context.Context, client kubernetes.Interface, args map[string]string) error {
	o := objectOf(args)
	err := o.patch(ctx, client, []byte(args["patch"]))
	if err == nil && o.Kind == "StatefulSet" {
		err = freeStatefulSet(ctx, client, o)
	}
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("putting %s back: %w", o, err)
	}
	return nil
}

var errKind = errors.New("nothing here edits objects of that kind")

func (o Object) get(ctx context.Context, client kubernetes.Interface) (runtime.Object, error) {
	opts := metav1.GetOptions{}
	switch o.Kind {
	case "Deployment":
		return client.AppsV1().Deployments(o.Namespace).Get(ctx, o.Name, opts)
	case "StatefulSet":
		return client.AppsV1().StatefulSets(o.Namespace).Get(ctx, o.Name, opts)
	case "Pod":
		return client.CoreV1().Pods(o.Namespace).Get(ctx, o.Name, opts)
	case "ConfigMap":
		return client.CoreV1().ConfigMaps(o.Namespace).Get(ctx, o.Name, opts)
	case "PodDisruptionBudget":
		return client.PolicyV1().PodDisruptionBudgets(o.Namespace).Get(ctx, o.Name, opts)
	case "Node":
		return client.CoreV1().Nodes().Get(ctx, o.Name, opts)
	}
	return nil, errKind
}

func (o Object) patch(ctx context.Context, client kubernetes.Interface, data []byte) (err error) {
	opts := metav1.PatchOptions{FieldManager: "hagate"}
	switch o.Kind {
	case "Deployment":
		_, err = client.AppsV1().Deployments(o.Namespace).Patch(ctx, o.Name, types.MergePatchType, data, opts)
	case "StatefulSet":
		_, err = client.AppsV1().StatefulSets(o.Namespace).Patch(ctx, o.Name, types.MergePatchType, data, opts)
	case "Pod":
		_, err = client.CoreV1().Pods(o.Namespace).Patch(ctx, o.Name, types.MergePatchType, data, opts)
	case "ConfigMap":
		_, err = client.CoreV1().ConfigMaps(o.Namespace).Patch(ctx, o.Name, types.MergePatchType, data, opts)
	case "PodDisruptionBudget":
		_, err = client.PolicyV1().PodDisruptionBudgets(o.Namespace).Patch(ctx, o.Name, types.MergePatchType, data, opts)
	case "Node":
		_, err = client.CoreV1().Nodes().Patch(ctx, o.Name, types.MergePatchType, data, opts)
	default:
		err = errKind
	}
	return err
}
