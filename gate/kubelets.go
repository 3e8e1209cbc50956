package gate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hagate/record"
)

// kubeletsLag is how long after an API server's absence a kubelet may not hear of a changed
// ConfigMap. It watches those of its Pods, and tries a lost watch again after up to 30 s, and
// as much again by jitter (client-go's tools/cache/reflector.go); a try that meets an API
// server that is only starting costs as much once more.
const kubeletsLag = 2 * time.Minute

// serveKubelets are the components without which no kubelet hears of a change.
var serveKubelets = []string{"kube-apiserver", "etcd"}

// noteBack notes that a component which a fault took away is back.
func (r *Run) noteBack(f record.Fault) {
	if slices.Contains(serveKubelets, f.Effect.Away) {
		r.apiBack = time.Now()
	}
}

// AwaitKubelets waits until every kubelet hears of a changed ConfigMap at once, where an
// earlier scenario took the API server away: who changes one sooner gives new Pods the old
// one, which is no fault of the service.
func AwaitKubelets(ctx context.Context, r *Run) error {
	left := kubeletsLag - time.Since(r.apiBack)
	if r.apiBack.IsZero() || left <= 0 {
		return nil
	}
	fmt.Fprintf(r.out, "hagate: %s: waiting %s for the kubelets, whose watches may be that late after the API server was down\n", r.scenario, left.Round(time.Second))
	began := time.Now()
	r.pause(ctx, left)
	return r.write(record.Entry{Timing: &record.Timing{Step: record.Say("%s: waiting for the kubelets' watches", r.scenario), Took: time.Since(began)}})
}
