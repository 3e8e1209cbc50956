package load

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/record"
)

// PodManifest is a load agent inside the cluster. node says where it lives, whatever
// the taints and however full: a node that no fault hits. The scheduler chooses where
// node is empty.
func PodManifest(namespace, name, image, node string) *corev1.Pod {
	return &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{
			"app.kubernetes.io/name":       "load-agent",
			"app.kubernetes.io/managed-by": "hagate",
		}},
		Spec: corev1.PodSpec{
			NodeName:                      node,
			Tolerations:                   []corev1.Toleration{{Operator: corev1.TolerationOpExists}},
			RestartPolicy:                 corev1.RestartPolicyNever, // a second life would know nothing of the first
			TerminationGracePeriodSeconds: new(int64(1)),
			AutomountServiceAccountToken:  new(false),
			EnableServiceLinks:            new(false),
			Containers: []corev1.Container{{
				Name:            "agent",
				Image:           image,
				ImagePullPolicy: corev1.PullIfNotPresent,
				Command:         []string{"/agent", "serve", "--vantage", record.InCluster},
				// No limits: a throttled agent would measure its throttle. Half a core is its
				// weight against a control plane that is busy with the fault.
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
					corev1.ResourceCPU:    resource.MustParse("500m"),
					corev1.ResourceMemory: resource.MustParse("64Mi"),
				}},
				SecurityContext: Restricted(),
				VolumeMounts:    []corev1.VolumeMount{{Name: "record", MountPath: "/tmp"}},
			}},
			Volumes: []corev1.Volume{{Name: "record", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
		},
	}
}

// Restricted is the security context that the strictest Pod Security Standard asks of a
// container (kubernetes.io/docs/concepts/security/pod-security-standards/#restricted).
func Restricted() *corev1.SecurityContext {
	return &corev1.SecurityContext{
		RunAsNonRoot: new(true), RunAsUser: new(int64(65534)), RunAsGroup: new(int64(65534)), AllowPrivilegeEscalation: new(false),
		Capabilities:   &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
}
