package target

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var claimResource = schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumeclaims"}

// claims are the PersistentVolumeClaims that have the names which the Pods of a
// StatefulSet want, "template-set-ordinal". Its controller makes those that are not
// there, and leaves them when the StatefulSet goes.
func (a *api) claims(ctx context.Context, set *unstructured.Unstructured) ([]unstructured.Unstructured, error) {
	var prefixes []string
	templates, _, _ := unstructured.NestedSlice(set.Object, "spec", "volumeClaimTemplates")
	for _, t := range templates {
		template, _ := t.(map[string]any)
		name, _, _ := unstructured.NestedString(template, "metadata", "name")
		prefixes = append(prefixes, name+"-"+set.GetName()+"-")
	}
	if set.GetKind() != statefulSet || len(prefixes) == 0 {
		return nil, nil
	}
	all, err := a.client.Resource(claimResource).Namespace(set.GetNamespace()).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("listing the PersistentVolumeClaims of StatefulSet %s/%s: %w", set.GetNamespace(), set.GetName(), err)
	}
	return slices.DeleteFunc(all.Items, func(c unstructured.Unstructured) bool {
		return !slices.ContainsFunc(prefixes, func(prefix string) bool {
			ordinal, ok := strings.CutPrefix(c.GetName(), prefix)
			_, err := strconv.ParseUint(ordinal, 10, 31)
			return ok && err == nil
		})
	}), nil
}

// keepsOut is an error where a StatefulSet that is new would take over what somebody
// else's Pods have written.
func (a *api) keepsOut(ctx context.Context, set *unstructured.Unstructured) error {
	claims, err := a.claims(ctx, set)
	if err != nil || len(claims) == 0 {
		return err
	}
	return fmt.Errorf("PersistentVolumeClaim %s/%s is on the cluster already, and StatefulSet %s would write to its volume: delete it, or put the target into another namespace",
		claims[0].GetNamespace(), claims[0].GetName(), set.GetName())
}

// deleteClaims asks for the deletion of those that a StatefulSet's controller has made.
// They go when their Pods have gone.
func (a *api) deleteClaims(ctx context.Context, set *unstructured.Unstructured) (going []*doomed, err error) {
	claims, err := a.claims(ctx, set)
	if err != nil {
		return nil, err
	}
	made := set.GetCreationTimestamp()
	for _, c := range claims {
		created := c.GetCreationTimestamp()
		if created.Before(&made) {
			continue
		}
		d := &doomed{object: Object{"v1", c.GetKind(), c.GetNamespace(), c.GetName()}, client: a.client.Resource(claimResource).Namespace(c.GetNamespace()), uid: c.GetUID()}
		if err := d.delete(ctx, metav1.DeletePropagationBackground); err != nil {
			return going, err
		}
		going = append(going, d)
	}
	return going, nil
}
