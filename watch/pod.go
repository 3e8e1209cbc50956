package watch

import (
	"cmp"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"hagate/record"
)

// pod takes in a Pod's state. One that was the workload's once is followed until it
// leaves the API, whatever its labels become.
func (w *Watch) pod(p *corev1.Pod) {
	mine := w.mine[p.UID] || w.selector.Matches(labels.Set(p.Labels))
	if now := PodOf(p); mine && changed(w.pods, p.UID, now) {
		w.write(record.Entry{Pod: &now})
	}
	if mine {
		w.logs.follow(p)
	}
	w.know(p.UID, mine)
	w.place(p)
}

func (w *Watch) podGone(p *corev1.Pod) {
	delete(w.placed, p.UID)
	if _, ok := w.pods[p.UID]; !ok {
		return
	}
	delete(w.pods, p.UID)
	last := PodOf(p)
	last.Gone = true
	w.write(record.Entry{Pod: &last})
}

// PodOf is what the record says of a Pod.
func PodOf(p *corev1.Pod) record.Pod {
	r := record.Pod{
		Namespace: p.Namespace,
		Name:      p.Name,
		UID:       string(p.UID),
		Version:   cmp.Or(p.Labels[appsv1.DefaultDeploymentUniqueLabelKey], p.Labels[appsv1.ControllerRevisionHashLabelKey]),
		Node:      p.Spec.NodeName,
		IP:        p.Status.PodIP,
		Phase:     string(p.Status.Phase),
		Ready: slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		}),
		Started: len(p.Status.ContainerStatuses) == len(p.Spec.Containers),
		Reason:  p.Status.Reason,
	}
	for _, c := range p.Status.ContainerStatuses {
		r.Started = r.Started && c.Started != nil && *c.Started
	}
	for _, c := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		r.Restarts += int(c.RestartCount)
		if r.Reason == "" {
			r.Reason = trouble(c.State)
		}
	}
	r.Terminating, r.Grace = terminating(p)
	return r
}

// trouble is why a container does not run, or nothing where that is as it should be.
func trouble(s corev1.ContainerState) string {
	reason := ""
	switch {
	case s.Waiting != nil:
		reason = s.Waiting.Reason
	case s.Terminated != nil:
		reason = s.Terminated.Reason
	}
	if reason == "ContainerCreating" || reason == "PodInitializing" || reason == "Completed" {
		return ""
	}
	return reason
}

// terminating is when deletion was asked for and the grace in seconds. The API's
// timestamp is the time at which the grace ends.
func terminating(p *corev1.Pod) (*time.Time, int) {
	if p.DeletionTimestamp == nil {
		return nil, 0
	}
	grace := 0
	if p.DeletionGracePeriodSeconds != nil {
		grace = int(*p.DeletionGracePeriodSeconds)
	}
	asked := p.DeletionTimestamp.Add(-time.Duration(grace) * time.Second).UTC()
	return &asked, grace
}
