package target

import (
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// awayOf is how many replicas of a Deployment its strategy lets an update take away at
// once: all where it recreates them, else maxUnavailable, and one where both that and
// maxSurge come to nothing
// (kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable).
func awayOf(d *appsv1.Deployment) int {
	replicas, update := declared(d.Spec.Replicas), d.Spec.Strategy.RollingUpdate
	if d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType {
		return replicas
	}
	quarter := intstr.FromString("25%") // the default of both
	unavailable, surge := &quarter, &quarter
	if update != nil && update.MaxUnavailable != nil {
		unavailable = update.MaxUnavailable
	}
	if update != nil && update.MaxSurge != nil {
		surge = update.MaxSurge
	}
	if away := scaled(unavailable, replicas, false); away > 0 || scaled(surge, replicas, true) > 0 {
		return min(away, replicas)
	}
	return min(1, replicas)
}

// awayOfSet is awayOf for a StatefulSet, which updates one Pod after the other unless it
// says otherwise
// (kubernetes.io/docs/concepts/workloads/controllers/statefulset/#maximum-unavailable-pods).
func awayOfSet(s *appsv1.StatefulSet) int {
	away, replicas := 1, declared(s.Spec.Replicas)
	if update := s.Spec.UpdateStrategy.RollingUpdate; update != nil && update.MaxUnavailable != nil {
		away = scaled(update.MaxUnavailable, replicas, true)
	}
	return min(max(1, away), replicas)
}

// scaled is a number or a share of total, 0 where it is neither.
func scaled(v *intstr.IntOrString, total int, up bool) int {
	n, _ := intstr.GetScaledValueFromIntOrPercent(v, total, up)
	return n
}
