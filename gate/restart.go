package gate

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"hagate/record"
	"hagate/verdict/budget"
)

// restart has every Pod of the workload replaced, as `kubectl rollout restart` does, where
// the service has not recovered from an earlier scenario: that one is charged with what
// fails until then, and the one under way is measured on a service as it was deployed.
func (r *Run) restart(ctx context.Context, why record.Text) error {
	note := record.Say("the Pods are replaced: the service has not recovered from %s: %s", r.faulted, why)
	if err := r.phase(record.Baseline, note); err != nil {
		return err
	}
	return r.replacePods(ctx)
}

// replacePods has every Pod of the workload replaced, and waits until all are new, or as long
// as a recovery may take.
func (r *Run) replacePods(ctx context.Context) error {
	patch := fmt.Appendf(nil, `{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":%q}}}}}`, time.Now().UTC().Format(time.RFC3339))
	w := r.Workload()
	var err error
	switch apps := r.destructive.AppsV1(); w.Kind {
	case "StatefulSet":
		_, err = apps.StatefulSets(w.Namespace).Patch(ctx, w.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{FieldManager: "hagate"})
	default:
		_, err = apps.Deployments(w.Namespace).Patch(ctx, w.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{FieldManager: "hagate"})
	}
	if err != nil {
		return fmt.Errorf("restarting %s: %w", w, err)
	}
	old := map[string]bool{}
	for _, p := range r.watch.Pods() {
		old[p.UID] = true
	}
	r.wait(ctx, budget.Recovery, func() bool {
		for _, p := range r.watch.Pods() {
			if old[p.UID] {
				return false
			}
		}
		return r.restored()
	})
	return nil
}
