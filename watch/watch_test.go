package watch

import (
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	. "github.com/onsi/gomega"

	"hagate/record"
)

var (
	app  = map[string]string{"app": "nginx"}
	spec = Spec{Namespace: "nginx", Selector: "app=nginx", WorkloadKind: "Deployment", Workload: "nginx01", Service: "nginx-svc", Beside: "nginx-svc-hagate", Port: 80}
)

// written is what goes into a record.
type written struct {
	out     *record.Writer
	entries []record.Entry
}

func newRecord(t *testing.T) *written {
	t.Helper()
	out, err := record.Create(filepath.Join(t.TempDir(), record.FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	r := &written{out: out}
	out.Observe(func(e record.Entry) { r.entries = append(r.entries, e) })
	return r
}

// news is what was written since it was last asked for.
func (r *written) news() []record.Entry {
	n := r.entries
	r.entries = nil
	return n
}

// bench is a Watch that is past its first look, is shown objects by hand, and what it
// wrote.
type bench struct {
	*Watch
	*written
}

func newBench(t *testing.T, spec Spec) *bench {
	t.Helper()
	r := newRecord(t)
	w, err := newWatch(spec, r.out)
	if err != nil {
		t.Fatal(err)
	}
	w.labels, w.live = app, true
	return &bench{w, r}
}

func podObject(name, uid string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: name, UID: types.UID(uid), Labels: app, OwnerReferences: owned("ReplicaSet", "nginx01-rs", "rs")},
		Spec:       corev1.PodSpec{NodeName: "worker1", Containers: []corev1.Container{{Name: "nginx"}}},
		Status: corev1.PodStatus{
			Phase:             corev1.PodRunning,
			PodIP:             "10.0.0.1",
			Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			ContainerStatuses: []corev1.ContainerStatus{{Name: "nginx", Started: new(true)}},
		},
	}
}

// owned is by a controller.
func owned(kind, name, uid string) []metav1.OwnerReference {
	return []metav1.OwnerReference{{Kind: kind, Name: name, UID: types.UID(uid), Controller: new(true)}}
}

// podRecord is what a record says of podObject.
func podRecord(name, uid string) record.Pod {
	return record.Pod{Namespace: "nginx", Name: name, UID: uid, Node: "worker1", IP: "10.0.0.1", Phase: "Running", Ready: true, Started: true, Owner: "ReplicaSet/nginx01-rs"}
}

func serviceObject(change func(*corev1.Service)) *corev1.Service {
	s := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: "nginx-svc"},
		Spec: corev1.ServiceSpec{
			Type:                  corev1.ServiceTypeNodePort,
			ClusterIP:             "10.96.0.1",
			Selector:              app,
			SessionAffinity:       corev1.ServiceAffinityNone,
			ExternalTrafficPolicy: corev1.ServiceExternalTrafficPolicyCluster,
			InternalTrafficPolicy: new(corev1.ServiceInternalTrafficPolicyLocal),
			Ports:                 []corev1.ServicePort{{Name: "metrics", Port: 9090}, {Name: "http", Port: 80, TargetPort: intstr.Parse("web")}},
		},
	}
	change(s)
	return s
}

func serviceRecord() record.Service {
	return record.Service{Name: "nginx/nginx-svc", Type: "NodePort", Port: 80, TargetPort: "web", InternalPolicy: "Local", ExternalPolicy: "Cluster", Affinity: "None"}
}

// asItIs changes nothing.
func asItIs[T any](T) {}

func nodeObject(name string) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NodeStatus{
		Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}}}
}

func sliceObject(name, service string, endpoints ...discoveryv1.Endpoint) *discoveryv1.EndpointSlice {
	return &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: "nginx", Name: name, Labels: map[string]string{discoveryv1.LabelServiceName: service}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Endpoints:   endpoints,
		Ports:       []discoveryv1.EndpointPort{{Name: new("http"), Port: new(int32(8080))}},
	}
}

// endpoint is a ready one of the Pod of that name.
func endpoint(pod, ip string) discoveryv1.Endpoint {
	return discoveryv1.Endpoint{
		Addresses:  []string{ip},
		Conditions: discoveryv1.EndpointConditions{Ready: new(true), Serving: new(true), Terminating: new(false)},
		NodeName:   new("worker1"),
		TargetRef:  &corev1.ObjectReference{Kind: "Pod", Name: pod, UID: types.UID("uid-" + pod)},
	}
}

func endpointRecord(pod, ip string) record.Endpoint {
	return record.Endpoint{Pod: pod, UID: "uid-" + pod, IP: ip, Node: "worker1", Ready: true, Serving: true}
}

func TestNothingIsWrittenDuringTheFirstLook(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	b.live = false
	b.pod(podObject("a", "uid-a"))
	b.pod(podObject("b", "uid-b"))
	b.podGone(podObject("b", "uid-b"))
	b.node(nodeObject("worker1"))
	b.slice(sliceObject("s", "nginx-svc", endpoint("a", "10.0.0.1")))
	b.event(eventObject("Pod", "a", "uid-a"))
	g.Expect(b.news()).To(BeEmpty())
	g.Expect(b.Pods()).To(Equal([]record.Pod{podRecord("a", "uid-a")}))
}

func TestSnapshotIsTheWholeState(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	b.pod(podObject("b", "uid-b"))
	b.pod(podObject("a", "uid-a"))
	b.node(nodeObject("worker2"))
	b.node(nodeObject("worker1"))
	b.pdb(budget(app))
	b.slice(sliceObject("s", "nginx-svc", endpoint("a", "10.0.0.1")))
	b.deployment(deploymentObject())
	b.service(serviceObject(asItIs))
	b.event(eventObject("Pod", "a", "uid-a"))
	b.news()

	for range 2 {
		g.Expect(b.Snapshot()).To(Succeed())
		a, bb := podRecord("a", "uid-a"), podRecord("b", "uid-b")
		g.Expect(states(b.news())).To(Equal([]any{
			record.Node{Name: "worker1", Ready: true}, record.Node{Name: "worker2", Ready: true},
			a, bb, b.PDBs()[0], serviceRecord(), templateRecord(), b.Endpoints(), b.Workload(),
		}))
	}

	g.Expect(b.written.out.Close()).To(Succeed())
	g.Expect(b.Snapshot()).NotTo(Succeed(), "the record takes no more")
}

func TestAStateThatWasAskedForDoesNotChange(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	b.slice(sliceObject("s", "nginx-svc", endpoint("a", "10.0.0.1")))
	asked := b.Endpoints()
	asked.List[0].Pod = "changed by its reader"
	b.slice(sliceObject("s", "nginx-svc", endpoint("a", "10.0.0.1"), endpoint("b", "10.0.0.2")))
	g.Expect(asked.List).To(HaveLen(1))
	g.Expect(b.Endpoints().List).To(Equal([]record.Endpoint{endpointRecord("a", "10.0.0.1"), endpointRecord("b", "10.0.0.2")}))
}

// states are what entries hold.
func states(entries []record.Entry) (list []any) {
	for _, e := range entries {
		switch {
		case e.Pod != nil:
			list = append(list, *e.Pod)
		case e.Node != nil:
			list = append(list, *e.Node)
		case e.Endpoints != nil:
			list = append(list, *e.Endpoints)
		case e.Service != nil:
			list = append(list, *e.Service)
		case e.Template != nil:
			list = append(list, *e.Template)
		case e.Workload != nil:
			list = append(list, *e.Workload)
		case e.PDB != nil:
			list = append(list, *e.PDB)
		case e.Event != nil:
			list = append(list, *e.Event)
		default:
			list = append(list, e)
		}
	}
	return list
}
