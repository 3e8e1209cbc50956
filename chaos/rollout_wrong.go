package chaos

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"hagate/record"
)

// wrongWait is how long the container of a wrong version may take to run once its Pod has
// a node, the pull of its image included.
const wrongWait = time.Minute

// nobody is who a container runs as where it may not run as root and says nothing else.
const nobody = 65534

// WrongRollout rolls a workload out to a version that runs and answers every request with
// 500. Revert rolls it back.
type WrongRollout struct {
	Workload  Object
	Selector  string   // of the workload's Pods
	Container string   // that serves
	Image     string   // that answers in its place
	Command   []string // of it, with the ports
}

func (WrongRollout) Name() string { return "rollout-500" }

func (f WrongRollout) fault() record.Fault { return record.Fault{Name: f.Name(), Returns: true} }

// Inject returns when a Pod of the version answers.
func (f WrongRollout) Inject(ctx context.Context, env *Env) error {
	return env.inject(ctx, f.fault(), func() ([]string, error) {
		began := time.Now()
		err := editTemplate(ctx, env, f.Workload, func(t *corev1.PodTemplateSpec) error {
			annotate(t, began)
			i := slices.IndexFunc(t.Spec.Containers, func(c corev1.Container) bool { return c.Name == f.Container })
			if i < 0 {
				return fmt.Errorf("there is no container %s", f.Container)
			}
			c := &t.Spec.Containers[i]
			c.Image, c.ImagePullPolicy = f.Image, corev1.PullIfNotPresent
			c.Command, c.Args, c.WorkingDir, c.Lifecycle = f.Command, nil, "", nil
			asNobody(t.Spec.SecurityContext, c)
			return nil
		})
		if err != nil {
			return nil, err
		}
		evidence, err := versionCame(ctx, env, f.Workload, f.Selector, began, "answers every request with 500")
		if err != nil {
			return nil, err
		}
		return evidence, f.waitRuns(ctx, env, stamp(began))
	})
}

// asNobody gives a container a user where the Pod's context forbids root and names none.
func asNobody(pod *corev1.PodSecurityContext, c *corev1.Container) {
	own := c.SecurityContext
	if own != nil && own.RunAsUser != nil || pod != nil && pod.RunAsUser != nil {
		return
	}
	forbidden := pod != nil && pod.RunAsNonRoot != nil && *pod.RunAsNonRoot
	if own != nil && own.RunAsNonRoot != nil {
		forbidden = *own.RunAsNonRoot
	}
	if !forbidden {
		return
	}
	if own == nil {
		c.SecurityContext = &corev1.SecurityContext{}
	}
	c.SecurityContext.RunAsUser = new(int64(nobody))
}

// waitRuns waits until the container of a Pod of the version runs, and ran a moment ago: a
// version that crashes is another fault.
func (f WrongRollout) waitRuns(ctx context.Context, env *Env, version string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, wrongWait, fmt.Errorf("not within %s", wrongWait))
	defer cancel()
	last, running := "not seen yet", 0
	err := wait.PollUntilContextCancel(ctx, rolledOutInterval, true, func(ctx context.Context) (bool, error) {
		pods, err := env.Client.CoreV1().Pods(f.Workload.Namespace).List(ctx, metav1.ListOptions{LabelSelector: f.Selector})
		if err != nil {
			return false, nil
		}
		for _, p := range pods.Items {
			i := slices.IndexFunc(p.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool { return s.Name == f.Container })
			if p.Annotations[versionAnnotation] != version || i < 0 {
				continue
			}
			switch s := p.Status.ContainerStatuses[i]; {
			case s.State.Running != nil && s.RestartCount == 0:
				running++
				return running > 2, nil
			case s.State.Waiting != nil:
				last = s.State.Waiting.Reason + " " + s.State.Waiting.Message
			case s.State.Terminated != nil:
				last = s.State.Terminated.Reason + " " + s.State.Terminated.Message
			}
		}
		running = 0
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for container %s of the version that answers 500 to run: %s: %w", f.Container, last, context.Cause(ctx))
	}
	return nil
}

// Revert rolls back and waits for that.
func (f WrongRollout) Revert(ctx context.Context, env *Env) error {
	return env.revert(f.fault(), func() error { return rollBack(ctx, env, f.Workload) })
}
