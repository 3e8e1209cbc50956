package watch

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"hagate/record"
)

// event takes in an Event. One about a Pod or a ReplicaSet that was not seen yet is
// held back until it is known whose that is.
func (w *Watch) event(e *corev1.Event) {
	now := eventOf(e)
	if !changed(w.events, e.UID, now) || !w.live {
		return
	}
	entry := record.Entry{Time: eventTime(e), Clock: record.ClockAPIServer, Event: &now}
	if entry.Time.IsZero() {
		entry.Clock = record.ClockHarness
	}
	switch of := e.InvolvedObject; of.Kind {
	case "Node":
		w.write(entry)
	case w.spec.WorkloadKind:
		if of.Namespace == w.spec.Namespace && of.Name == w.spec.Workload {
			w.write(entry)
		}
	case "Service": // those that hagate makes beside the target's as well
		if of.Namespace == w.spec.Namespace && (of.Name == w.spec.Service || w.spec.Beside != "" && strings.HasPrefix(of.Name, w.spec.Beside)) {
			w.write(entry)
		}
	case "Pod", "ReplicaSet":
		if of.Namespace != w.spec.Namespace {
			return
		}
		told, known := w.told[of.UID]
		if told {
			w.write(entry)
		} else if !known {
			w.held[of.UID] = append(w.held[of.UID], entry)
		}
	}
}

func (w *Watch) eventGone(e *corev1.Event) { delete(w.events, e.UID) }

// know remembers whether Events about the object uid are to be recorded, as those that
// were held back for it then are.
func (w *Watch) know(uid types.UID, told bool) {
	w.told[uid] = told
	if told {
		for _, e := range w.held[uid] {
			w.write(e)
		}
	}
	delete(w.held, uid)
}

func eventOf(e *corev1.Event) record.Event {
	r := record.Event{
		Type:    e.Type,
		Reason:  e.Reason,
		Object:  e.InvolvedObject.Kind + "/" + e.InvolvedObject.Name,
		Message: e.Message,
		Count:   max(1, int(e.Count)),
	}
	if e.Series != nil {
		r.Count = max(r.Count, int(e.Series.Count))
	}
	return r
}

// eventTime is when it happened last, by the cluster's clock.
func eventTime(e *corev1.Event) time.Time {
	if e.Series != nil && !e.Series.LastObservedTime.IsZero() {
		return e.Series.LastObservedTime.Time
	}
	for _, t := range []time.Time{e.LastTimestamp.Time, e.EventTime.Time, e.CreationTimestamp.Time} {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
