package watch

import (
	"cmp"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/kubectl/pkg/util/podutils"

	"hagate/record"
)

// pod takes in a Pod's state. One that was followed once is followed until it leaves the
// API, whatever its labels become.
func (w *Watch) pod(p *corev1.Pod) {
	w.seen[p.UID] = p
	mine := w.isOwn(p)
	_, before := w.pods[p.UID]
	followed := mine || before || w.selected(p)
	if now := PodOf(p); followed {
		now.Stray = !mine
		if changed(w.pods, p.UID, now) {
			w.write(record.Entry{Pod: &now})
		}
	}
	if mine {
		w.logs.follow(p)
	}
	w.know(p.UID, followed)
}

// podsAgain looks at every Pod once more: whose it is may have become known, or whom the
// Service selects.
func (w *Watch) podsAgain() {
	for _, p := range sorted(w.seen, func(p *corev1.Pod) string { return p.Name + string(p.UID) }) {
		w.pod(p)
	}
}

// isOwn says whether a Pod is the workload's: controlled by it, or by a ReplicaSet of its.
// One that was stays so when it loses its labels. One whose ReplicaSet was not seen yet is
// taken for the workload's where the selector matches it.
func (w *Watch) isOwn(p *corev1.Pod) bool {
	c := metav1.GetControllerOf(p)
	switch {
	case w.own[p.UID]:
		return true
	case c == nil:
		return false
	case c.Kind == "ReplicaSet" && w.spec.WorkloadKind == "Deployment":
		mine, known := w.sets[c.UID]
		w.own[p.UID] = mine
		return mine || !known && w.selector.Matches(labels.Set(p.Labels))
	}
	w.own[p.UID] = c.Kind == w.spec.WorkloadKind && c.Name == w.spec.Workload
	return w.own[p.UID]
}

// selected says whether the workload's or the Service's selector matches a Pod.
func (w *Watch) selected(p *corev1.Pod) bool {
	of := labels.Set(p.Labels)
	return w.selector.Matches(of) || w.front != nil && len(w.front.Spec.Selector) > 0 && labels.SelectorFromSet(w.front.Spec.Selector).Matches(of)
}

func (w *Watch) podGone(p *corev1.Pod) {
	delete(w.seen, p.UID)
	before, ok := w.pods[p.UID]
	if !ok {
		return
	}
	delete(w.pods, p.UID)
	last := PodOf(p)
	last.Gone, last.Stray = true, before.Stray
	w.write(record.Entry{Pod: &last})
}

// PodOf is what the record says of a Pod by itself: not whether it is a stray.
func PodOf(p *corev1.Pod) record.Pod {
	r := record.Pod{
		Namespace: p.Namespace,
		Name:      p.Name,
		UID:       string(p.UID),
		Version:   cmp.Or(p.Labels[appsv1.DefaultDeploymentUniqueLabelKey], p.Labels[appsv1.ControllerRevisionHashLabelKey]),
		Node:      p.Spec.NodeName,
		IP:        p.Status.PodIP,
		Phase:     string(p.Status.Phase),
		Ready:     podutils.IsPodReady(p),
		Started:   len(p.Status.ContainerStatuses) == len(p.Spec.Containers),
		Reason:    p.Status.Reason,
	}
	for _, c := range p.Status.ContainerStatuses {
		r.Started = r.Started && c.Started != nil && *c.Started
	}
	for _, c := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		r.Restarts += int(c.RestartCount)
		if r.Reason == "" {
			r.Reason = trouble(c.State)
		}
		if e := cmp.Or(c.State.Terminated, c.LastTerminationState.Terminated); e != nil {
			r.Exits = append(r.Exits, record.Exit{Container: c.Name, Code: int(e.ExitCode), Reason: e.Reason, At: e.FinishedAt.UTC()})
		}
	}
	r.Message = message(p)
	if c := metav1.GetControllerOf(p); c != nil {
		r.Owner = c.Kind + "/" + c.Name
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

// maxMessage is how many characters of a message are kept.
const maxMessage = 300

// message is what the scheduler says of a Pod that it does not place, or else the kubelet
// of one that it has ended, of a container that waits, of init containers that have not
// ended, or of a readiness gate that nobody has opened.
func message(p *corev1.Pod) string {
	said := ""
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			said = c.Message
		}
	}
	said = cmp.Or(said, p.Status.Message)
	for _, c := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		if said == "" && c.State.Waiting != nil {
			said = c.State.Waiting.Message
		}
	}
	waits := slices.ContainsFunc(p.Status.InitContainerStatuses, func(c corev1.ContainerStatus) bool { return c.State.Running != nil })
	for _, c := range p.Status.Conditions {
		if said == "" && c.Status == corev1.ConditionFalse && (c.Reason == "ContainersNotInitialized" && waits || c.Reason == "ReadinessGatesNotReady") {
			said = c.Message // k8s.io/kubernetes/pkg/kubelet/status, GeneratePodInitializedCondition and GeneratePodReadyCondition
		}
	}
	if r := []rune(said); len(r) > maxMessage {
		return string(r[:maxMessage-1]) + "…"
	}
	return said
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
