package target

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// podProblems says what each Pod of the workload suffers from that is not ready.
func (t *Target) podProblems(ctx context.Context, cs kubernetes.Interface) []string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	s, err := t.live(ctx, cs)
	if err != nil {
		return nil // what unready said stands
	}
	pods, err := cs.CoreV1().Pods(t.Spec.Workload.Namespace).List(ctx, metav1.ListOptions{LabelSelector: s.Selector})
	if err != nil {
		return []string{fmt.Sprintf("listing its Pods: %v", err)}
	}
	var problems []string
	for _, p := range pods.Items {
		if why := podProblem(p); why != "" {
			problems = append(problems, fmt.Sprintf("Pod %s: %s", p.Name, why))
		}
	}
	return problems
}

// podProblem is the most telling reason why a Pod is not ready, or nothing.
func podProblem(p corev1.Pod) string {
	if c := condition(p, corev1.PodReady); c.Status == corev1.ConditionTrue {
		return ""
	}
	if c := condition(p, corev1.PodScheduled); c.Status == corev1.ConditionFalse {
		return c.Reason + ": " + c.Message
	}
	for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		w := s.State.Waiting
		if w == nil || w.Reason == "PodInitializing" {
			continue
		}
		why := fmt.Sprintf("container %s: %s", s.Name, w.Reason)
		if w.Message != "" {
			why += ": " + w.Message
		}
		if end := s.LastTerminationState.Terminated; end != nil {
			why += fmt.Sprintf(" (it ended with exit code %d, %s)", end.ExitCode, end.Reason)
		}
		return why
	}
	if p.DeletionTimestamp != nil {
		return "terminating"
	}
	if c := condition(p, corev1.PodReady); c.Message != "" {
		return "runs, but is not ready: " + c.Message
	}
	return "not ready, phase " + string(p.Status.Phase)
}

// condition is the Pod's condition of that kind, or an empty one.
func condition(p corev1.Pod, kind corev1.PodConditionType) corev1.PodCondition {
	for _, c := range p.Status.Conditions {
		if c.Type == kind {
			return c
		}
	}
	return corev1.PodCondition{}
}
