package chaos

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
)

// rolledOutInterval is how often the API is asked how far a rollout is.
const rolledOutInterval = 250 * time.Millisecond

// editTemplate edits the Pod template of a Deployment or StatefulSet.
func editTemplate(ctx context.Context, env *Env, o Object, edit func(*corev1.PodTemplateSpec) error) error {
	return change(ctx, env, o, func(w runtime.Object) error {
		switch w := w.(type) {
		case *appsv1.Deployment:
			return edit(&w.Spec.Template)
		case *appsv1.StatefulSet:
			return edit(&w.Spec.Template)
		}
		return errKind
	})
}

// setReplicas declares another replica count.
func setReplicas(ctx context.Context, env *Env, o Object, n int) error {
	count := int32(n)
	return change(ctx, env, o, func(w runtime.Object) error {
		switch w := w.(type) {
		case *appsv1.Deployment:
			w.Spec.Replicas = &count
		case *appsv1.StatefulSet:
			w.Spec.Replicas = &count
		default:
			return errKind
		}
		return nil
	})
}

// waitRolledOut waits until the workload's status is of its newest spec and every
// declared replica is of the newest version and available, with no other left. An API
// that does not answer is asked again.
func waitRolledOut(ctx context.Context, env *Env, o Object) error {
	last := "not looked at yet"
	err := wait.PollUntilContextCancel(ctx, rolledOutInterval, true, func(ctx context.Context) (bool, error) {
		w, err := o.get(ctx, env.Client)
		if err != nil {
			last = err.Error()
			return false, nil
		}
		last = unfinished(w)
		return last == "", nil
	})
	if err != nil {
		return fmt.Errorf("waiting for %s to be rolled out: %s: %w", o, last, context.Cause(ctx))
	}
	return nil
}

// waitGrown is waitRolledOut that gives up where the workload stands still.
func waitGrown(ctx context.Context, env *Env, o Object) error {
	ctx, cancel := unlessStuck(ctx, env, o, false)
	defer cancel()
	return waitRolledOut(ctx, env, o)
}

// unfinished says what a workload's rollout lacks, or nothing.
func unfinished(w runtime.Object) string {
	var generation, observed int64
	var current, updated, available int32
	switch w := w.(type) {
	case *appsv1.Deployment:
		generation, observed = w.Generation, w.Status.ObservedGeneration
		current, updated, available = w.Status.Replicas, w.Status.UpdatedReplicas, w.Status.AvailableReplicas
	case *appsv1.StatefulSet:
		generation, observed = w.Generation, w.Status.ObservedGeneration
		current, updated, available = w.Status.Replicas, w.Status.UpdatedReplicas, w.Status.AvailableReplicas
	default:
		return errKind.Error()
	}
	want := replicaCount(w)
	switch {
	case observed < generation:
		return "its newest version has not been looked at yet"
	case current != want || updated != want || available != want:
		return fmt.Sprintf("of %d replicas %d exist, %d are of the newest version, %d are available", want, current, updated, available)
	}
	return ""
}

// availableCount is how many of a workload's Pods its status calls available.
func availableCount(w runtime.Object) int {
	switch w := w.(type) {
	case *appsv1.Deployment:
		return int(w.Status.AvailableReplicas)
	case *appsv1.StatefulSet:
		return int(w.Status.AvailableReplicas)
	}
	return 0
}

// replicaCount is what a workload declares: 1 where it says nothing.
func replicaCount(w runtime.Object) int32 {
	var declared *int32
	switch w := w.(type) {
	case *appsv1.Deployment:
		declared = w.Spec.Replicas
	case *appsv1.StatefulSet:
		declared = w.Spec.Replicas
	}
	if declared == nil {
		return 1
	}
	return *declared
}
