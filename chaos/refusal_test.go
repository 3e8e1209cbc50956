package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

const evicting, changing = "eviction of Pod shop/web-1", "changing Deployment shop/web"

func answered(code int32, message string, causes ...metav1.StatusCause) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Status: metav1.StatusFailure, Code: code, Message: message, Details: &metav1.StatusDetails{Causes: causes}}}
}

func budgetCause(message string) metav1.StatusCause {
	return metav1.StatusCause{Type: policyv1.DisruptionBudgetCause, Message: message}
}

// The texts are the API server's, of Kubernetes 1.30 and later.
func TestRefusal(t *testing.T) {
	deployments := schema.GroupResource{Group: "apps", Resource: "deployments"}
	for name, c := range map[string]struct {
		err    error
		asked  string
		whose  string
		object string
	}{
		"a budget allows none": {answered(429, "Cannot evict pod as it would violate the pod's disruption budget.", budgetCause("The disruption budget web needs 3 healthy pods and has 3 currently")),
			evicting, record.WhoseService, "PodDisruptionBudget shop/web"},
		"a budget that cannot be worked out": {answered(429, "Cannot evict pod as it would violate the pod's disruption budget.", budgetCause("The disruption budget web does not allow evicting pods currently because it failed sync: jobs.batch does not implement the scale subresource")),
			evicting, record.WhoseService, "PodDisruptionBudget shop/web"},
		"a budget in words of later": {answered(429, "Cannot evict pod as it would violate the pod's disruption budget."), evicting, record.WhoseService, "Pod shop/web-1"},
		"a budget that nobody looks at": {answered(429, "Cannot evict pod as it would violate the pod's disruption budget.", budgetCause("The disruption budget web is still being processed by the server.")),
			evicting, record.WhoseCluster, "PodDisruptionBudget shop/web"},
		"too many requests": {apierrors.NewTooManyRequests("too many requests, please try again later", 1), evicting, record.WhoseCluster, "Pod shop/web-1"},
		"two budgets": {answered(500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."),
			evicting, record.WhoseService, "Pod shop/web-1"},
		"quota": {apierrors.NewForbidden(deployments, "web", errors.New("exceeded quota: team, requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1")),
			changing, record.WhoseService, "ResourceQuota shop/team"},
		"quota that wants limits": {apierrors.NewForbidden(deployments, "web", errors.New("failed quota: team: must specify limits.cpu for: web")), changing, record.WhoseService, "ResourceQuota shop/team"},
		"admission policy": {answered(422, `deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'replicas' with binding 'all' denied request: at most 5 replicas`),
			changing, record.WhoseService, "ValidatingAdmissionPolicy replicas"},
		"webhook":          {answered(400, `admission webhook "validate.kyverno.svc-fail" denied the request: no latest tag`), changing, record.WhoseService, "admission webhook validate.kyverno.svc-fail"},
		"webhook is away":  {apierrors.NewInternalError(errors.New(`failed calling webhook "a.b": failed to call webhook: Post "x": dial tcp 10.0.0.1:443: connect: connection refused`)), changing, record.WhoseCluster, "Deployment shop/web"},
		"pod security":     {answered(403, `pods "web-1" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true`), changing, record.WhoseService, "Deployment shop/web"},
		"limit range":      {answered(403, `pods "web-1" is forbidden: maximum cpu usage per Container is 1, but limit is 2`), changing, record.WhoseService, "Deployment shop/web"},
		"immutable":        {answered(422, `ConfigMap "conf" is invalid: data: Forbidden: field is immutable when 'immutable' is set`), "changing ConfigMap shop/conf", record.WhoseService, "ConfigMap shop/conf"},
		"not allowed":      {apierrors.NewForbidden(deployments, "web", errors.New(`User "me" cannot patch resource "deployments" in API group "apps" in the namespace "shop"`)), changing, record.WhoseHarness, "Deployment shop/web"},
		"unauthorized":     {apierrors.NewUnauthorized("Unauthorized"), changing, record.WhoseHarness, "Deployment shop/web"},
		"not found":        {apierrors.NewNotFound(deployments, "web"), changing, record.WhoseHarness, "Deployment shop/web"},
		"conflict":         {apierrors.NewConflict(deployments, "web", errors.New("the object has been modified")), changing, record.WhoseHarness, "Deployment shop/web"},
		"unavailable":      {apierrors.NewServiceUnavailable("the server is currently unable to handle the request"), changing, record.WhoseCluster, "Deployment shop/web"},
		"timeout":          {apierrors.NewTimeoutError("etcdserver: request timed out", 1), changing, record.WhoseCluster, "Deployment shop/web"},
		"a node's webhook": {answered(403, `admission webhook "nodes.corp" denied the request: frozen`), "cordoning node worker1", record.WhoseCluster, "admission webhook nodes.corp"},
		"not the target's": {answered(403, `admission webhook "sys.corp" denied the request: frozen`), "changing Deployment kube-system/coredns", record.WhoseCluster, "admission webhook sys.corp"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r, ok := Refusal(fmt.Errorf("%s: %w", c.asked, c.err), c.asked)
			g.Expect(ok).To(BeTrue())
			g.Expect(r.Whose).To(Equal(c.whose), r.Said)
			g.Expect(r.Objects).To(Equal([]string{c.object}))
			g.Expect(r.Asked).To(Equal(c.asked))
			g.Expect(r.Code).NotTo(BeZero())
		})
	}
	_, ok := Refusal(context.DeadlineExceeded, changing)
	NewWithT(t).Expect(ok).To(BeFalse(), "no answer")
}

