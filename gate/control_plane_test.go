package gate

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestEveryNodeHasToBeHeardOf(t *testing.T) {
	g := NewWithT(t)
	pods := map[string]string{"a-0": "on node worker", "a-1": "on node worker2", "a-2": "where the scheduler places it"}
	slice := func(names ...string) (s discoveryv1.EndpointSlice) {
		for _, n := range names {
			s.Endpoints = append(s.Endpoints, discoveryv1.Endpoint{TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: n}})
		}
		return s
	}
	g.Expect(unheard(pods, nil)).To(HaveSuffix("on node worker"))
	g.Expect(unheard(pods, []discoveryv1.EndpointSlice{slice("a-0", "a-2")})).To(Equal("no EndpointSlice has a Pod that was started now on node worker2"))
	g.Expect(unheard(pods, []discoveryv1.EndpointSlice{slice("a-0", "a-1")})).To(HaveSuffix("where the scheduler places it"))
	g.Expect(unheard(pods, []discoveryv1.EndpointSlice{slice("a-0"), slice("a-1", "a-2")})).To(BeEmpty())
	g.Expect(pods).To(HaveLen(3))
}

func TestTheWatchHasCaughtUp(t *testing.T) {
	g := NewWithT(t)
	pod := func(uid string) corev1.Pod { return corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: types.UID(uid)}} }
	own, stray := record.Pod{UID: "a", Started: true}, record.Pod{UID: "job", Started: true, Stray: true}
	list := func(pods ...record.Pod) []record.Pod { return pods }
	g.Expect(caughtUp(list(own), nil, []corev1.Pod{pod("a")})).To(BeTrue())
	g.Expect(caughtUp(list(own), list(stray), []corev1.Pod{pod("a"), pod("job")})).To(BeTrue(), "a stray of its labels")
	g.Expect(caughtUp(list(own), list(stray), []corev1.Pod{pod("a")})).To(BeTrue(), "a stray of the Service's alone")
	g.Expect(caughtUp(list(own), nil, []corev1.Pod{pod("a"), pod("b")})).To(BeFalse(), "one was not seen")
	g.Expect(caughtUp(list(own), nil, nil)).To(BeFalse(), "one has gone")
	own.Ready = true
	g.Expect(caughtUp(list(own), nil, []corev1.Pod{pod("a")})).To(BeFalse(), "one has changed")
}
