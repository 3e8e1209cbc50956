package cluster

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func node(name string, ready corev1.ConditionStatus, cordoned bool) corev1.Node {
	return corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.NodeSpec{Unschedulable: cordoned},
		Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready}}}}
}

func TestUnready(t *testing.T) {
	whole := node("a", corev1.ConditionTrue, false)
	for name, c := range map[string]struct {
		nodes []corev1.Node
		want  string
	}{
		"whole":        {[]corev1.Node{whole, whole}, ""},
		"one missing":  {[]corev1.Node{whole}, "1 of 2 nodes have joined"},
		"not ready":    {[]corev1.Node{whole, node("b", corev1.ConditionUnknown, false)}, "b is not ready"},
		"no condition": {[]corev1.Node{whole, {ObjectMeta: metav1.ObjectMeta{Name: "b"}}}, "b is not ready"},
		"cordoned":     {[]corev1.Node{whole, node("b", corev1.ConditionTrue, true)}, "b is cordoned"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := unready(c.nodes, 2); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRolledOut(t *testing.T) {
	two := int32(2)
	for name, c := range map[string]struct {
		status appsv1.DeploymentStatus
		want   bool
	}{
		"done":              {appsv1.DeploymentStatus{ObservedGeneration: 3, Replicas: 2, UpdatedReplicas: 2, AvailableReplicas: 2}, true},
		"not seen yet":      {appsv1.DeploymentStatus{ObservedGeneration: 2, Replicas: 2, UpdatedReplicas: 2, AvailableReplicas: 2}, false},
		"one old left":      {appsv1.DeploymentStatus{ObservedGeneration: 3, Replicas: 3, UpdatedReplicas: 2, AvailableReplicas: 3}, false},
		"one not available": {appsv1.DeploymentStatus{ObservedGeneration: 3, Replicas: 2, UpdatedReplicas: 2, AvailableReplicas: 1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Generation: 3}, Spec: appsv1.DeploymentSpec{Replicas: &two}, Status: c.status}
			if got := rolledOut(d); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
