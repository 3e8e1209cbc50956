package gate

import (
	"errors"
	"testing"
	"testing/synctest"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/discovery/fake"
	k8stesting "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// The record opens with what the run is about, and the run knows how all was before it began.
func TestWatchAndStart(t *testing.T) {
	g := NewWithT(t)
	st := newRig(t)
	var run *record.Run
	st.record.Observe(func(e record.Entry) {
		if e.Run != nil {
			run = e.Run
		}
	})
	w := st.Run.Workload()
	st.client.Discovery().(*fake.FakeDiscovery).FakedServerVersion = &version.Info{GitVersion: "v1.35.2", Minor: "35+"}
	replicas := int32(3)
	selector := &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}
	for _, o := range []runtime.Object{
		&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace, Name: w.Name}, Spec: appsv1.DeploymentSpec{Replicas: &replicas, Selector: selector}},
		new(node("w1", corev1.ConditionTrue)), new(node("w2", corev1.ConditionFalse)),
	} {
		g.Expect(st.client.Tracker().Add(o)).To(Succeed())
	}

	g.Expect(st.startWatch(t.Context())).To(Succeed())
	g.Expect(st.noteStart(t.Context())).To(Succeed())
	g.Expect(st.stopWatch(t.Context())).To(Succeed())
	g.Expect(run.Replicas).To(Equal(3))
	g.Expect(run.Workload).To(Equal("Deployment nginx/nginx01"))
	g.Expect(run.Kubernetes).To(Equal("v1.35.2"))
	g.Expect(st.minor).To(Equal(35))
	g.Expect(st.selector).To(Equal("app=web"))
	g.Expect(st.nodes).To(Equal(map[string]bool{"w1": true, "w2": false}))
	g.Expect(st.Run.grace).To(Equal(nodeGrace(nil, 35)))
}

// A service that does not come up is the service's problem, unless the API server is away.
func TestWaitUp(t *testing.T) {
	for name, c := range map[string]struct {
		before  func(*rig)
		err     string
		service bool
	}{
		"nothing is there":      {func(*rig) {}, "reading Deployment nginx/nginx01", true},
		"it says why it stands": {func(st *rig) { st.cannotCreate("exceeded quota: pods") }, "gave up: no progress for 3m0s: ", true},
		"the API server is away": {func(st *rig) {
			st.client.PrependReactor("*", "*", func(k8stesting.Action) (bool, runtime.Object, error) { return true, nil, errors.New("refused") })
		}, "refused", false},
	} {
		t.Run(name, func(t *testing.T) {
			st := newRig(t)
			c.before(st)
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				err := st.waitUp(t.Context())
				g.Expect(err).To(MatchError(ContainSubstring(c.err)))
				_, service := errors.AsType[notUp](err)
				g.Expect(service).To(Equal(c.service))
			})
		})
	}
}

// The load agent's Pod comes up, or says why it does not.
func TestStartInside(t *testing.T) {
	for name, c := range map[string]struct {
		status corev1.PodStatus
		err    string
	}{
		"it comes up": {status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}}},
		"no room":     {status: corev1.PodStatus{Phase: corev1.PodFailed, Reason: "OutOfcpu", Message: "Node didn't have enough resource"}, err: "OutOfcpu: Node didn't have enough resource"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			st := newRig(t)
			st.client.PrependReactor("create", "pods", func(a k8stesting.Action) (bool, runtime.Object, error) {
				pod := a.(k8stesting.CreateAction).GetObject().(*corev1.Pod)
				pod.UID, pod.Status = "agent", c.status
				return false, nil, nil
			})
			agent, err := st.startInside(t.Context(), "control-plane")
			if c.err != "" {
				g.Expect(err).To(MatchError(And(ContainSubstring("hagate-run/load-agent"), ContainSubstring(c.err))))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(agent.Vantage()).To(Equal(record.InCluster))
			g.Expect(st.agentPod).To(Equal("agent"))
			g.Expect(kinds(st.journal)).To(Equal([]string{undoObject}), "the namespace, with what is in it")
		})
	}
}
