package target

import (
	"fmt"
	"slices"
	"strings"

	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// budget is a PodDisruptionBudget of the workload's namespace.
type budget struct {
	manifest
	spec     policyv1.PodDisruptionBudgetSpec
	selector labels.Selector
}

func (t *Target) budgets() (list []budget) {
	for _, m := range t.manifests {
		if m.GetAPIVersion() != "policy/v1" || m.GetKind() != "PodDisruptionBudget" || t.namespace(m) != t.Spec.Workload.Namespace {
			continue
		}
		var p policyv1.PodDisruptionBudget
		if m.into(&p) != nil {
			continue
		}
		if selector, err := metav1.LabelSelectorAsSelector(p.Spec.Selector); err == nil {
			list = append(list, budget{m, p.Spec, selector})
		}
	}
	return list
}

func (b budget) covers(m maker) bool { return b.selector.Matches(labels.Set(m.template.Labels)) }

// covering are the budgets of the workload under test.
func (t *Target) covering() (own maker, list []budget) {
	own, ok := t.workload()
	if !ok {
		return own, nil
	}
	for _, b := range t.budgets() {
		if b.covers(own) {
			list = append(list, b)
		}
	}
	return own, list
}

func (t *Target) checkBudgetMissing(f *file) {
	if own, list := t.covering(); len(list) == 0 && own.replicas > 1 {
		f.warn(own.manifest, nil, []string{"drain-blocked"}, "no PodDisruptionBudget covers its Pods, so a drain may take all of them at once: add one that selects %s, with %s", pairs(own.template.Labels), fmt.Sprintf("maxUnavailable: %d", 1))
	}
}

func (t *Target) checkBudgetIdle(f *file) {
	makers := t.makers()
	for _, b := range t.budgets() {
		idle := true
		for _, m := range makers {
			idle = idle && !b.covers(m)
		}
		if own, ok := t.workload(); ok && idle {
			f.warn(b.manifest, at("spec.selector"), []string{"drain-blocked"}, "selects no Pod of the manifests, and so protects none: give it the labels of %s's Pods (%s)", t.Spec.Workload, pairs(own.template.Labels))
		}
	}
}

// unscaled are the kinds that make Pods and have no scale subresource: for a budget that
// wants a share of all, or names how many may be away, the disruption controller has to ask
// each Pod's maker how many there are to be, and allows nothing where it cannot.
var unscaled = []string{"Job", "CronJob", "DaemonSet"}

// checkBudgetBlocks counts as the disruption controller does, which rounds shares up.
func (t *Target) checkBudgetBlocks(f *file) {
	_, list := t.covering()
	for _, b := range list {
		if least := b.spec.MinAvailable; b.spec.MaxUnavailable != nil || least != nil && least.Type == intstr.String {
			for _, m := range t.makers() {
				if b.covers(m) && slices.Contains(unscaled, m.GetKind()) {
					f.warn(b.manifest, at("spec.selector"), []string{"node-drain"}, "it selects the Pods of %s %s (%s:%d) as well, of which Kubernetes cannot tell how many there are to be, and then it allows no eviction at all: have it select Pods of %s alone", m.GetKind(), m.GetName(), m.file, m.line("metadata"), t.Spec.Workload)
				}
			}
		}
		pods := 0
		for _, m := range t.makers() {
			if b.covers(m) {
				pods += m.replicas
			}
		}
		if v := b.spec.MaxUnavailable; v != nil && scaled(v, pods, true) == 0 {
			f.warn(b.manifest, at("spec.maxUnavailable"), []string{"node-drain"}, "%s, so no Pod may ever be evicted and no node with one be drained: allow 1", v)
		}
		if v := b.spec.MinAvailable; v != nil && scaled(v, pods, true) >= pods {
			f.warn(b.manifest, at("spec.minAvailable"), []string{"node-drain"}, "%s of %d Pods, so none may ever be evicted and no node with one be drained: leave room for one, as %s does", v, pods, "maxUnavailable: 1")
		}
	}
}

func (t *Target) checkBudgetOverlap(f *file) {
	own, list := t.covering()
	if len(list) < 2 {
		return
	}
	var places []string
	for _, b := range list {
		places = append(places, fmt.Sprintf("%s (%s:%d)", b.GetName(), b.file, b.line("spec", "selector")))
	}
	last := list[len(list)-1]
	f.warn(last.manifest, at("spec.selector"), []string{"node-drain", "drain-blocked"}, "%d PodDisruptionBudgets cover the Pods of %s, and the API server refuses to evict a Pod that more than one covers: keep one of %s, or have them select different Pods", len(list), own.GetName(), strings.Join(places, ", "))
}
