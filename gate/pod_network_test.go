package gate

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestUnreached(t *testing.T) {
	pod := func(name, node, ip string) corev1.Pod {
		return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "run", Name: name},
			Spec: corev1.PodSpec{NodeName: node}, Status: corev1.PodStatus{PodIP: ip}}
	}
	there, home := pod("there", "back", "10.0.3.1"), pod("here", "home", "10.0.0.1")
	for name, c := range map[string]struct {
		pods []corev1.Pod
		cut  [2]string // from, address
		want string
	}{
		"all answer":               {pods: []corev1.Pod{there, home}},
		"a Pod was taken away":     {pods: []corev1.Pod{home}, want: "want 2 probe Pods, one on node back, found 1"},
		"a Pod has no address":     {pods: []corev1.Pod{home, pod("there", "back", "")}, want: "Pod run/there on node back has no address"},
		"another has no way to it": {pods: []corev1.Pod{there, home}, cut: [2]string{"third", "10.0.3.1"}, want: "Pod run/there on node back does not answer node third"},
		"it has no way to another": {pods: []corev1.Pod{there, home}, cut: [2]string{"back", "10.0.0.1"}, want: "Pod run/here on node home does not answer node back"},
		"not its way to itself":    {pods: []corev1.Pod{there, home}, cut: [2]string{"back", "10.0.3.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := unreached("back", []string{"home", "third"}, c.pods, func(from, address string) bool { return [2]string{from, address} != c.cut })
			NewWithT(t).Expect(got).To(Equal(c.want))
		})
	}
}
