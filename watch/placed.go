package watch

import (
	corev1 "k8s.io/api/core/v1"
)

// Placed are the UIDs of all Pods in the workload's namespace that are on a node and have
// not ended, the workload's or not.
func (w *Watch) Placed() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var uids []string
	for uid, p := range w.seen {
		if p.Spec.NodeName != "" && p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed {
			uids = append(uids, string(uid))
		}
	}
	return uids
}
