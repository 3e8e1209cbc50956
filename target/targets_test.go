package target

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
)

func read(t *testing.T, dir string) (*Target, corev1.PodSpec, int) {
	t.Helper()
	got, err := Load(dir, scenarios)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := got.find("apps/v1", got.Spec.Workload.Kind, "nginx01")
	replicas, pods, err := m.template()
	if err != nil {
		t.Fatal(err)
	}
	return got, pods.Spec, replicas
}

// text is the manifest of a kind, as it is applied.
func (t *Target) text(kind string) string {
	for _, m := range t.manifests {
		if m.GetKind() == kind {
			return fmt.Sprint(m.Object)
		}
	}
	return ""
}

func (t *Target) has(kind string) bool { return t.listed(kind) != " (they have none)" }

// probed says whether the Pod has a liveness probe of the port.
func probed(pod corev1.PodSpec, port string) bool {
	probe := pod.Containers[0].LivenessProbe
	return probe != nil && probe.HTTPGet.Port.String() == port
}

func TestDefaultTarget(t *testing.T) {
	g := NewWithT(t)
	got, pod, replicas := read(t, "nginx")
	g.Expect(got.Spec.Workload).To(Equal(Workload{Kind: "Deployment", Name: "nginx01", Namespace: "nginx"}))
	g.Expect(got.Spec.Service).To(Equal(Service{Name: "nginx-svc", Port: 80}))
	g.Expect(got.Spec.Load.Rate).To(Equal(200))
	g.Expect(got.Spec.PodHeader).To(Equal("X-Pod"))
	g.Expect(got.Images()).To(Equal([]string{"docker.io/hagate/nginx:1"}))
	g.Expect(replicas).To(Equal(3))
	g.Expect(got.has("PodDisruptionBudget")).To(BeTrue())
	g.Expect(pod.Containers[0].Lifecycle.PreStop.Sleep.Seconds).To(BeEquivalentTo(8))
	g.Expect(pod.Containers[0].ReadinessProbe).NotTo(BeNil())
	g.Expect(*pod.TerminationGracePeriodSeconds).To(BeEquivalentTo(30))
	g.Expect(pod.TopologySpreadConstraints).To(HaveLen(1))
	for _, toleration := range pod.Tolerations {
		g.Expect(*toleration.TolerationSeconds).To(BeEquivalentTo(5))
	}
}

// Each of these has exactly the defect that its name says.
func TestDefectiveTargets(t *testing.T) {
	for _, name := range []string{
		"asks-api", "asks-dns", "by-host", "ephemeral", "liveness", "logs-to-file", "no-headroom", "no-pdb", "no-prestop", "no-readiness",
		"no-tolerations", "one-replica", "recreate", "recycled", "rigid", "sealed", "slow-start", "stateful", "wrong-liveness",
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got, pod, replicas := read(t, filepath.Join("..", "cases", name))
			g.Expect(got.Spec.Workload.Namespace).To(Equal("nginx-" + name))
			for _, m := range got.manifests {
				g.Expect([]string{m.GetNamespace(), m.GetName()}).To(ContainElement("nginx-"+name), m.GetKind())
			}
			defects := map[string]bool{
				"no-prestop":     pod.Containers[0].Lifecycle == nil,
				"no-readiness":   pod.Containers[0].ReadinessProbe == nil,
				"one-replica":    replicas == 1,
				"slow-start":     strings.Contains(strings.Join(pod.Containers[0].Command, " "), "sleep 20"),
				"asks-api":       strings.Contains(got.text("ConfigMap"), "kubernetes.default"),
				"asks-dns":       strings.Contains(got.text("ConfigMap"), "resolver"),
				"logs-to-file":   strings.Contains(strings.Join(pod.Containers[0].Command, " "), "/tmp/error.log"),
				"no-headroom":    strings.Contains(got.text("ConfigMap"), "limit_req zone"),
				"recreate":       strings.Contains(got.text("Deployment"), "Recreate"),
				"ephemeral":      strings.Contains(got.text("StatefulSet"), "emptyDir"),
				"stateful":       strings.Contains(got.text("StatefulSet"), "volumeClaimTemplates"), // none: it is to pass
				"by-host":        strings.Contains(got.text("ConfigMap"), "return 421"),
				"liveness":       probed(pod, "http") && replicas > 1, // none: it is to pass
				"rigid":          strings.Contains(got.text("Deployment"), "DoNotSchedule"),
				"recycled":       got.has("RoleBinding"),
				"no-tolerations": len(pod.Tolerations) == 0,
				"wrong-liveness": probed(pod, "8081"),
				"sealed":         strings.Contains(got.text("Deployment"), "/nowhere"),
				"no-pdb":         pod.Affinity != nil && pod.Affinity.PodAffinity != nil,
			}
			g.Expect(defects).To(HaveKey(name))
			for defect, there := range defects {
				g.Expect(there).To(Equal(defect == name), defect)
			}
			g.Expect(got.has("PodDisruptionBudget")).To(Equal(name != "no-pdb" && name != "one-replica"))
		})
	}
}
