package target

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// Object names one object on a cluster: what a journal needs to take it away again.
type Object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"` // none for what lives in no namespace
	Name       string `json:"name"`
}

// String is "Service shop/web".
func (o Object) String() string {
	return o.Kind + " " + strings.TrimPrefix(o.Namespace+"/"+o.Name, "/")
}

// Marks of an object that hagate put on a cluster.
const (
	targetLabel  = "dev.hagate/target" // the target's name; on what Deploy and NodePort make
	managedLabel = "app.kubernetes.io/managed-by"
	manager      = "hagate"
)

// ours says whether hagate put the object there, this run or another.
func ours(u *unstructured.Unstructured) bool {
	return u.GetLabels()[targetLabel] != "" || u.GetLabels()[managedLabel] == manager
}

// api reaches objects of every kind that a cluster knows.
type api struct {
	client dynamic.Interface
	mapper meta.RESTMapper
}

func connect(config *rest.Config) (*api, error) {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	kinds, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	return &api{client, restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(kinds))}, nil
}

// resource is where o is read and written. A namespace is taken off o where its kind
// lives in none.
func (a *api) resource(o *Object) (dynamic.ResourceInterface, error) {
	gvk := schema.FromAPIVersionAndKind(o.APIVersion, o.Kind)
	mapping, err := a.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", *o, err)
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		o.Namespace = ""
		return a.client.Resource(mapping.Resource), nil
	}
	if o.Namespace == "" {
		o.Namespace = metav1.NamespaceDefault
	}
	return a.client.Resource(mapping.Resource).Namespace(o.Namespace), nil
}

func clientset(config *rest.Config) (kubernetes.Interface, error) {
	cs, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	return cs, nil
}
