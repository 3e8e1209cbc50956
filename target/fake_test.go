package target

import (
	"encoding/json"
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta/testrestmapper"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/scheme"
	clienttesting "k8s.io/client-go/testing"
)

// fakeAPI is a cluster in memory; node ports are 30080.
func fakeAPI(t *testing.T, objects ...runtime.Object) *api {
	t.Helper()
	client := dynamicfake.NewSimpleDynamicClient(scheme.Scheme, objects...)
	// The fake's own Apply cannot create.
	client.PrependReactor("patch", "*", func(action clienttesting.Action) (bool, runtime.Object, error) {
		patch := action.(clienttesting.PatchActionImpl)
		if patch.PatchType != types.ApplyPatchType || patch.PatchOptions.FieldManager != manager {
			return true, nil, errors.New("not a server-side apply of hagate's")
		}
		u := &unstructured.Unstructured{}
		if err := json.Unmarshal(patch.Patch, &u.Object); err != nil {
			return true, nil, err
		}
		if kind, _, _ := unstructured.NestedString(u.Object, "spec", "type"); kind == string(corev1.ServiceTypeNodePort) {
			ports, _, _ := unstructured.NestedSlice(u.Object, "spec", "ports")
			ports[0].(map[string]any)["nodePort"] = int64(30080)
			unstructured.SetNestedSlice(u.Object, ports, "spec", "ports")
		}
		_, err := client.Tracker().Get(patch.Resource, patch.Namespace, u.GetName())
		if apierrors.IsNotFound(err) {
			return true, u, client.Tracker().Create(patch.Resource, u, patch.Namespace)
		}
		return true, u, client.Tracker().Update(patch.Resource, u, patch.Namespace)
	})
	return &api{client, testrestmapper.TestOnlyStaticRESTMapper(scheme.Scheme)}
}

func (a *api) labels(t *testing.T, o Object) map[string]string {
	t.Helper()
	client, err := a.resource(&o)
	if err != nil {
		t.Fatal(err)
	}
	live, err := client.Get(t.Context(), o.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return live.GetLabels()
}

func object(kind, namespace, name string, labels map[string]string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetAPIVersion("v1")
	u.SetKind(kind)
	u.SetNamespace(namespace)
	u.SetName(name)
	u.SetLabels(labels)
	u.SetUID(types.UID(name))
	return u
}

// log notes what creating was called with.
type log struct {
	names []string
	fail  string
}

func (l *log) creating(o Object) error {
	if o.String() == l.fail {
		return errors.New("the disk is full")
	}
	l.names = append(l.names, o.String())
	return nil
}
