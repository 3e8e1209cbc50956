package chaos

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

const noQuota = `pods "nginx01-5d9c-x2v9k" is forbidden: exceeded quota: team, requested: pods=1, used: pods=3, limited: pods=3`

// rollsOut is a Deployment whose new version is short of a Pod.
func rollsOut(conditions ...appsv1.DeploymentCondition) *appsv1.Deployment {
	d := deployment(3)
	d.Status.UpdatedReplicas, d.Status.Conditions = 0, conditions
	return d
}

func replicaFailure(message string) appsv1.DeploymentCondition {
	return appsv1.DeploymentCondition{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: message}
}

func waiting(reason, message string) *corev1.Pod {
	p := podObject(victim.Name, victim.UID, "worker1")
	p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "nginx", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}}}
	return p
}

func scheduled(c corev1.PodCondition) *corev1.Pod {
	p := podObject(victim.Name, victim.UID, "")
	c.Type = corev1.PodScheduled
	p.Status.Conditions = []corev1.PodCondition{c}
	return p
}

// gated is a Pod whose readiness gate nobody has opened.
func gated() *corev1.Pod {
	p := podObject(victim.Name, victim.UID, "worker1")
	p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse, Reason: "ReadinessGatesNotReady",
		Message: `corresponding condition of pod readiness gate "example.org/lb" does not exist.`}}
	return p
}

func TestSays(t *testing.T) {
	began := time.Now().Truncate(time.Second)
	event := func(reason, message string, after time.Duration) *corev1.Event {
		return &corev1.Event{ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: fmt.Sprint(reason, after)}, Reason: reason, Message: message,
			InvolvedObject: corev1.ObjectReference{Kind: "StatefulSet", Name: "nginx01"}, LastTimestamp: metav1.NewTime(began.Add(after))}
	}
	refused := `create Pod nginx01-0 in StatefulSet nginx01 failed error: pods "nginx01-0" is forbidden: exceeded quota: team, requested: pods=1, used: pods=3, limited: pods=3`
	set := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: "nginx01"}, Spec: appsv1.StatefulSetSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "nginx"}}}}
	const quota = "exceeded quota: team, requested: pods=1, used: pods=3, limited: pods=3 (ResourceQuota nginx/team)"
	const service, cluster = record.WhoseService, record.WhoseCluster
	for name, c := range map[string]struct {
		objects     []runtime.Object
		whose, want string
	}{
		"quota":                  {[]runtime.Object{rollsOut(replicaFailure(noQuota))}, service, "creating a Pod of Deployment nginx/nginx01: " + quota},
		"room in the quota":      {[]runtime.Object{rollsOut()}, "", ""},
		"pod security":           {[]runtime.Object{rollsOut(replicaFailure(`pods "nginx01-5d9c-x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true`))}, service, `creating a Pod of Deployment nginx/nginx01: violates PodSecurity "restricted:latest": runAsNonRoot != true (Namespace nginx, Deployment nginx/nginx01)`},
		"webhook is away":        {[]runtime.Object{rollsOut(replicaFailure(`Internal error occurred: failed calling webhook "a.b": no endpoints available for service "a"`))}, cluster, `creating a Pod of Deployment nginx/nginx01: Internal error occurred: failed calling webhook "a.b": no endpoints available for service "a" (Deployment nginx/nginx01)`},
		"paused":                 {[]runtime.Object{rollsOut(appsv1.DeploymentCondition{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionUnknown, Reason: "DeploymentPaused", Message: "Deployment is paused"})}, service, "rolling out Deployment nginx/nginx01: Deployment is paused (Deployment nginx/nginx01)"},
		"StatefulSet's quota":    {[]runtime.Object{set, event("FailedCreate", refused, 2*time.Second)}, service, "creating a Pod of StatefulSet nginx/nginx01: " + quota},
		"StatefulSet, made then": {[]runtime.Object{set, event("FailedCreate", refused, 2*time.Second), event("SuccessfulCreate", "", 2*time.Second)}, "", ""},
		"StatefulSet, long ago":  {[]runtime.Object{set, event("FailedCreate", refused, -time.Minute)}, "", ""},
		"no node takes it": {[]runtime.Object{rollsOut(), scheduled(corev1.PodCondition{Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: "0/4 nodes are available: 4 Insufficient cpu. preemption: 0/4 nodes are available"})},
			service, "placing Pod nginx/nginx01-a: 0/4 nodes are available: 4 Insufficient cpu. (Deployment nginx/nginx01)"},
		"placed":               {[]runtime.Object{rollsOut(), scheduled(corev1.PodCondition{Status: corev1.ConditionTrue})}, "", ""},
		"gated":                {[]runtime.Object{rollsOut(), scheduled(corev1.PodCondition{Status: corev1.ConditionFalse, Reason: corev1.PodReasonSchedulingGated})}, "", ""},
		"image is not there":   {[]runtime.Object{rollsOut(), waiting("ImagePullBackOff", `Back-off pulling image "web:2": not found`)}, service, `starting container nginx of Pod nginx/nginx01-a: ImagePullBackOff: Back-off pulling image "web:2": not found (Deployment nginx/nginx01)`},
		"registry is away":     {[]runtime.Object{rollsOut(), waiting("ErrImagePull", "dial tcp: lookup registry: no such host")}, cluster, "starting container nginx of Pod nginx/nginx01-a: ErrImagePull: dial tcp: lookup registry: no such host (Deployment nginx/nginx01)"},
		"a readiness gate":     {[]runtime.Object{rollsOut(), gated()}, service, `waiting for Pod nginx/nginx01-a: corresponding condition of pod readiness gate "example.org/lb" does not exist. (Deployment nginx/nginx01)`},
		"starts in good order": {[]runtime.Object{rollsOut(), waiting("ContainerCreating", "")}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			b, o := newBench(t, c.objects...), web
			if c.objects[0] == runtime.Object(set) {
				o.Kind = "StatefulSet"
			}
			got := Says(b.ctx, b.api, o, began)
			if c.want == "" {
				g.Expect(got).To(BeEmpty())
				return
			}
			g.Expect(got).To(HaveLen(1))
			g.Expect(got[0].String()).To(Equal(c.want))
			g.Expect(got[0].Whose).To(Equal(c.whose))
			g.Expect(got[0].Evicts).To(BeFalse())
			by := map[string]string{"placing": record.ByScheduler, "starting": record.ByKubelet, "waiting": record.ByKubelet, "rolling": record.ByController}
			asked, _, _ := strings.Cut(got[0].Asked, " ")
			g.Expect(got[0].By).To(Equal(by[asked]))
		})
	}
}