// Whatever a fault does passes through here: what the API answers for the service's sake is
// no failure of the harness's.
func TestInjectSortsWhatTheAPIAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		blocks bool
		states []string
	}{
		"the service's": {answered(403, `admission webhook "a.b" denied the request: frozen`), true, []string{record.Injecting}},
		"the cluster's": {apierrors.NewServiceUnavailable("away"), false, []string{record.Injecting, record.Failed}},
		"no answer":     {errors.New("broken"), false, []string{record.Injecting, record.Failed}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t, deployment(3))
			b.api.PrependReactor("patch", "deployments", func(clienttest.Action) (bool, runtime.Object, error) { return true, nil, c.err })
			err := Rollout{Workload: web, Victims: []record.Victim{victim}}.Inject(b.ctx, b.Env)
			g.Expect(err).To(MatchError(ContainSubstring(c.err.Error())))
			g.Expect(Blocked(err) != nil).To(Equal(c.blocks), "%v", err)
			g.Expect(b.states()).To(Equal(c.states))
			if r := Blocked(err); r != nil {
				g.Expect(r.Refusals[0].Asked).To(Equal("changing Deployment nginx/nginx01"))
			}
		})
	}
}

func budget(name string, labels map[string]string) *policyv1.PodDisruptionBudget {
	return &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: name}, Spec: policyv1.PodDisruptionBudgetSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}}}
}

// What refused the eviction of the workload's own Pod is the service's; of another's, not.
func TestDrainThatIsRefused(t *testing.T) {
	twice := answered(http.StatusInternalServerError, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
	none := answered(http.StatusTooManyRequests, "Cannot evict pod as it would violate the pod's disruption budget.", budgetCause("The disruption budget web needs 3 healthy pods and has 3 currently"))
	for name, c := range map[string]struct {
		answer func(pod string, asked int) error
		blocks bool
		says   string
	}{
		"two budgets":         {func(pod string, _ int) error { return when(pod == victim.Name, twice) }, true, "(PodDisruptionBudget nginx/all, PodDisruptionBudget nginx/web)"},
		"a budget, for good":  {func(pod string, _ int) error { return when(pod == victim.Name, none) }, true, "(PodDisruptionBudget nginx/web)"},
		"a budget, for a bit": {func(_ string, asked int) error { return when(asked < 4, none) }, false, ""},
		"another's budget":    {func(pod string, _ int) error { return when(pod == "other", none) }, false, "eviction of Pod nginx/other, which is not the workload's"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				own, other := podObject(victim.Name, victim.UID, "worker1"), podObject("other", "uid-other", "worker1")
				other.Labels, other.OwnerReferences[0].UID = nil, "another"
				b := newBench(t, nodeObject("worker1", false), own, other,
					budget("web", map[string]string{"app": "nginx"}), budget("all", nil), budget("elsewhere", map[string]string{"app": "x"}))
				asked := map[string]int{}
				b.evictingBy(func(pod string) error {
					asked[pod]++
					return c.answer(pod, asked[pod])
				})
				ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
				defer cancel()
				err := NodeDrain{Node: "worker1", Victims: []record.Victim{victim}}.Inject(ctx, b.Env)
				g.Expect(Blocked(err) != nil).To(Equal(c.blocks), "%v", err)
				if c.says == "" {
					g.Expect(err).NotTo(HaveOccurred())
				} else {
					g.Expect(err).To(MatchError(ContainSubstring(c.says)))
					said, ok := errors.AsType[*Refused](err)
					g.Expect(ok && said.Refusals[0].Evicts).To(BeTrue())
				}
			})
		})
	}
}

func when(holds bool, err error) error {
	if holds {
		return err
	}
	return nil
}

// The one Pod that the rollout leaves cannot be evicted, and both budgets are named.
func TestRolloutEvictThatIsRefused(t *testing.T) {
	g := NewWithT(t)
	own := podObject(victim.Name, victim.UID, "worker1")
	b := newBench(t, own, budget("web", map[string]string{"app": "nginx"}), budget("all", nil))
	b.evicting(func() error {
		return answered(http.StatusInternalServerError, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
	})
	_, err := RolloutLoss{Rollout: Rollout{Workload: web, Victims: []record.Victim{victim}}, Evict: true}.evict(b.ctx, b.Env)
	g.Expect(Blocked(err)).NotTo(BeNil())
	g.Expect(Blocked(err).Refusals[0].Objects).To(HaveLen(2))
}
