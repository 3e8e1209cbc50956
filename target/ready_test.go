package target

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
)

var web = metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "web", Generation: 2}

func webDeployment() *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: web,
		Spec:       appsv1.DeploymentSpec{Replicas: new(int32(2)), Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web", "tier": "front"}}},
		Status:     appsv1.DeploymentStatus{ObservedGeneration: 2, Replicas: 2, UpdatedReplicas: 2, AvailableReplicas: 2},
	}
}

// dbSet is deployed beside it.
func dbSet() *appsv1.StatefulSet {
	return &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db"}, Spec: appsv1.StatefulSetSpec{Selector: &metav1.LabelSelector{}},
		Status: appsv1.StatefulSetStatus{Replicas: 1, UpdatedReplicas: 1, AvailableReplicas: 1}}
}

func webService() *corev1.Service {
	return &corev1.Service{ObjectMeta: web, Spec: corev1.ServiceSpec{ClusterIP: "10.96.0.1", Ports: []corev1.ServicePort{{Name: "http", Port: 80}}}}
}

// endpointSlice has one ready endpoint for each of pods.
func endpointSlice(name string, pods ...string) *discoveryv1.EndpointSlice {
	s := &discoveryv1.EndpointSlice{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Labels: map[string]string{discoveryv1.LabelServiceName: "web"}},
		Ports: []discoveryv1.EndpointPort{{Name: new("http"), Port: new(int32(8080))}}}
	for _, p := range pods {
		s.Endpoints = append(s.Endpoints, discoveryv1.Endpoint{Conditions: discoveryv1.EndpointConditions{Ready: new(true)}, TargetRef: &corev1.ObjectReference{Name: p}})
	}
	return s
}

func TestWaitReady(t *testing.T) {
	g := NewWithT(t)
	cs := fake.NewClientset(webDeployment(), webService(), dbSet(), endpointSlice("ipv4", "a", "b"), endpointSlice("ipv6", "a", "b"))
	g.Expect(good(t).WaitReady(t.Context(), cs, time.Minute)).To(Succeed())

	stateful := good(t, edit{FileName, "kind: Deployment", "kind: StatefulSet"}, edit{"web.yaml", "kind: Deployment", "kind: StatefulSet"})
	set := &appsv1.StatefulSet{ObjectMeta: web,
		Spec:   appsv1.StatefulSetSpec{Selector: &metav1.LabelSelector{}},
		Status: appsv1.StatefulSetStatus{ObservedGeneration: 2, Replicas: 1, UpdatedReplicas: 1, AvailableReplicas: 1}}
	g.Expect(stateful.unready(t.Context(), fake.NewClientset(set, webService(), dbSet(), endpointSlice("ipv4", "a")))).To(BeEmpty(), "a default of one replica")
}

func TestUnreadySaysWhatIsMissing(t *testing.T) {
	for want, spoil := range map[string]func(*appsv1.Deployment, *discoveryv1.EndpointSlice){
		"its newest version has not been looked at yet": func(d *appsv1.Deployment, _ *discoveryv1.EndpointSlice) { d.Status.ObservedGeneration = 1 },
		"of 2 replicas 2 exist, 1 are of the newest version, 2 are available": func(d *appsv1.Deployment, _ *discoveryv1.EndpointSlice) {
			d.Status.UpdatedReplicas = 1
		},
		"of 2 replicas 3 exist, 2 are of the newest version, 2 are available": func(d *appsv1.Deployment, _ *discoveryv1.EndpointSlice) { d.Status.Replicas = 3 },
		"of 2 replicas 2 exist, 2 are of the newest version, 1 are available": func(d *appsv1.Deployment, _ *discoveryv1.EndpointSlice) {
			d.Status.AvailableReplicas = 1
		},
		"FailedCreate: over quota": func(d *appsv1.Deployment, _ *discoveryv1.EndpointSlice) {
			d.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: "over quota"}}
		},
		"Service web has 1 ready endpoints for 2 replicas": func(_ *appsv1.Deployment, s *discoveryv1.EndpointSlice) {
			s.Endpoints[0].Conditions.Ready = new(false)
		},
		"Service web has 0 ready endpoints for 2 replicas": func(_ *appsv1.Deployment, s *discoveryv1.EndpointSlice) { s.Labels = nil },
	} {
		t.Run(want, func(t *testing.T) {
			d, s := webDeployment(), endpointSlice("ipv4", "a", "b")
			spoil(d, s)
			NewWithT(t).Expect(good(t).unready(t.Context(), fake.NewClientset(d, webService(), s))).To(Equal(want))
		})
	}
}

