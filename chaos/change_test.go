package chaos

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"
)

var web = Object{"Deployment", "nginx", "nginx01"}

// deployment is rolled out with n replicas.
func deployment(n int32) *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: "nginx01", UID: "d"},
		Spec: appsv1.DeploymentSpec{Replicas: &n, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "nginx"}}, Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{
			{Name: "nginx", Image: "nginx:1", Command: []string{"nginx"}, Lifecycle: &corev1.Lifecycle{}}}}}},
		Status: appsv1.DeploymentStatus{Replicas: n, UpdatedReplicas: n, AvailableReplicas: n, ReadyReplicas: n},
	}
}

func now(g Gomega, b *bench) *appsv1.Deployment {
	d, err := b.api.AppsV1().Deployments("nginx").Get(b.ctx, "nginx01", metav1.GetOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	return d
}

// follows has the API's status do at once what a spec declares.
func (b *bench) follows() {
	b.api.PrependReactor("patch", "deployments", func(a clienttest.Action) (bool, runtime.Object, error) {
		_, o, err := clienttest.ObjectReaction(b.api.Tracker())(a)
		if err != nil {
			return true, nil, err
		}
		d := o.(*appsv1.Deployment)
		n := *d.Spec.Replicas
		d.Status = appsv1.DeploymentStatus{Replicas: n, UpdatedReplicas: n, AvailableReplicas: n, ReadyReplicas: n}
		return true, d, b.api.Tracker().Update(appsv1.SchemeGroupVersion.WithResource("deployments"), d, "nginx")
	})
}

func TestChangesArePutBackWhole(t *testing.T) {
	broken := func(t *corev1.PodTemplateSpec) error {
		t.Annotations = map[string]string{versionAnnotation: "2"}
		t.Spec.Containers[0].Command, t.Spec.Containers[0].Lifecycle = []string{"sleep", "1"}, nil
		return nil
	}
	for name, undo := range map[string]func(*bench) error{
		"by the run":     func(b *bench) error { return putBack(b.ctx, b.Env, web) },
		"by a later one": func(b *bench) error { return b.Journal.Undo(b.ctx, Undoers(Reach{Client: b.api})) },
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t, deployment(3))
			before := now(g, b).Spec
			g.Expect(editTemplate(b.ctx, b.Env, web, broken)).To(Succeed())
			g.Expect(now(g, b).Spec.Template.Spec.Containers[0].Command).To(Equal([]string{"sleep", "1"}))
			g.Expect(now(g, b).Spec.Template.Spec.Containers[0].Image).To(Equal("nginx:1"), "what was not edited stays")
			g.Expect(setReplicas(b.ctx, b.Env, web, 6)).To(Succeed())
			g.Expect(*now(g, b).Spec.Replicas).To(BeEquivalentTo(6))
			g.Expect(b.Journal.Pending()).To(HaveLen(2))

			g.Expect(undo(b)).To(Succeed())
			g.Expect(now(g, b).Spec).To(Equal(before))
			g.Expect(b.Journal.Pending()).To(BeEmpty())
		})
	}
}

func TestChangeIsNotMadeThatCannotBeUndone(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, deployment(3))
	b.Journal.Close()
	g.Expect(setReplicas(b.ctx, b.Env, web, 6)).To(MatchError(ContainSubstring("writing the journal before changing Deployment nginx/nginx01")))
	g.Expect(b.wrote()).To(BeFalse())
}

func TestUndoOfAChangeOfWhatIsGone(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, deployment(3))
	g.Expect(setReplicas(b.ctx, b.Env, web, 6)).To(Succeed())
	g.Expect(b.api.AppsV1().Deployments("nginx").Delete(b.ctx, "nginx01", metav1.DeleteOptions{})).To(Succeed())
	g.Expect(b.Journal.Undo(b.ctx, Undoers(Reach{Client: b.api}))).To(Succeed())
	g.Expect(b.Journal.Pending()).To(BeEmpty())
}
