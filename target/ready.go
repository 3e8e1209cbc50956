package target

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/e2e-framework/klient/wait"
)

// WaitReady waits until the workload is rolled out and as many of its Pods are ready
// endpoints of the Service as it declares replicas, and until the other Deployments and
// StatefulSets of the target, which it may depend on, are rolled out. When atMost has passed, the error says what is
// missing and what the Pods that are not ready suffer from.
func (t *Target) WaitReady(ctx context.Context, cs kubernetes.Interface, atMost time.Duration) error {
	why := "the API server did not answer"
	err := wait.For(func(ctx context.Context) (bool, error) {
		now := t.unready(ctx, cs)
		if ctx.Err() == nil {
			why = now
		}
		return now == "", nil
	}, wait.WithContext(ctx), wait.WithTimeout(atMost), wait.WithInterval(200*time.Millisecond), wait.WithImmediate())
	if err != nil {
		problems := append([]string{why}, t.podProblems(context.WithoutCancel(ctx), cs)...)
		return fmt.Errorf("waiting %s at most for %s: %s: %w", atMost, t.Spec.Workload, strings.Join(problems, "; "), err)
	}
	return nil
}

// unready says what keeps the target from being ready, or nothing.
func (t *Target) unready(ctx context.Context, cs kubernetes.Interface) string {
	s, err := t.live(ctx, cs)
	if err != nil {
		return err.Error()
	}
	if missing := s.missing(); missing != "" {
		return missing
	}
	ready, strays, err := t.readyEndpoints(ctx, cs, s.uid)
	if err != nil {
		return err.Error()
	}
	if ready == s.Replicas {
		return t.besideUnready(ctx, cs)
	}
	missing := fmt.Sprintf("Service %s has %d ready endpoints for %d replicas", t.Spec.Service.Name, ready, s.Replicas)
	if len(strays) > 0 {
		missing += fmt.Sprintf(" (beside Pods that its selector matches and that are none of them: %s)", strings.Join(strays, ", "))
	}
	return missing
}

// besideUnready says what keeps another workload of the target from being rolled out, or
// nothing.
func (t *Target) besideUnready(ctx context.Context, cs kubernetes.Interface) string {
	for _, m := range t.manifests {
		w := Workload{Kind: m.GetKind(), Namespace: t.namespace(m), Name: m.GetName()}
		if w == t.Spec.Workload || w.Kind != deployment && w.Kind != statefulSet {
			continue
		}
		s, err := w.live(ctx, cs)
		if err != nil {
			return err.Error()
		}
		if missing := s.missing(); missing != "" {
			return fmt.Sprintf("it is ready, and %s, which is deployed beside it, is not: %s", w, missing)
		}
	}
	return ""
}
