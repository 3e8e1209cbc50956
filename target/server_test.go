package target

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	. "github.com/onsi/gomega"
)

func TestServer(t *testing.T) {
	g := NewWithT(t)
	for _, dir := range []string{"nginx", "../cases/stateful", "../cases/no-readiness"} {
		got, _, _ := read(t, dir)
		container, ports := got.Server()
		g.Expect(container).To(Equal("nginx"), dir)
		g.Expect(ports).To(Equal([]int32{8080}), dir)
		g.Expect(got.Port()).To(BeEquivalentTo(8080), dir)
	}
	container, ports := (&Target{}).Server()
	g.Expect(container).To(BeEmpty())
	g.Expect(ports).To(BeEmpty())
	g.Expect((&Target{}).Port()).To(BeZero())
}

func TestPortNumber(t *testing.T) {
	g := NewWithT(t)
	c := corev1.Container{Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}, {ContainerPort: 9090}}}
	g.Expect(number(c, intstr.FromString("http"))).To(BeEquivalentTo(8080))
	g.Expect(number(c, intstr.FromString("metrics"))).To(BeZero())
	g.Expect(number(c, intstr.FromInt32(80))).To(BeEquivalentTo(80))
	g.Expect(declares(c, intstr.FromString("http"))).To(BeTrue())
	g.Expect(declares(c, intstr.FromInt32(9090))).To(BeTrue())
	g.Expect(declares(c, intstr.FromInt32(80))).To(BeFalse())
}
