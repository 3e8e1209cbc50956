package chaos

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"hagate/record"
)

// goneInterval is how often the API is asked whether a Pod has left it.
const goneInterval = 250 * time.Millisecond

func nameOf(v record.Victim) string {
	return fmt.Sprintf("Pod %s/%s (uid %s)", v.Namespace, v.Name, v.UID)
}

// getPod fetches the victim itself. Another Pod of its name is an error.
func getPod(ctx context.Context, client kubernetes.Interface, v record.Victim) (*corev1.Pod, error) {
	pod, err := client.CoreV1().Pods(v.Namespace).Get(ctx, v.Name, metav1.GetOptions{})
	if err != nil {
		return nil, fmt.Errorf("looking for %s: %w", nameOf(v), err)
	}
	if string(pod.UID) != v.UID {
		return nil, fmt.Errorf("looking for %s: the Pod of that name is another one, uid %s", nameOf(v), pod.UID)
	}
	return pod, nil
}

// deletePod asks the API to delete the victim and no other Pod of its name. Grace is
// in seconds, the Pod's own where nil.
func deletePod(ctx context.Context, client kubernetes.Interface, v record.Victim, grace *int64) error {
	uid := types.UID(v.UID)
	err := client.CoreV1().Pods(v.Namespace).Delete(ctx, v.Name, metav1.DeleteOptions{
		GracePeriodSeconds: grace,
		Preconditions:      &metav1.Preconditions{UID: &uid},
	})
	if err != nil {
		return fmt.Errorf("deleting %s: %w", nameOf(v), err)
	}
	return nil
}

// WaitGone waits until the victim has left the API. An API that does not answer is
// asked again.
func WaitGone(ctx context.Context, client kubernetes.Interface, v record.Victim) error {
	last := "it was still there"
	err := wait.PollUntilContextCancel(ctx, goneInterval, true, func(ctx context.Context) (bool, error) {
		pod, err := client.CoreV1().Pods(v.Namespace).Get(ctx, v.Name, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
			return true, nil
		case err != nil:
			last = err.Error()
			return false, nil
		}
		last = "it was still there"
		return string(pod.UID) != v.UID, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for %s to leave the API: %s: %w", nameOf(v), last, context.Cause(ctx))
	}
	return nil
}