// What else the target deploys is awaited as well.
func TestWhatIsDeployedBesideIsAwaited(t *testing.T) {
	for want, available := range map[string]int32{"": 1, "it is ready, and StatefulSet shop/db, which is deployed beside it, is not: of 1 replicas 1 exist, 1 are of the newest version, 0 are available": 0} {
		db := dbSet()
		db.Status.AvailableReplicas = available
		NewWithT(t).Expect(good(t).unready(t.Context(), fake.NewClientset(webDeployment(), webService(), endpointSlice("ipv4", "a", "b"), db))).To(Equal(want))
	}
}

func TestOnlyTheWorkloadsPodsWithThePortAreEndpoints(t *testing.T) {
	controlled := func(kind, uid string) []metav1.OwnerReference {
		return []metav1.OwnerReference{{Kind: kind, UID: types.UID(uid), Controller: new(true)}}
	}
	pod := func(name, kind, uid string) *corev1.Pod {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, OwnerReferences: controlled(kind, uid)}}
	}
	set := func(uid, of string) *appsv1.ReplicaSet {
		return &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: uid, UID: types.UID(uid), OwnerReferences: controlled("Deployment", of)}}
	}
	there := func(more ...runtime.Object) *fake.Clientset {
		return fake.NewClientset(append(more, webDeployment(), webService(), dbSet(), set("web-1", "web"), set("worker-1", "worker"),
			pod("a", "ReplicaSet", "web-1"), pod("b", "ReplicaSet", "web-1"), pod("worker", "ReplicaSet", "worker-1"), pod("job", "Job", "report"))...)
	}
	without := func(s *discoveryv1.EndpointSlice) *discoveryv1.EndpointSlice {
		s.Ports = nil
		return s
	}
	for name, c := range map[string]struct {
		cs   *fake.Clientset
		want string
	}{
		"a worker without the port": {there(endpointSlice("web", "a", "b"), without(endpointSlice("worker", "worker"))), ""},
		"a job with it":             {there(endpointSlice("web", "a", "b", "job")), ""},
		"a job in place of one": {there(endpointSlice("web", "a", "job")),
			"Service web has 1 ready endpoints for 2 replicas (beside Pods that its selector matches and that are none of them: job)"},
		"its own without the port": {there(endpointSlice("web", "a"), without(endpointSlice("web-2", "b"))), "Service web has 1 ready endpoints for 2 replicas"},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(good(t).unready(t.Context(), c.cs)).To(Equal(c.want)) })
	}
	NewWithT(t).Expect(good(t).unready(t.Context(), fake.NewClientset(webDeployment()))).To(HavePrefix("reading Service web: "))
}

func TestWaitReadySaysWhatPodsSufferFrom(t *testing.T) {
	d := webDeployment()
	d.Status.AvailableReplicas = 0
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-1", Labels: d.Spec.Selector.MatchLabels}}
	p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "web", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: "no such image"}}}}
	err := good(t).WaitReady(t.Context(), fake.NewClientset(d, p), 10*time.Millisecond)
	NewWithT(t).Expect(err).To(And(MatchError(context.DeadlineExceeded), MatchError(
		HavePrefix("waiting 10ms at most for Deployment shop/web: of 2 replicas 2 exist, 2 are of the newest version, 0 are available; Pod web-1: container web: ImagePullBackOff: no such image: "))))
}

func TestLive(t *testing.T) {
	g := NewWithT(t)
	s, err := good(t).live(t.Context(), fake.NewClientset(webDeployment()))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.Selector).To(Equal("app=web,tier=front"))
	g.Expect(s.Replicas).To(Equal(2))
	_, err = good(t).live(t.Context(), fake.NewClientset())
	g.Expect(err).To(MatchError(ContainSubstring("reading Deployment shop/web")))
}
