package watch

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func deploymentObject() *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: "nginx01"},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(3)),
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: app}},
		},
		Status: appsv1.DeploymentStatus{Replicas: 4, ReadyReplicas: 3, UpdatedReplicas: 2, AvailableReplicas: 1},
	}
}

// templateRecord is what a record says of deploymentObject's template.
func templateRecord() record.Template {
	return record.Template{Replicas: 3, Strategy: "RollingUpdate", MaxSurge: "25%", MaxUnavailable: "25%", Grace: 30, LostFor: 300, Containers: []record.Container{}}
}

func statefulSetObject() *appsv1.StatefulSet {
	return &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: "nginx01"},
		Spec:       appsv1.StatefulSetSpec{Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: app}}},
		Status:     appsv1.StatefulSetStatus{Replicas: 4, ReadyReplicas: 3, UpdatedReplicas: 2, AvailableReplicas: 1},
	}
}

func TestTheWorkloadIsFollowed(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	want := record.Workload{Replicas: 3, Current: 4, Ready: 3, Updated: 2, Available: 1}
	d := deploymentObject()
	b.deployment(d)
	d.Annotations = map[string]string{"looked": "at"} // nothing that is followed
	b.deployment(d)
	g.Expect(states(b.news())).To(Equal([]any{templateRecord(), want}))
	g.Expect(b.Workload()).To(Equal(want))
	d.Generation = 2
	b.deployment(d)
	stale := want
	stale.Stale = true // the status is of an older spec
	g.Expect(states(b.news())).To(Equal([]any{stale}))

	another := deploymentObject()
	another.Name = "another"
	another.Status.ReadyReplicas = 0
	b.deployment(another)
	b.deploymentGone(another)
	g.Expect(b.news()).To(BeEmpty())

	b.deploymentGone(d)
	g.Expect(states(b.news())).To(Equal([]any{record.Workload{}}))
}

func TestAStatefulSetHasOneReplicaWhereItSaysNothing(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	b.statefulSet(statefulSetObject())
	g.Expect(b.Workload()).To(Equal(record.Workload{Replicas: 1, Current: 4, Ready: 3, Updated: 2, Available: 1}))
	b.statefulSetGone(statefulSetObject())
	g.Expect(b.Workload()).To(BeZero())
}
