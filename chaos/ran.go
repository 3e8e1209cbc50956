package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// ranWithin is how long the containers of a new version may take to run once it is
// declared: the pull of their images and their init containers included.
const ranWithin = 2 * time.Minute

// neverRan are the kubelet's reasons for a container of which no process came to be: its
// image lacks the command, for one.
var neverRan = []string{"StartError", "ContainerCannotRun"}

// ran says whether every container of a Pod has run, or one before them failed.
func ran(p corev1.Pod) bool {
	failed := slices.ContainsFunc(p.Status.InitContainerStatuses, func(s corev1.ContainerStatus) bool {
		return s.RestartCount > 0 || ended(s.State.Terminated) && s.State.Terminated.ExitCode != 0
	})
	all := p.Status.ContainerStatuses
	return failed || len(all) > 0 && !slices.ContainsFunc(all, func(s corev1.ContainerStatus) bool { return !hasRun(s) })
}

// hasRun says whether a process of a container has been there.
func hasRun(s corev1.ContainerStatus) bool {
	return s.State.Running != nil || ended(s.State.Terminated) || ended(s.LastTerminationState.Terminated)
}

func ended(t *corev1.ContainerStateTerminated) bool {
	return t != nil && !slices.Contains(neverRan, t.Reason)
}

// couldNotRun says why a container's image cannot run its command, or nothing.
func couldNotRun(s corev1.ContainerStatus) string {
	for _, t := range []*corev1.ContainerStateTerminated{s.State.Terminated, s.LastTerminationState.Terminated} {
		if t != nil && slices.Contains(neverRan, t.Reason) {
			return fmt.Sprintf("%s: %s %s", s.Name, t.Reason, t.Message)
		}
	}
	return ""
}

// waitPods asks for the Pods of a workload's version until ok says of one that it is as
// it should be, and why not otherwise. An error of ok ends the wait.
func waitPods(ctx context.Context, env *Env, o Object, selector, version string, ok func(corev1.Pod) (bool, error)) (name string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, ranWithin, fmt.Errorf("not within %s", ranWithin))
	defer cancel()
	ctx, stop := unlessStuck(ctx, env, o, true)
	defer stop()
	last := "none was seen"
	err = wait.PollUntilContextCancel(ctx, rolledOutInterval, true, func(ctx context.Context) (bool, error) {
		pods, err := env.Client.CoreV1().Pods(o.Namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
		if err != nil {
			return false, nil
		}
		for _, p := range pods.Items {
			if p.Annotations[versionAnnotation] != version {
				continue
			}
			done, err := ok(p)
			if done || err != nil {
				name = p.Namespace + "/" + p.Name
				return done, err
			}
			last = p.Name + ": " + stands(p)
		}
		return false, nil
	})
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return "", fmt.Errorf("waiting for a Pod of the new version of %s (%s): %w", o, last, err)
	}
	return name, nil
}

// stands says where a Pod is on its way.
func stands(p corev1.Pod) string {
	where := []string{string(p.Status.Phase)}
	for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		switch {
		case s.State.Waiting != nil:
			where = append(where, strings.TrimSpace(s.Name+" "+s.State.Waiting.Reason+" "+s.State.Waiting.Message))
		case s.State.Terminated != nil:
			where = append(where, strings.TrimSpace(s.Name+" "+s.State.Terminated.Reason+" "+s.State.Terminated.Message))
		}
	}
	return strings.Join(where, ", ")
}
