package chaos

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"hagate/record"
)

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

func (f WrongRollout) Declares() record.Fault {
	return record.Fault{Name: "rollout-500", Effect: record.Effect{Kind: record.VersionBroken, Updates: true}, Returns: true}
}

// Inject returns when a Pod of the version answers.
func (f WrongRollout) Inject(ctx context.Context, env *Env) error {
	return env.Inject(ctx, f.Declares(), func() ([]record.Text, error) {
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
		pod, err := f.waitRuns(ctx, env, stamp(began))
		if err != nil {
			return nil, err
		}
		return []record.Text{record.Say("%s got a version that answers every request with 500 at %s; container %s of Pod %s of it ran at %s", f.Workload, stamp(began), f.Container, pod, stamp(time.Now()))}, nil
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
func (f WrongRollout) waitRuns(ctx context.Context, env *Env, version string) (pod string, err error) {
	running := 0
	return waitPods(ctx, env, f.Workload, f.Selector, version, func(p corev1.Pod) (bool, error) {
		running++
		if !slices.ContainsFunc(p.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool {
			return s.Name == f.Container && s.State.Running != nil && s.RestartCount == 0
		}) {
			running = 0
		}
		return running > 2, nil
	})
}

// Revert rolls back and waits for that.
func (f WrongRollout) Revert(ctx context.Context, env *Env) error {
	return env.Revert(f.Declares(), func() error { return rollBack(ctx, env, f.Workload) })
}
