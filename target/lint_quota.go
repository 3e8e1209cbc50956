package target

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	resourcehelper "k8s.io/component-helpers/resource"
)

// scaleBy is how many replicas the scenario scale adds.
const scaleBy = 3

// checkQuota counts the Pods that stay, of every workload in the namespace, against its
// ResourceQuotas. Those that choose their Pods by a scope are left out.
func (t *Target) checkQuota(f *file) {
	own, ok := t.workload()
	if !ok {
		return
	}
	more, fewer := own.surge()
	for _, m := range t.manifests {
		var q corev1.ResourceQuota
		if m.GetAPIVersion() != "v1" || m.GetKind() != "ResourceQuota" || t.namespace(m) != t.Spec.Workload.Namespace || m.into(&q) != nil || len(q.Spec.Scopes) > 0 || q.Spec.ScopeSelector != nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(q.Spec.Hard)) {
			hard, each := q.Spec.Hard[name], own.takes(name)
			var stay resource.Quantity
			for _, w := range t.makers() {
				add(&stay, w.takes(name), w.replicas)
			}
			rolled, scaled := stay.DeepCopy(), stay.DeepCopy()
			add(&rolled, each, more)
			add(&scaled, each, scaleBy)
			path := append(at("spec.hard"), string(name))
			switch {
			case each.IsZero():
			case stay.Cmp(hard) > 0:
				f.problemIn(m, path, "%s, and the Pods of the manifests take %s, so not all replicas can be made: raise it to %s", &hard, &stay, &rolled)
			case rolled.Cmp(hard) > 0 && fewer == 0:
				rollouts := []string{"rolling-update", "scale"}
				if t.Spec.Config != (Config{}) {
					rollouts = append(rollouts, "config-change")
				}
				f.warn(m, path, rollouts, "%s, of which the Pods of the manifests take %s; a rollout makes %s first, %s in all, which is refused, so it never ends: raise it to %s, or let a rollout take a replica away first (%s)",
					&hard, &stay, plural(more, "Pod"), &rolled, &rolled, "maxSurge: 0, maxUnavailable: 1")
			case scaled.Cmp(hard) > 0:
				f.warn(m, path, []string{"scale"}, "%s, and %d replicas more take %s: raise it, or leave the scenario out", &hard, scaleBy, &scaled)
			}
		}
	}
}

// takes is what one Pod of m counts for under a quota's name; nothing where it is not
// about Pods.
func (m maker) takes(name corev1.ResourceName) resource.Quantity {
	pod := &corev1.Pod{Spec: m.template.Spec}
	kind, limits := strings.CutPrefix(string(name), "limits.")
	switch {
	case name == corev1.ResourcePods || name == "count/pods":
		return resource.MustParse("1")
	case limits:
		return resourcehelper.PodLimits(pod, resourcehelper.PodResourcesOptions{})[corev1.ResourceName(kind)]
	default:
		kind = strings.TrimPrefix(string(name), "requests.")
		return resourcehelper.PodRequests(pod, resourcehelper.PodResourcesOptions{})[corev1.ResourceName(kind)]
	}
}

func add(sum *resource.Quantity, each resource.Quantity, times int) {
	each.Mul(int64(times))
	sum.Add(each)
}
