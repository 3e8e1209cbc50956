package target

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestPodProblem(t *testing.T) {
	unready := corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionFalse, Message: "containers with unready status: [web]"}
	waiting := func(reason, message string) corev1.ContainerStatus {
		return corev1.ContainerStatus{Name: "web", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}}
	}
	crashed := waiting("CrashLoopBackOff", "back-off 10s")
	crashed.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 137, Reason: "OOMKilled"}
	for want, p := range map[string]corev1.Pod{
		"": {Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}}},
		"Unschedulable: 0/4 nodes are available": {Status: corev1.PodStatus{Conditions: []corev1.PodCondition{
			{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/4 nodes are available"}}}},
		"container web: ImagePullBackOff: no such image": {Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{waiting("ImagePullBackOff", "no such image")}}},
		"container web: CrashLoopBackOff: back-off 10s (it ended with exit code 137, OOMKilled)": {Status: corev1.PodStatus{
			InitContainerStatuses: []corev1.ContainerStatus{crashed}, ContainerStatuses: []corev1.ContainerStatus{waiting("PodInitializing", "")}}},
		"container web: ContainerCreating":                              {Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{waiting("ContainerCreating", "")}}},
		"runs, but is not ready: containers with unready status: [web]": {Status: corev1.PodStatus{Conditions: []corev1.PodCondition{unready}}},
		"terminating":              {ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &metav1.Time{}}},
		"not ready, phase Pending": {Status: corev1.PodStatus{Phase: corev1.PodPending}},
	} {
		t.Run(want, func(t *testing.T) { NewWithT(t).Expect(podProblem(p)).To(Equal(want)) })
	}
}
