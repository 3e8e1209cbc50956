package gate

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/onsi/gomega"

	"hagate/cluster"
	"hagate/cluster/images"
)

const controlPlane = "node-role.kubernetes.io/control-plane"

// node is one with a Ready condition of that status, or none where it is empty.
func node(name string, status corev1.ConditionStatus, labels ...string) corev1.Node {
	n := corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{}}}
	for _, l := range labels {
		n.Labels[l] = ""
	}
	n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionTrue}}
	if status != "" {
		n.Status.Conditions = append(n.Status.Conditions, corev1.NodeCondition{Type: corev1.NodeReady, Status: status})
	}
	return n
}

func TestAgentNode(t *testing.T) {
	const yes, no, unknown = corev1.ConditionTrue, corev1.ConditionFalse, corev1.ConditionUnknown
	for name, c := range map[string]struct {
		nodes []corev1.Node
		want  string // empty: none
	}{
		"control-plane first":              {[]corev1.Node{node("cp", yes, controlPlane), node("w1", yes)}, "cp"},
		"control-plane last":               {[]corev1.Node{node("w1", yes), node("w2", yes), node("cp", yes, controlPlane)}, "cp"},
		"several control planes":           {[]corev1.Node{node("w1", yes), node("cp1", no, controlPlane), node("cp2", yes, controlPlane)}, "cp2"},
		"no control-plane node":            {[]corev1.Node{node("w1", yes), node("w2", yes)}, "w1"},
		"no control-plane node, one ready": {[]corev1.Node{node("w1", unknown), node("w2", yes), node("w3", yes)}, "w2"},
		"control plane not ready":          {[]corev1.Node{node("cp", no, controlPlane), node("w1", yes)}, "w1"},
		"control plane lost":               {[]corev1.Node{node("cp", unknown, controlPlane), node("w1", yes)}, "w1"},
		"control plane new":                {[]corev1.Node{node("cp", "", controlPlane), node("w1", yes)}, "w1"},
		"no control-plane node, but own":   {[]corev1.Node{node("w1", yes), node("w9", yes), node("w3", yes)}, "w9"},
		"control plane, and own":           {[]corev1.Node{node("w9", yes), node("cp", yes, controlPlane)}, "cp"},
		"none ready":                       {[]corev1.Node{node("cp", no, controlPlane), node("w1", unknown), node("w2", "")}, ""},
		"none at all":                      {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			n, err := agentNode(c.nodes, "w9")
			g.Expect(n.Name).To(Equal(c.want))
			if c.want == "" {
				g.Expect(err).To(MatchError("no ready node to run the load agent on"))
			} else {
				g.Expect(err).NotTo(HaveOccurred())
			}
		})
	}
}

func TestReady(t *testing.T) {
	for status, want := range map[corev1.ConditionStatus]bool{
		corev1.ConditionTrue: true, corev1.ConditionFalse: false, corev1.ConditionUnknown: false, "": false,
	} {
		t.Run(string(status), func(t *testing.T) {
			NewWithT(t).Expect(cluster.NodeReady(node("n", status))).To(Equal(want))
		})
	}
}

func TestAddress(t *testing.T) {
	outside := corev1.NodeAddress{Type: corev1.NodeExternalIP, Address: "203.0.113.9"}
	host := corev1.NodeAddress{Type: corev1.NodeHostName, Address: "host"}
	inside := corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: "172.18.0.2"}
	second := corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: "fc00::2"}
	for name, c := range map[string]struct {
		addresses []corev1.NodeAddress
		want      string
	}{
		"internal IP": {[]corev1.NodeAddress{outside, host, inside}, "172.18.0.2"},
		"two":         {[]corev1.NodeAddress{inside, second}, "172.18.0.2"},
		"none":        {[]corev1.NodeAddress{outside, host}, "worker1"},
		"no address":  {nil, "worker1"},
	} {
		t.Run(name, func(t *testing.T) {
			n := node("worker1", corev1.ConditionTrue)
			n.Status.Addresses = c.addresses
			NewWithT(t).Expect(address(n)).To(Equal(c.want))
		})
	}
}

// Without an engine, what one would make has to be named.
func TestWithoutEngine(t *testing.T) {
	for name, c := range map[string]struct {
		agent, image, err string
	}{
		"all named": {agent: "registry/agent", image: "registry/web"},
		"no agent":  {image: "registry/web", err: "AGENT_IMAGE is empty"},
		"nginx":     {agent: "registry/agent", image: images.NginxRef, err: "which a container engine makes"},
	} {
		g := NewWithT(t)
		err := withoutEngine(c.agent, []string{c.image})
		if c.err == "" {
			g.Expect(err).NotTo(HaveOccurred(), name)
			continue
		}
		g.Expect(err).To(MatchError(ContainSubstring(c.err)), name)
	}
}
