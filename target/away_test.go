package target

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	. "github.com/onsi/gomega"
)

func TestAway(t *testing.T) {
	number, share := intstr.FromInt32, intstr.FromString
	rolling := func(unavailable, surge intstr.IntOrString) appsv1.DeploymentStrategy {
		return appsv1.DeploymentStrategy{RollingUpdate: &appsv1.RollingUpdateDeployment{MaxUnavailable: &unavailable, MaxSurge: &surge}}
	}
	for _, c := range []struct {
		replicas int32
		strategy appsv1.DeploymentStrategy
		want     int
	}{
		{1, appsv1.DeploymentStrategy{}, 0},
		{3, appsv1.DeploymentStrategy{}, 0},
		{4, appsv1.DeploymentStrategy{}, 1},
		{8, appsv1.DeploymentStrategy{}, 2},
		{3, rolling(number(0), number(1)), 0},
		{3, rolling(number(1), number(0)), 1},
		{3, rolling(number(9), number(1)), 3},
		{10, rolling(share("30%"), share("0%")), 3},
		{2, rolling(share("25%"), number(0)), 1}, // both come to nothing, so one goes
		{5, appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}, 5},
	} {
		d := &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &c.replicas, Strategy: c.strategy}}
		NewWithT(t).Expect(awayOf(d)).To(Equal(c.want), "%+v", c)
	}
	for _, c := range []struct {
		replicas    int32
		unavailable *intstr.IntOrString
		want        int
	}{
		{3, nil, 1},
		{0, nil, 0},
		{10, new(number(3)), 3},
		{10, new(share("25%")), 3},
		{10, new(share("1%")), 1},
	} {
		s := &appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{Replicas: &c.replicas,
			UpdateStrategy: appsv1.StatefulSetUpdateStrategy{RollingUpdate: &appsv1.RollingUpdateStatefulSetStrategy{MaxUnavailable: c.unavailable}}}}
		NewWithT(t).Expect(awayOfSet(s)).To(Equal(c.want), "%+v", c)
	}
}
