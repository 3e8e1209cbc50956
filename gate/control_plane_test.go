package gate

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	. "github.com/onsi/gomega"
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
