package watch

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func eventObject(kind, name, uid string) *corev1.Event {
	return &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Namespace: "nginx", Name: kind + name, UID: types.UID("event-" + kind + name)},
		InvolvedObject: corev1.ObjectReference{Kind: kind, Namespace: "nginx", Name: name, UID: types.UID(uid)},
		Type:           "Warning", Reason: "Unhealthy", Message: "probe failed",
	}
}

func eventRecord(object string, count int) record.Event {
	return record.Event{Type: "Warning", Reason: "Unhealthy", Message: "probe failed", Object: object, Count: count}
}

func replicaSetObject(uid, ownerKind, owner string) *appsv1.ReplicaSet {
	return &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: owner + "-rs", UID: types.UID(uid),
		OwnerReferences: owned(ownerKind, owner, "")}}
}

func TestEventsThatConcernTheWorkload(t *testing.T) {
	elsewhere := func(e *corev1.Event) *corev1.Event {
		e.InvolvedObject.Namespace = "elsewhere"
		return e
	}
	node := eventObject("Node", "worker1", "worker1")
	node.InvolvedObject.Namespace = ""
	for name, c := range map[string]struct {
		of   *corev1.Event
		want bool
	}{
		"its Pod":                 {eventObject("Pod", "a", "uid-a"), true},
		"another's Pod":           {eventObject("Pod", "x", "uid-x"), false},
		"a Pod not seen":          {eventObject("Pod", "a", "uid-later"), false},
		"its Pod's UID elsewhere": {elsewhere(eventObject("Pod", "a", "uid-a")), false},
		"its ReplicaSet":          {eventObject("ReplicaSet", "nginx01-rs", "rs"), true},
		"another's ReplicaSet":    {eventObject("ReplicaSet", "another-rs", "rs-x"), false},
		"the workload":            {eventObject("Deployment", "nginx01", "d"), true},
		"another workload":        {eventObject("Deployment", "another", "d-x"), false},
		"one of its name":         {elsewhere(eventObject("Deployment", "nginx01", "d")), false},
		"another kind":            {eventObject("StatefulSet", "nginx01", "s"), false},
		"a node":                  {node, true},
		"the Service":             {eventObject("Service", spec.Service, "svc"), true},
		"one that hagate made":    {eventObject("Service", spec.Beside+"-lb1", "svc-lb"), true},
		"another Service":         {eventObject("Service", spec.Service+"2", "svc-x"), false},
		"a Service elsewhere":     {elsewhere(eventObject("Service", spec.Service, "svc")), false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, spec)
			another := podObject("x", "uid-x")
			another.Labels, another.OwnerReferences = nil, nil
			b.pod(podObject("a", "uid-a"))
			b.pod(another)
			b.replicaSet(replicaSetObject("rs", "Deployment", "nginx01"))
			b.replicaSet(replicaSetObject("rs-x", "Deployment", "another"))
			b.news()

			b.event(c.of)
			var want []any
			if c.want {
				want = []any{eventRecord(c.of.InvolvedObject.Kind+"/"+c.of.InvolvedObject.Name, 1)}
			}
			NewWithT(t).Expect(states(b.news())).To(Equal(want))
		})
	}
}

func TestEventsAboutAnUnknownObjectAreHeldBack(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	again := eventObject("Pod", "a", "uid-a")
	again.Count = 2
	b.event(eventObject("Pod", "a", "uid-a"))
	b.event(again)
	b.event(eventObject("Pod", "x", "uid-x"))
	b.event(eventObject("ReplicaSet", "nginx01-rs", "rs"))
	g.Expect(b.news()).To(BeEmpty())

	b.pod(podObject("a", "uid-a"))
	g.Expect(states(b.news())).To(Equal([]any{podRecord("a", "uid-a"), eventRecord("Pod/a", 1), eventRecord("Pod/a", 2)}))
	b.pod(podObject("a", "uid-a"))
	g.Expect(b.news()).To(BeEmpty())

	another := podObject("x", "uid-x")
	another.Labels, another.OwnerReferences = nil, nil
	b.pod(another)
	another.Labels = app
	b.pod(another)
	g.Expect(b.news()).To(HaveLen(1), "the Pod alone: it was not the workload's then")

	b.replicaSet(replicaSetObject("rs", "Deployment", "nginx01"))
	g.Expect(states(b.news())).To(Equal([]any{eventRecord("ReplicaSet/nginx01-rs", 1)}))
}

func TestEventsAboutAPodThatIsGoneAreStillIts(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	b.pod(podObject("a", "uid-a"))
	b.podGone(podObject("a", "uid-a"))
	b.news()
	b.event(eventObject("Pod", "a", "uid-a"))
	g.Expect(b.news()).To(HaveLen(1))
}

func TestAnEventIsNewsWhenItHappensAgain(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, spec)
	b.pod(podObject("a", "uid-a"))
	b.news()
	e := eventObject("Pod", "a", "uid-a")
	b.event(e)
	e.ResourceVersion = "2"
	b.event(e)
	g.Expect(b.news()).To(HaveLen(1))

	e.Count = 2
	b.event(e)
	e.Series = &corev1.EventSeries{Count: 5}
	b.event(e)
	g.Expect(states(b.news())).To(Equal([]any{eventRecord("Pod/a", 2), eventRecord("Pod/a", 5)}))

	b.live = false
	e.Series.Count = 6
	b.event(e)
	b.live = true
	b.event(e)
	g.Expect(b.news()).To(BeEmpty(), "it happened before")

	b.eventGone(e)
	g.Expect(b.news()).To(BeEmpty())
}

func TestEventTime(t *testing.T) {
	at := func(s int) time.Time { return time.Date(2026, 1, 1, 0, 0, s, 0, time.UTC) }
	e := eventObject("Pod", "a", "uid-a")
	for _, c := range []struct {
		name  string
		add   func()
		want  time.Time
		clock string
	}{
		{"none", func() {}, time.Time{}, record.ClockHarness},
		{"created", func() { e.CreationTimestamp.Time = at(1) }, at(1), record.ClockAPIServer},
		{"happened", func() { e.EventTime.Time = at(2) }, at(2), record.ClockAPIServer},
		{"happened last", func() { e.LastTimestamp.Time = at(3) }, at(3), record.ClockAPIServer},
		{"a series without a time", func() { e.Series = &corev1.EventSeries{} }, at(3), record.ClockAPIServer},
		{"a series", func() { e.Series.LastObservedTime.Time = at(4) }, at(4), record.ClockAPIServer},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := NewWithT(t)
			c.add()
			g.Expect(eventTime(e)).To(Equal(c.want))

			b := newBench(t, spec)
			b.pod(podObject("a", "uid-a"))
			b.news()
			b.event(e)
			entry := b.news()[0]
			g.Expect(entry.Clock).To(Equal(c.clock))
			if !c.want.IsZero() {
				g.Expect(entry.Time).To(Equal(c.want))
			}
		})
	}
}