// A rollout ends early only where it stands still and somebody says why.
func TestRolloutGivesUp(t *testing.T) {
	leaving := func() *corev1.Pod {
		p := podObject(victim.Name, victim.UID, "worker1")
		p.DeletionTimestamp, p.Finalizers = new(metav1.Now()), []string{"a.b/c"}
		return p
	}
	quota := func() *appsv1.Deployment { return rollsOut(replicaFailure(noQuota)) }
	crash := func() *corev1.Pod { return waiting("CrashLoopBackOff", "back-off 40s restarting failed container") }
	for name, c := range map[string]struct {
		d      *appsv1.Deployment
		pod    *corev1.Pod
		broken bool
		blocks bool
	}{
		"quota":                             {quota(), nil, false, true},
		"quota, for a broken version":       {quota(), nil, true, true},
		"quota, while a Pod makes room":     {quota(), leaving(), false, false},
		"nobody says why":                   {rollsOut(), nil, false, false},
		"the version crashes":               {rollsOut(), crash(), false, true},
		"a gate may be opened yet":          {rollsOut(), gated(), false, false},
		"the version crashes, and is to be": {rollsOut(), crash(), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				objects := []runtime.Object{c.d}
				if c.pod != nil {
					objects = append(objects, c.pod)
				}
				b := newBench(t, objects...)
				ctx, cancel := context.WithTimeout(b.ctx, 100*time.Second)
				defer cancel()
				began := time.Now()
				f := func(ctx context.Context) error { return Rollout{Workload: web}.Inject(ctx, b.Env) }
				if c.broken {
					f = func(ctx context.Context) error {
						return BrokenRollout{Workload: web, Selector: "app=nginx"}.Inject(ctx, b.Env)
					}
				}
				err := f(ctx)
				g.Expect(Blocked(err) != nil).To(Equal(c.blocks), "%v", err)
				g.Expect(time.Since(began) < time.Minute).To(Equal(c.blocks))
				g.Expect(b.states()).To(Equal([]string{record.Injecting}), "what it means is the caller's to say")
			})
		})
	}
}

// A workload that gets on, however slowly, does not stand still.
func TestRolloutThatGetsOnIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		b := newBench(t, rollsOut())
		began := time.Now()
		b.api.PrependReactor("get", "deployments", func(clienttest.Action) (bool, runtime.Object, error) {
			d := rollsOut(replicaFailure(noQuota))
			d.Status.UpdatedReplicas = min(3, int32(time.Since(began)/(25*time.Second)))
			return true, d, nil
		})
		g.Expect(Rollout{Workload: web}.Inject(b.ctx, b.Env)).To(Succeed())
	})
}
