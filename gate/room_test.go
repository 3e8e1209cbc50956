package gate

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/onsi/gomega"

	"hagate/load"
	"hagate/record"
)

func amounts(cpu, memory string) corev1.ResourceList {
	list := corev1.ResourceList{}
	for kind, text := range map[corev1.ResourceName]string{corev1.ResourceCPU: cpu, corev1.ResourceMemory: memory} {
		if text != "" {
			list[kind] = resource.MustParse(text)
		}
	}
	return list
}

func asking(node string, phase corev1.PodPhase, of corev1.ResourceList) corev1.Pod {
	return corev1.Pod{Spec: corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "a", Resources: corev1.ResourceRequirements{Requests: of}}}},
		Status: corev1.PodStatus{Phase: phase}}
}

func offering(name, pods string, of corev1.ResourceList) corev1.Node {
	of[corev1.ResourcePods] = resource.MustParse(pods)
	return corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NodeStatus{Allocatable: of}}
}

func TestRooms(t *testing.T) {
	g := NewWithT(t)
	nodes := []corev1.Node{offering("w2", "5", amounts("2", "1Gi")), offering("w1", "110", amounts("2", "1Gi")), offering("cp", "110", amounts("2", "1Gi"))}
	rooms := roomsOf([]string{"w1", "w2", "w3"}, nodes, []corev1.Pod{
		asking("w1", corev1.PodRunning, amounts("1500m", "")),
		asking("w1", corev1.PodPending, amounts("100m", "512Mi")),
		asking("w1", corev1.PodSucceeded, amounts("2", "1Gi")),
		asking("w1", corev1.PodFailed, amounts("2", "1Gi")),
		asking("w2", corev1.PodRunning, amounts("", "")),
		asking("cp", corev1.PodRunning, amounts("2", "1Gi")),
	})
	g.Expect(rooms).To(HaveLen(2))
	left := rooms[0].left(corev1.ResourceCPU)
	g.Expect(left.String()).To(Equal("400m"))
	g.Expect(rooms[0].says().String()).To(Equal("w1: 2 of 110 Pods, CPU 1600m of 2, memory 512 of 1024 Mi"))
	g.Expect(rooms[0].over()).To(BeEmpty())

	g.Expect(rooms[0].fits(amounts("50m", "32Mi"))).To(Equal(8), "by CPU")
	g.Expect(rooms[0].fits(amounts("50m", "256Mi"))).To(Equal(2), "by memory")
	g.Expect(rooms[1].fits(amounts("50m", "32Mi"))).To(Equal(4), "by the number of Pods")
	g.Expect(rooms[1].fits(amounts("", ""))).To(Equal(4))
	g.Expect(rooms[1].fits(amounts("3", ""))).To(BeZero())

	full := roomsOf([]string{"w1"}, nodes, []corev1.Pod{asking("w1", corev1.PodRunning, amounts("2100m", "2Gi"))})[0]
	g.Expect(full.over()).To(Equal([]corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory}))
	g.Expect(full.fits(amounts("50m", ""))).To(BeZero())
}

func TestBlind(t *testing.T) {
	g := NewWithT(t)
	g.Expect(blind([]corev1.Pod{asking("w1", "", amounts("50m", "32Mi"))})).To(BeEmpty())
	g.Expect(blind([]corev1.Pod{asking("w1", "", amounts("50m", "")), asking("w2", "", amounts("50m", ""))})).To(Equal([]record.Text{record.Say("container %s requests no %s", "a", "memory")}))
	whole := asking("w1", "", nil)
	whole.Spec.Resources = &corev1.ResourceRequirements{Requests: amounts("50m", "32Mi")}
	g.Expect(blind([]corev1.Pod{whole})).To(BeEmpty(), "the Pod as a whole does")
}

func TestFiller(t *testing.T) {
	g := NewWithT(t)
	p := filler(load.PodManifest("hagate-1", "filler", "agent:1", ""), "w1", resource.MustParse("400m"))
	g.Expect(p.Spec.NodeName).To(BeEmpty(), "the scheduler counts it before the kubelet does")
	term := p.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms[0]
	g.Expect(term.MatchFields[0].Values).To(Equal([]string{"w1"}))
	g.Expect(p.Spec.Containers[0].Resources.Requests).To(Equal(corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("400m")}))
}

func TestPlaces(t *testing.T) {
	g := NewWithT(t)
	on := places([]string{"w1", "w2", "w3"}, []record.Victim{{Node: "w1"}, {Node: "w1"}, {Node: "w2"}, {Node: "w9"}})
	g.Expect(counted(on).String()).To(Equal("2 on w1, 1 on w2, 0 on w3, 1 on w9"))
	g.Expect(skew(on)).To(Equal(2))
	g.Expect(skew(nil)).To(BeZero())
}

func TestWaits(t *testing.T) {
	g := NewWithT(t)
	began := time.Date(2026, 11, 26, 6, 0, 0, 0, time.UTC)
	pod := func(name string, status corev1.ConditionStatus, after time.Duration) corev1.Pod {
		return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(began)}, Status: corev1.PodStatus{Conditions: []corev1.PodCondition{
			{Type: corev1.PodScheduled, Status: status, LastTransitionTime: metav1.NewTime(began.Add(after))}}}}
	}
	now := began.Add(time.Minute)
	longest, name := waits([]corev1.Pod{pod("a", corev1.ConditionTrue, 0), pod("b", corev1.ConditionTrue, 50*time.Second)}, now)
	g.Expect([]any{longest, name}).To(Equal([]any{50 * time.Second, "b"}))
	longest, name = waits([]corev1.Pod{pod("a", corev1.ConditionTrue, 0), pod("b", corev1.ConditionFalse, 0)}, now)
	g.Expect([]any{longest, name}).To(Equal([]any{time.Minute, "b"}), "it still waits")
	longest, name = waits([]corev1.Pod{pod("a", corev1.ConditionTrue, 0)}, now)
	g.Expect([]any{longest, name}).To(Equal([]any{time.Duration(0), "a"}))
}
