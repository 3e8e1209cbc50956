package gate

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	. "github.com/onsi/gomega"
)

func TestRules(t *testing.T) {
	const host = "kubernetes.io/hostname"
	web := corev1.PodAffinityTerm{TopologyKey: host, LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}}
	elsewhere := web
	elsewhere.Namespaces = []string{"other"}
	ssd := corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{{Key: "disk", Operator: corev1.NodeSelectorOpIn, Values: []string{"ssd"}}}}
	required := func(t corev1.PodAffinityTerm) []corev1.PodAffinityTerm { return []corev1.PodAffinityTerm{t} }
	preferred := func(t corev1.PodAffinityTerm) []corev1.WeightedPodAffinityTerm {
		return []corev1.WeightedPodAffinityTerm{{Weight: 1, PodAffinityTerm: t}}
	}
	for name, c := range map[string]struct {
		on           string // where the second Pod is; the first is on w1, whose disk is an ssd
		spec         corev1.PodSpec
		rules        int
		broken, told int
	}{
		"no rule":                            {"w2", corev1.PodSpec{}, 0, 0, 0},
		"node selector kept":                 {"w1", corev1.PodSpec{NodeSelector: map[string]string{"disk": "ssd"}}, 1, 0, 0},
		"node selector broken":               {"w2", corev1.PodSpec{NodeSelector: map[string]string{"disk": "ssd"}}, 1, 1, 0},
		"node affinity broken":               {"w2", corev1.PodSpec{Affinity: &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{ssd}}}}}, 1, 1, 0},
		"node preferred":                     {"w1", corev1.PodSpec{Affinity: &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.PreferredSchedulingTerm{{Weight: 1, Preference: ssd}}}}}, 1, 0, 0},
		"node not preferred":                 {"w2", corev1.PodSpec{Affinity: &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.PreferredSchedulingTerm{{Weight: 1, Preference: ssd}}}}}, 1, 0, 1},
		"anti-affinity kept":                 {"w2", corev1.PodSpec{Affinity: &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: required(web)}}}, 1, 0, 0},
		"anti-affinity broken":               {"w1", corev1.PodSpec{Affinity: &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: required(web)}}}, 1, 1, 0},
		"anti-affinity to another namespace": {"w1", corev1.PodSpec{Affinity: &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: required(elsewhere)}}}, 1, 0, 0},
		"anti-affinity not had":              {"w1", corev1.PodSpec{Affinity: &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{PreferredDuringSchedulingIgnoredDuringExecution: preferred(web)}}}, 1, 0, 1},
		"affinity kept by itself":            {"w2", corev1.PodSpec{Affinity: &corev1.Affinity{PodAffinity: &corev1.PodAffinity{RequiredDuringSchedulingIgnoredDuringExecution: required(web)}}}, 1, 0, 0},
		"affinity broken":                    {"w2", corev1.PodSpec{Affinity: &corev1.Affinity{PodAffinity: &corev1.PodAffinity{RequiredDuringSchedulingIgnoredDuringExecution: required(elsewhere)}}}, 1, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			pod := func(name, node string) corev1.Pod {
				spec := c.spec
				spec.NodeName = node
				return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID(name), Labels: map[string]string{"app": "web"}}, Spec: spec}
			}
			at := placed{pods: []corev1.Pod{pod("a", "w1"), pod("b", c.on)}, nodes: map[string]corev1.Node{
				"w1": {ObjectMeta: metav1.ObjectMeta{Name: "w1", Labels: map[string]string{host: "w1", "disk": "ssd"}}},
				"w2": {ObjectMeta: metav1.ObjectMeta{Name: "w2", Labels: map[string]string{host: "w2"}}},
			}}
			g.Expect(at.look(at.pods[1])).To(Succeed())
			g.Expect(at.rules).To(Equal(c.rules))
			g.Expect(at.broken).To(HaveLen(c.broken))
			g.Expect(at.told).To(HaveLen(c.told))
		})
	}
}
